from django.urls import path

from imagegen.billing.pages import plan, settling, views

WORKSPACE = "w/<slug:slug>/billing"
PAID_REQUEST = "billing/parts/<uuid:part_id>"

urlpatterns = [
    path("billing", views.billing, name="billing"),
    path("billing/invoice", views.invoice, name="billing-invoice"),
    path("billing/statement.csv", views.export, name="billing-csv"),
    path(PAID_REQUEST, settling.show_part, name="billing-part"),
    path(WORKSPACE, views.billing, name="workspace-billing"),
    path(f"{WORKSPACE}/invoice", views.invoice, name="workspace-billing-invoice"),
    path(f"{WORKSPACE}/statement.csv", views.export, name="workspace-billing-csv"),
    path(f"{WORKSPACE}/plan", plan.show_plan, name="billing-plan"),
    *(
        path(f"{PAID_REQUEST}/{name}", settling.change_part, {"change": name}, f"billing-{name}")
        for name in settling.ACTIONS
    ),
    *(
        path(f"{WORKSPACE}/plan/{name}", plan.change_plan, {"change": name}, f"billing-{name}")
        for name in plan.ACTIONS
    ),
]

from django.urls import path

from imagegen.assets import views
from imagegen.billing import plan, settling
from imagegen.billing import views as billing

app_name = "imagegen"

STEP_RUN = "w/<slug:slug>/workflows/<uuid:id>/steps/<slug:identifier>/runs/<int:number>"
WORKSPACE_BILLING = "w/<slug:slug>/billing"
PAID_REQUEST = "billing/parts/<uuid:part_id>"

urlpatterns = [
    path(f"{STEP_RUN}/images.zip", views.archive, name="archive"),
    path("files/<str:token>/thumbnail", views.thumbnail, name="thumbnail"),
    path("files/<str:token>/<str:file_name>", views.file, name="file"),
    path("billing", billing.billing, name="billing"),
    path("billing/invoice", billing.invoice, name="billing-invoice"),
    path("billing/statement.csv", billing.export, name="billing-csv"),
    path(PAID_REQUEST, settling.show_part, name="billing-part"),
    path(f"{PAID_REQUEST}/correct", settling.correct, name="billing-correct"),
    path(f"{PAID_REQUEST}/refund", settling.refund, name="billing-refund"),
    path(f"{PAID_REQUEST}/settle", settling.settle, name="billing-settle"),
    path(f"{PAID_REQUEST}/note", settling.note, name="billing-note"),
    path(WORKSPACE_BILLING, billing.billing, name="workspace-billing"),
    path(f"{WORKSPACE_BILLING}/invoice", billing.invoice, name="workspace-billing-invoice"),
    path(f"{WORKSPACE_BILLING}/statement.csv", billing.export, name="workspace-billing-csv"),
    path(f"{WORKSPACE_BILLING}/plan", plan.show_plan, name="billing-plan"),
    path(f"{WORKSPACE_BILLING}/plan/grant", plan.give_grant, name="billing-grant"),
    path(f"{WORKSPACE_BILLING}/plan/cap", plan.set_cap, name="billing-cap"),
    path(f"{WORKSPACE_BILLING}/plan/storage", plan.set_storage, name="billing-storage"),
]

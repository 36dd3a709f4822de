from django.urls import path

from imagegen.assets import views
from imagegen.billing import plan, settling
from imagegen.billing import views as billing
from imagegen.library import changes
from imagegen.library import views as library
from imagegen.provider_keys import views as keys

app_name = "imagegen"

STEP_RUN = "w/<slug:slug>/workflows/<uuid:id>/steps/<slug:identifier>/runs/<int:number>"
WORKSPACE_BILLING = "w/<slug:slug>/billing"
PAID_REQUEST = "billing/parts/<uuid:part_id>"

KEYS = "w/<slug:slug>/keys"
LIBRARY = "w/<slug:slug>/library"

urlpatterns = [
    path(KEYS, keys.provider_keys, name="provider-keys"),
    path(f"{KEYS}/charge-type", keys.save_default_charge_type, name="save-default-charge-type"),
    path(f"{KEYS}/<slug:provider>/store", keys.store_provider_key, name="store-provider-key"),
    path(f"{KEYS}/<slug:provider>/test", keys.test_provider_key, name="test-provider-key"),
    path(f"{KEYS}/<slug:provider>/revoke", keys.revoke_provider_key, name="revoke-provider-key"),
    path(LIBRARY, library.library, name="library"),
    path(f"{LIBRARY}/trash", library.trash, name="library-trash"),
    path(f"{LIBRARY}/delete", changes.delete_assets, name="delete-assets"),
    path(f"{LIBRARY}/restore", changes.restore_assets, name="restore-assets"),
    path(f"{LIBRARY}/restore/<uuid:deletion>", changes.restore_deletion, name="restore-deletion"),
    path(f"{LIBRARY}/images.zip", changes.download_assets, name="download-assets"),
    path(f"{LIBRARY}/<uuid:asset_id>", library.asset, name="library-asset"),
    path(
        f"{LIBRARY}/<uuid:asset_id>/thumbnail",
        library.trashed_thumbnail,
        name="trashed-thumbnail",
    ),
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

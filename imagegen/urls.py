from django.urls import include, path

from imagegen.assets import views
from imagegen.attempts.views import save_run_again
from imagegen.library import changes
from imagegen.library import views as library
from imagegen.operations import views as operations
from imagegen.price_list import views as price_list
from imagegen.provider_keys import views as keys

app_name = "imagegen"

STEP_RUN = "w/<slug:slug>/workflows/<uuid:id>/steps/<slug:identifier>/runs/<int:number>"

KEYS = "w/<slug:slug>/keys"
LIBRARY = "w/<slug:slug>/library"

urlpatterns = [
    path("models", price_list.price_list, name="models"),
    path("operations", operations.operations, name="operations"),
    path("operations/now", operations.operations_now, name="operations-now"),
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
    path(f"{STEP_RUN}/save-again", save_run_again, name="save-again"),
    path("files/<str:token>/thumbnail", views.thumbnail, name="thumbnail"),
    path("files/<str:token>/<str:file_name>", views.file, name="file"),
    path("", include("imagegen.billing.pages.urls")),
]

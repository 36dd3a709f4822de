from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from fetchhive import api, health
from workflows.api.application import no_such_address

handler404 = "workflows.views.not_found.not_found"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin", RedirectView.as_view(pattern_name="admin:index"), name="raw-rows"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    re_path(r"^api/", no_such_address, name="no-such-address"),
    path("", include("imagegen.urls")),
    path("", include("workflows.urls")),
]

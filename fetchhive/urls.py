from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from fetchhive import health

handler404 = "workflows.views.not_found.not_found"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin", RedirectView.as_view(pattern_name="admin:index"), name="raw-rows"),
    path("admin/", admin.site.urls),
    path("", include("imagegen.urls")),
    path("", include("workflows.urls")),
]

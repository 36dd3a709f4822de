from django.urls import include, path

from fetchhive import health

handler404 = "workflows.views.not_found.not_found"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("imagegen.urls")),
    path("", include("workflows.urls")),
]

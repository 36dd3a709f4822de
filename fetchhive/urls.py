from django.urls import include, path

from fetchhive import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("imagegen.urls")),
    path("", include("workflows.urls")),
]

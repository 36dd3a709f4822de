from django.urls import path

from imagegen.assets import views

app_name = "imagegen"

STEP_RUN = "w/<slug:slug>/workflows/<uuid:id>/steps/<slug:identifier>/runs/<int:number>"

urlpatterns = [
    path(f"{STEP_RUN}/images.zip", views.archive, name="archive"),
    path("files/<str:token>/thumbnail", views.thumbnail, name="thumbnail"),
    path("files/<str:token>/<str:file_name>", views.file, name="file"),
]

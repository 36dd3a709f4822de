from django.urls import path

from imagegen.assets import views

app_name = "imagegen"

urlpatterns = [
    path("files/<str:token>/thumbnail", views.thumbnail, name="thumbnail"),
    path("files/<str:token>/<str:file_name>", views.file, name="file"),
]

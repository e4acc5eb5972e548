"""Pages of the library."""

from django.urls import path

from apps.library import views

app_name = "library"
urlpatterns = [path("documents", views.documents, name="documents")]

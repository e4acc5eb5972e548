"""How a person gets into a workspace host, and out."""

from django.urls import path

from apps.accounts.views import entry

app_name = "entry"
urlpatterns = [
    path("hand-off", entry.arrive, name="arrive"),
    path("leave", entry.leave, name="leave"),
]

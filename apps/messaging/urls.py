"""Pages of messaging on a workspace host."""

from django.urls import path

from apps.messaging import views

app_name = "messaging"
urlpatterns = [
    path("notices", views.notices, name="notices"),
    path("notices/read", views.read_all, name="read_all"),
    path("notices/<int:notice>/read", views.read, name="read"),
    path("settings/notifications", views.preferences, name="preferences"),
    path("approvals/<slug:approval>", views.approval, name="approval"),
]

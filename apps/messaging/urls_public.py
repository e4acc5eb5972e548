"""Staff pages beside Django's own: sign-in as everywhere else, and the runs of one workspace."""

from django.contrib import admin
from django.urls import path

from apps.messaging import views

urlpatterns = [
    path("login/", views.staff_login),
    path("runs/", admin.site.admin_view(views.staff_runs), name="staff_runs"),
]

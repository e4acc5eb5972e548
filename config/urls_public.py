"""The apex: sign-in, the workspace chooser, staff."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

handler404 = "apps.accounts.middleware.not_found"
urlpatterns = [
    path("", include("apps.accounts.urls_public")),
    path("", include("allauth.account.urls")),
    path("staff/", admin.site.urls),
    path("language", set_language, name="set_language"),
]

"""A workspace host."""

from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

handler404 = "apps.accounts.middleware.not_found"
urlpatterns = [
    path("", RedirectView.as_view(url="/research")),
    path("admin", RedirectView.as_view(url="/research")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.research.urls")),
    path("", include("apps.library.urls")),
    path("language", set_language, name="set_language"),
]

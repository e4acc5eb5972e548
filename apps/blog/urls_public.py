"""The editors' pages and the pictures; the pages of the site answer what nothing else does (`site`)."""

from csp.decorators import csp_replace
from django.conf import settings
from django.urls import include, path, re_path
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.generic import RedirectView
from wagtail.admin import urls as cms
from wagtail.utils.urlpatterns import decorate_urlpatterns

from apps.accounts.middleware import not_found
from apps.blog import views

# Wagtail's editor writes styles and scripts into its pages, and shows a page in a frame of its own.
LOOSER = {
    "script-src": ["'self'", "'unsafe-inline'"], "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"], "frame-ancestors": ["'self'"], "form-action": ["'self'"],
}  # fmt: skip
decorate_urlpatterns(cms.urlpatterns, csp_replace(LOOSER))
decorate_urlpatterns(cms.urlpatterns, xframe_options_sameorigin)
# People, roles and sign-in are not the editors'.
CLOSED = ("users", "groups", "account", "password_reset", "locales", "collections", "sites", "documents")

urlpatterns = [
    path("cms/login/", RedirectView.as_view(url="/login/?next=/cms/")),
    path("cms/logout/", RedirectView.as_view(url="/logout/")),
    *(re_path(rf"^cms/{name}(?:/|$)", not_found) for name in CLOSED),
    path("cms/", include(cms)),
    path("blog/feed.atom", views.feed, name="feed"),
    path("status", views.status, name="status"),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", views.picture, name="picture"),
]
site = [re_path(r"^(?P<path>[\w/-]*)$", views.page, name="wagtail_serve")]

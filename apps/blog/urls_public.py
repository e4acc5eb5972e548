"""The editors' pages and the pictures; the pages of the site answer what nothing else does (`site`)."""

from csp.decorators import csp_replace
from django.urls import include, path, re_path
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.generic import RedirectView
from wagtail.admin import urls as cms
from wagtail.utils.urlpatterns import decorate_urlpatterns

from apps.accounts.middleware import not_found
from apps.blog.views import machines, pages, pictures

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
    path("blog/feed.atom", machines.feed, name="feed"),
    path("sitemap.xml", machines.sitemap_index, name="sitemaps"),
    path("sitemap-<slug:language>.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
    path("llms.txt", machines.llms, name="llms"),
    path(".well-known/security.txt", machines.security, name="security_txt"),
    path("status", pages.status, name="status"),
    path("media/social/<int:page>-<slug:mark>.png", pictures.card, name="card"),
    path("media/<path:path>", pictures.picture, name="picture"),
]
site = [
    re_path(r"^(?P<path>[\w/-]+)\.md$", machines.twin, name="twin"),
    re_path(r"^(?P<path>[\w/-]*)$", pages.page, name="wagtail_serve"),
]

"""The public site: Wagtail on the apex, in the shared schema. Nothing of it asks another host for anything."""

import os

SITE_APPS = [
    "apps.blog",
    "wagtail.contrib.redirects",
    "wagtail.contrib.typed_table_block",
    "wagtail.users",
    "wagtail.snippets",
    # Nobody may add a document: Wagtail's own pages ask for the app to be there.
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtail_localize",
    "modelcluster",
    "taggit",
]
# One migration of ours makes the tables of each: Wagtail's own history takes 17 s to render (docs/adr/0026).
SITE_MIGRATIONS = {
    label: f"apps.blog.migrations.{label}"
    for label in (
        "wagtailcore", "wagtailadmin", "wagtailimages", "wagtailusers", "wagtailredirects", "wagtailsearch",
        "wagtaildocs", "wagtail_localize", "taggit",
    )
}  # fmt: skip

WAGTAIL_SITE_NAME = "Footnote"
WAGTAILADMIN_BASE_URL = os.environ.get("FOOTNOTE_PUBLIC_ORIGIN", "http://localhost:8000")
WAGTAIL_APPEND_SLASH = False
WAGTAIL_I18N_ENABLED = True
# Editors sign in where everybody does, and change themselves there too.
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
# What would ask another host.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILEMBEDS_FINDERS: list[dict] = []

WAGTAILIMAGES_IMAGE_MODEL = "blog.Picture"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 8 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
MEDIA_URL = "/media/"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "english"}}
TAGGIT_CASE_INSENSITIVE = True

# Whom to tell of a hole, at /.well-known/security.txt: an address that begins with mailto: or https:.
SECURITY_CONTACT = os.environ.get("FOOTNOTE_SECURITY_CONTACT") or f"{WAGTAILADMIN_BASE_URL}/security"

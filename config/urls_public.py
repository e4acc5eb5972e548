"""The apex: sign-in, the workspace chooser, staff."""

from allauth.account.decorators import secure_admin_login
from allauth.urls import build_provider_urlpatterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts.views import person
from apps.blog import urls_public as blog
from apps.blog.views.pages import page
from apps.research.views import styleguide

# Sign-in's own tables and Stripe's mirror hold secrets (tokens, second factors, a webhook's): staff have no page for
# them. The site's are edited at /cms/.
HIDDEN = {"account", "mfa", "socialaccount", "djstripe", "taggit", "wagtaildocs", "wagtailimages"}
for model in [model for model in admin.site._registry if model._meta.app_label in HIDDEN]:
    admin.site.unregister(model)

# Staff sign in where everybody does: with limits, and with a second factor where one is set.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
handler400 = "apps.accounts.middleware.bad_request"
handler403 = "apps.accounts.middleware.no_permission"
handler404 = "apps.accounts.middleware.not_found"
handler500 = "apps.accounts.middleware.broken"
urlpatterns = [
    path("", page, name="home"),
    path("", include("apps.accounts.urls_public")),
    path("", include("apps.research.urls_public")),
    path("", include("allauth.account.urls")),
    # The page of allauth.mfa at this address gives way to ours, which shows passwords and accounts too.
    path("settings/security/", person.security, name="security"),
    path("settings/security/webauthn/", RedirectView.as_view(pattern_name="security")),
    path("settings/security/", include("allauth.mfa.urls")),
    path("settings/accounts/", include("allauth.socialaccount.urls")),
    *build_provider_urlpatterns(),
    path("", include("apps.policy.urls_public")),
    path("", include("apps.billing.urls_public")),
    path("staff/", include("apps.messaging.urls_public")),
    path("staff/", admin.site.urls),
    path("styleguide", styleguide.public_styleguide, name="styleguide"),
    path("language", person.language, name="set_language"),
    path("", include(blog)),
    # Last: the site's pages may have any address that is left.
    *blog.site,
]

"""A workspace host."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts.views import person

handler400 = "apps.accounts.middleware.bad_request"
handler403 = "apps.accounts.middleware.no_permission"
handler404 = "apps.accounts.middleware.not_found"
handler500 = "apps.accounts.middleware.broken"
urlpatterns = [
    path("", RedirectView.as_view(url="/research")),
    path("admin", RedirectView.as_view(url="/research")),
    path("", include("apps.accounts.urls")),
    # Before research: an approval's page also answers the signed links of mail.
    path("", include("apps.messaging.urls")),
    path("", include("apps.research.urls")),
    path("", include("apps.library.urls")),
    path("", include("apps.monitors.urls")),
    path("", include("apps.memory.urls")),
    path("", include("apps.billing.urls")),
    path("", include("apps.policy.urls")),
    path("language", person.language, name="set_language"),
]

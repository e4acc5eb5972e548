"""The pages of a person on the apex: profile, security, where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from apps.accounts import queries
from apps.accounts.actions import profile as actions
from apps.accounts.actions import sessions
from apps.accounts.forms import ProfileForm
from apps.accounts.queries import HostRow
from apps.accounts.requests import HostRequest, PersonRequest
from apps.accounts.views import agents
from apps.lib.errors import ProductError

YEAR = 31_536_000


@login_required
@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """Lead to the profile."""
    return HttpResponseRedirect(reverse("accounts:profile"))


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    """Show and save name, language and colours."""
    user = request.user
    form = ProfileForm(
        request.POST or None, initial={"name": user.name, "language": user.language, "theme": user.theme}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.change(by=user.pk, **form.cleaned_data)
            except ProductError as error:
                form.add_error(None, error.sentence)
            else:
                return _saved(request, form.cleaned_data["language"], form.cleaned_data["theme"])
    return _page(request, "settings/profile.html", {"form": form}, status)


def _saved(request: PersonRequest, language: str, theme: str) -> HttpResponse:
    """Go back to the page in the new language; the cookies say what was chosen."""
    if language:
        translation.activate(language)
    messages.success(request, _("Saved."))
    response = HttpResponseRedirect(reverse("accounts:profile"))
    keep_choices(response, language, theme)
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    if not theme:
        response.delete_cookie("theme")
    return response


def keep_choices(response: HttpResponse, language: str, theme: str) -> None:
    """Set the cookies of language and theme on this host; streams and the first paint read them."""
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("theme", theme)):
        if value:
            # The switch of the theme writes its cookie in the browser: it can't be hidden from scripts.
            response.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=name != "theme",
            )  # fmt: skip


def language(request: HostRequest) -> HttpResponse:
    """Set the language of this browser, and of the person where somebody has signed in."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.method == "POST" and request.user.pk and chosen in dict(settings.LANGUAGES):
        actions.choose_language(by=request.user.pk, language=chosen)
    return response


@login_required
@require_safe
def security(request: PersonRequest) -> HttpResponse:
    """Show how this person signs in: password, passkeys, app, recovery codes, connected accounts."""
    context: dict[str, Any] = {
        "has_password": request.user.has_usable_password(),
        "found": queries.security_of(request.user.pk),
        "providers": get_adapter().list_providers(request),
    }
    return _page(request, "settings/security.html", context)


@dataclass(frozen=True, slots=True)
class Browser:
    """A sign-in as the page shows it."""

    id: int
    name: str
    address: str
    created_at: datetime
    seen_at: datetime
    current: bool
    hosts: tuple[HostRow, ...]


@login_required
@require_safe
def signed_in(request: PersonRequest) -> HttpResponse:
    """List where this person is signed in."""
    return _sessions(request)


@login_required
@require_POST
def end(request: PersonRequest, sign_in: int) -> HttpResponse:
    """End one sign-in; one's own ends like signing out."""
    try:
        sessions.end(by=request.user.pk, sign_in=sign_in)
    except ProductError as error:
        return _sessions(request, error.sentence, error.status)
    if sign_in == request.session.get(sessions.KEY):
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))
    messages.success(request, _("Signed out there."))
    return HttpResponseRedirect(reverse("accounts:sessions"))


@login_required
@require_POST
def end_others(request: PersonRequest) -> HttpResponse:
    """End every sign-in but this one."""
    sessions.end_others(by=request.user.pk, keep=request.session.get(sessions.KEY))
    messages.success(request, _("Signed out everywhere else."))
    return HttpResponseRedirect(reverse("accounts:sessions"))


def _sessions(request: PersonRequest, problem: str = "", status: int = 200) -> HttpResponse:
    own = request.session.get(sessions.KEY)
    rows = [
        Browser(row.id, agents.name(row.agent), row.address, row.created_at, row.seen_at, row.id == own, row.hosts)
        for row in queries.sign_ins_of(request.user.pk)
    ]
    rows.sort(key=lambda row: not row.current)
    return _page(request, "settings/sessions.html", {"rows": rows, "problem": problem}, status)


def _page(request: PersonRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, context, status=status)

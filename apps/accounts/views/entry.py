"""From the apex into a workspace host, and out again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from apps.accounts.actions import sessions, welcome
from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest, PersonRequest, WorkspaceRequest
from apps.accounts.views import addresses, person

# What these pages of the apex become on a workspace's host.
FUNNEL = {"research": "/research", "admin": "/research", "billing": "/billing"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the workspaces; signing in comes before them, and the page that was asked for after them."""
    page = FUNNEL.get(request.path.strip("/"), "")
    return HttpResponseRedirect(reverse("accounts:workspaces") + (f"?{urlencode({'to': page})}" if page else ""))


@login_required
@require_GET
def enter(request: PersonRequest, slug: str) -> HttpResponse:
    """Hand the sign-in over to a workspace host; a stranger gets 404 like for a workspace that is not there."""
    ticket = sessions.hand_off(by=request.user.pk, slug=slug, sign_in=request.session.get(sessions.KEY))
    to = request.GET.get("to", "/research")
    query = urlencode({"ticket": ticket, "to": to if addresses.is_local(to) else "/research"})
    return HttpResponseRedirect(f"{addresses.origin(slug)}/hand-off?{query}")


@require_GET
def arrive(request: WorkspaceRequest) -> HttpResponse:
    """Spend the ticket on the workspace host and go on to where the person wanted to be."""
    user, request.arrived_from = sessions.accept_hand_off(
        ticket=request.GET.get("ticket", ""), schema=request.workspace.schema
    )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    to = request.GET.get("to", "")
    response = HttpResponseRedirect(to if addresses.is_local(to) else "/research")
    person.keep_choices(response, user.language or request.workspace.language, user.theme)
    return response


@require("belong")
@require_POST
def dismiss_welcome(request: MemberRequest) -> HttpResponse:
    """Show the first steps to this person no more."""
    welcome.dismiss(by=request.user.pk, schema=request.member.schema)
    return HttpResponseRedirect("/research")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session of this workspace host, then offer to sign out on the apex."""
    logout(request)
    return HttpResponseRedirect(addresses.apex("/logout/"))

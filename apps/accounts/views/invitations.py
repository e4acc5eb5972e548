"""The page of an invitation, on the apex."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.actions import invitations
from apps.accounts.forms import ROLE_HINTS, ROLE_NAMES
from apps.accounts.requests import HostRequest
from apps.lib.errors import Conflict, NotFound, ProductError


@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is offered and by whom; who has not signed in may do so, or sign up."""
    return _page(request, token)


@require_POST
def accept(request: HostRequest, token: str) -> HttpResponse:
    """Join, and go on into the workspace; nobody in particular is sent back to the offer."""
    if request.user.pk is None:
        return HttpResponseRedirect(reverse("accounts:join", args=[token]))
    try:
        space = invitations.accept(by=request.user.pk, token=token, confirmed=request.POST.get("confirmed") == "on")
    except (Conflict, NotFound, invitations.Spent) as error:
        return _page(request, token, status=error.status)
    except ProductError as error:
        return _page(request, token, problem=error.sentence, status=error.status)
    return HttpResponseRedirect(reverse("accounts:enter", args=[space.slug]))


def _page(request: HttpRequest, token: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    try:
        offer = invitations.look(token=token, person=request.user.pk)
    except (NotFound, invitations.Spent) as error:
        return render(request, "accounts/join.html", {"sentence": error.sentence}, status=error.status)
    after = urlencode({"next": request.path.removesuffix("/accept")})
    email = urlencode({"email": offer.email})
    context = {
        "offer": offer, "role": ROLE_NAMES[offer.role], "hint": ROLE_HINTS[offer.role], "problem": problem,
        "token": token, "other": request.user.is_authenticated and request.user.email != offer.email,
        "login_url": f"{reverse('account_login')}?{after}",
        "signup_url": f"{reverse('account_signup')}?{after}&{email}",
    }  # fmt: skip
    return render(request, "accounts/join.html", context, status=status)

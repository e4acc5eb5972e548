"""Signing in at a server of tools: Connect, the page in between, and the address that a person comes back to.

Nothing here asks another machine: rows say what the gate is to do, and what it found.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.accounts.views import addresses, layout
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.policy.registry import listing, sign_ins
from apps.policy.registry.listing import ListedServer
from apps.policy.registry.sign_ins import SignIn

HELD = "tool_sign_in"  # of the session: id and state of the sign-in that was begun last


@dataclass(frozen=True, slots=True)
class Door:
    """Where a person signs in. address: with their own state; empty for everybody else."""

    host: str
    address: str


@require_POST
@require("settings")
def connect(request: MemberRequest, server: str) -> HttpResponse:
    """Begin to sign in at a server; the gate finds out where."""
    id, state = sign_ins.begin(by=request.member.person, server=server, redirect=_redirect(request, server))
    request.session[HELD] = [id, state]
    return HttpResponseRedirect(reverse("policy:sign_in", args=[server]))


@require_safe
@require("settings")
def sign_in(request: MemberRequest, server: str) -> HttpResponse:
    """How far it is: looking for the door, the door, what came of it."""
    found = listing.server(server)
    if found is None:
        raise NotFound(_("There is no such server."))
    made = sign_ins.latest(server)
    context = {
        "server": found, "made": made, "door": _door(request, made) if made else None,
        "wait": bool(made and made.stage in {"asked", "returned", "spent"}), "steps": _steps(found, made),
    }  # fmt: skip
    return layout.show(request, "policy/sign_in.html", context)


@require_safe
@require("settings")
@sensitive_variables()
def callback(request: MemberRequest, server: str) -> HttpResponse:
    """Take what the authorization server sent the person back with, once, and hand it on."""
    id, state = request.session.get(HELD) or ("", "")
    try:
        if not id or not state:
            raise Invalid(_("This sign-in was not begun here. Press Connect and begin anew."))
        sign_ins.come_back(
            by=request.member.person, server=server, id=id, state=request.GET.get("state", ""),
            code=request.GET.get("code", ""), issuer=request.GET.get("iss", ""), error=request.GET.get("error", ""),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        messages.error(request, error.sentence)
        return HttpResponseRedirect(reverse("policy:tools"))
    del request.session[HELD]
    return HttpResponseRedirect(reverse("policy:sign_in", args=[server]))


@require_POST
@require("settings")
def sign_out(request: MemberRequest, server: str) -> HttpResponse:
    """Erase the tokens of a server."""
    sign_ins.sign_out(by=request.member.person, server=server)
    messages.success(request, _("Signed out: its tokens are erased here, and its next call is refused."))
    return HttpResponseRedirect(reverse("policy:tools") + f"#server-{server}")


def _redirect(request: MemberRequest, server: str) -> str:
    return addresses.origin(request.member.slug) + reverse("policy:sign_in_callback", args=[server])


def _door(request: MemberRequest, made: SignIn) -> Door | None:
    """Return the way to the authorization server, for the session that began this sign-in alone."""
    if made.stage != "ready":
        return None
    id, state = request.session.get(HELD) or ("", "")
    own = id == made.id and made.by == request.member.person
    return Door(urlsplit(made.address).netloc, f"{made.address}&{urlencode({'state': state})}" if own else "")


def _steps(server: ListedServer, made: SignIn | None) -> str:
    """Return what the page says: asked, ready, returned, done, failed, late, or begin where nothing is under way."""
    if made is None or (made.stage == "done" and not server.credential):
        return "begin"
    return "returned" if made.stage == "spent" else made.stage

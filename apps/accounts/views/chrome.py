"""What is around every page of a workspace: the top bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as once
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts import queries, rules
from apps.accounts.actions import welcome
from apps.accounts.requests import MemberRequest, PersonRequest
from apps.accounts.views import addresses, layout
from apps.lib import ports

# Upper rooms say what is waiting and what is left: {"credits": int} and {"waiting": int}.
figures = ports.declare("accounts.figures", many=True)


@dataclass(frozen=True, slots=True)
class WorkspaceLink:
    name: str
    url: str
    role: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class TopBar:
    """`current` names the part of the product that the page belongs to."""

    workspace: str
    current: str
    person: str
    email: str
    credits: int
    waiting: int
    workspaces: tuple[WorkspaceLink, ...]
    chooser_url: str
    logout_url: str
    language_url: str
    may_read: bool = True
    may_ask: bool = True


PARTS = {
    "/settings": "settings", "/policies": "settings", "/billing": "settings", "/approvals": "approvals",
    "/datasets": "datasets", "/memory": "memory", "/notices": "notices", "/monitors": "monitors",
}  # fmt: skip


def chrome(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """Offer to templates what is made where one first asks for it, once a page.

    That is `bar`, `unconfirmed` and `welcome` in a workspace, `own_groups` and `unconfirmed` on the apex.
    """
    if member := getattr(request, "member", None):
        return {
            "bar": once(lambda: _bar(cast(MemberRequest, request))),
            "unconfirmed": lambda: not member.confirmed,
            "email_url": lambda: addresses.apex("/email/"),
            "welcome": once(lambda: welcome.of(member)),
        }
    if getattr(request, "workspace", None) is not None or not getattr(request, "user", AnonymousUser()).pk:
        return {}
    person = cast(PersonRequest, request)
    return {
        "own_groups": once(lambda: layout.own_groups(person)),
        "unconfirmed": once(lambda: not queries.is_confirmed(person.user.pk)),
    }


def _bar(request: MemberRequest) -> TopBar:
    member = request.member
    known: dict[str, int] = {}
    for answer in figures(member=member):
        known |= answer
    current = next((part for path, part in PARTS.items() if request.path.startswith(path)), "research")
    return TopBar(
        workspace=member.workspace, current=current, person=member.name, email=member.email,
        credits=known.get("credits", 0), waiting=known.get("waiting", 0),
        workspaces=tuple(
            WorkspaceLink(
                row.name, addresses.origin(row.slug) + _first_page(row.role), row.role, row.slug == member.slug
            )  # fmt: skip
            for row in request.workspaces
        ),
        chooser_url=addresses.apex("/workspaces"), logout_url="/leave", language_url=reverse("set_language"),
        may_read=member.may("read"), may_ask=member.may("research"),
    )  # fmt: skip


def _first_page(role: str) -> str:
    """Return where somebody with this role begins: who may not read has nothing but settings."""
    return "/research" if rules.may(role, "read") else "/settings"

"""What is around every page of a workspace: the top bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.requests import MemberRequest
from apps.accounts.views import addresses
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


PARTS = {"/approvals": "approvals", "/documents": "documents"}


def chrome(request: HttpRequest) -> dict[str, Callable[[], TopBar] | Any]:
    """Offer `bar` to templates, made only where a template asks for it."""
    return {"bar": lambda: _bar(cast(MemberRequest, request))} if getattr(request, "member", None) else {}


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
            WorkspaceLink(row.name, addresses.origin(row.slug) + "/research", row.role, row.slug == member.slug)
            for row in request.workspaces
        ),
        chooser_url=addresses.apex("/workspaces"), logout_url="/leave", language_url=reverse("set_language"),
    )  # fmt: skip

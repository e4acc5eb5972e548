"""The style guide: every component in every state, in both themes. For development and staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import get_urlconf, set_urlconf
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import HostRequest, MemberRequest
from apps.research.views.specimens import Specimen, specimens

THEMES = ("light", "dark")
_NAMED = re.compile(
    r'(\s(?:id|for|name|list|form|popovertarget|aria-(?:labelledby|describedby|controls)|href)=")(#?)([\w -]+)"'
)


@dataclass(frozen=True, slots=True)
class Side:
    """A specimen in one theme; `target` is the id of what a button opens."""

    theme: str
    html: SafeString
    target: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A specimen with its state, in both themes."""

    state: str
    frame: str
    wide: bool
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """A component by the name of its file, in all its states."""

    name: str
    shown: tuple[Shown, ...]


def is_open(request: HttpRequest) -> bool:
    """Say whether this visitor may see the style guide."""
    return settings.DEBUG or settings.FOOTNOTE_STYLEGUIDE or getattr(request.user, "is_staff", False)


@require_safe
@require("read")
def styleguide(request: MemberRequest) -> HttpResponse:
    """The style guide on a workspace's host."""
    return _page(request)


@require_safe
def public_styleguide(request: HostRequest) -> HttpResponse:
    """The style guide on the apex; where only staff may see it, sign in first."""
    if not is_open(request) and not request.user.is_authenticated:
        return redirect("account_login")
    return _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    if not is_open(request):
        raise Http404
    with _workspace_addresses():
        shown = [(each.component, _show(request, each, number)) for number, each in enumerate(specimens())]
    components = tuple(
        Component(name, tuple(each for _name, each in group))
        for name, group in groupby(shown, key=lambda pair: pair[0])
    )
    return render(request, "styleguide.html", {"components": components})


@contextmanager
def _workspace_addresses() -> Iterator[None]:
    """Resolve names as on a workspace's host: components link to its pages."""
    before = get_urlconf()
    set_urlconf(settings.ROOT_URLCONF)
    try:
        yield
    finally:
        set_urlconf(before)


def _show(request: HttpRequest, specimen: Specimen, number: int) -> Shown:
    sides = tuple(_side(request, specimen, f"-{number}-{theme}", theme) for theme in THEMES)
    return Shown(specimen.state, specimen.frame, specimen.wide, sides)


def _side(request: HttpRequest, specimen: Specimen, suffix: str, theme: str) -> Side:
    drawn = render_to_string(f"components/{specimen.component}.html", specimen.context, request=request)
    html = _renamed(drawn, suffix)
    if specimen.frame != "popover":
        return Side(theme, mark_safe(html))
    html = html.replace("<dialog id", "<dialog popover id", 1)
    found = re.search(r'id="([^"]+)"', html)
    return Side(theme, mark_safe(html), found[1] if found else "")


def _renamed(html: str, suffix: str) -> str:
    """Give every id of a specimen, and what refers to it, an end of its own: the page holds many of the same."""

    def rename(match: re.Match[str]) -> str:
        start, mark, names = match.groups()
        if start.strip().startswith("href") and not mark:
            return match[0]
        return f'{start}{mark}{" ".join(name + suffix for name in names.split())}"'

    return _NAMED.sub(rename, html)

"""What is around every settings page: the list of pages beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest, PersonRequest
from apps.accounts.views import addresses
from apps.lib import ports


class SettingsPage(NamedTuple):
    """A page of the settings on a workspace's host. url: a name of a URL, or a path that begins with a slash."""

    url: str
    label: str
    group: str


# Rooms say which settings pages they have: each binding takes `member` (queries.Member) and returns a SettingsPage,
# or None where this member has nothing to see there. Pages of one group stand together, in the order of binding.
settings_pages = ports.declare("accounts.settings_pages", many=True)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    links: tuple[Link, ...]


def groups(request: MemberRequest) -> list[Group]:
    """Return the pages that this member may see, by group, then the pages of the person on the apex."""
    found: dict[str, list[Link]] = {}
    for page in settings_pages(member=request.member):
        if page is not None:
            url = _path(page.url)
            found.setdefault(str(page.group), []).append(Link(str(page.label), url, request.path == url))
    own = found.pop(_("You"), [])
    found[_("You")] = own + [Link(label, addresses.apex(path)) for label, path in _own_pages()]
    return [Group(label, tuple(links)) for label, links in found.items()]


def own_groups(request: PersonRequest) -> list[Group]:
    """Return the pages of the person on the apex."""
    links = (Link(label, path, request.path.rstrip("/") == path.rstrip("/")) for label, path in _own_pages())
    return [Group(_("You"), tuple(links))]


def _own_pages() -> list[tuple[str, str]]:
    return [
        (_("Profile"), "/settings/profile"),
        (_("E-mail address"), "/email/"),
        (_("Sign-in and security"), "/settings/security/"),
        (_("Where you are signed in"), "/settings/sessions"),
        (_("Your data"), "/settings/data"),
    ]


def _path(url: str) -> str:
    if url.startswith("/"):
        return url
    try:
        return reverse(url)
    except NoReverseMatch as error:
        raise LookupError(f"no URL is called {url}: a settings page names one of a workspace's host") from error


def show(request: MemberRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a settings page of a workspace with the list of pages beside it."""
    return render(request, template, {"groups": groups(request), **context}, status=status)


@require("belong")
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    """Lead to the first settings page that this member may see."""
    return HttpResponseRedirect(groups(request)[0].links[0].url)

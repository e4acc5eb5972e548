"""What the pages of the site need beside themselves."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from apps.accounts import tenancy
from apps.runtime import dispatch

# The number of the scheduler's lock.
SCHEDULER = 0x466F6F74


@dataclass(frozen=True, slots=True)
class NavLink:
    """A page of the first level. current: the page that is shown is this one or below it."""

    title: str
    url: str
    current: bool = False


def links(path: str) -> list[NavLink]:
    """List the pages that stand in the menu, for a path of the site."""
    root = _root(path)
    if root is None:
        return []
    rows = root.get_children().live().in_menu().specific().select_related("locale")
    found = [(row.title, row.get_url() or "") for row in rows]
    return [NavLink(title, url, path == url or path.startswith(f"{url}/")) for title, url in found]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation. works: None where this installation has none."""

    name: str
    about: str
    works: bool | None


def parts() -> list[Part]:
    """Ask each part whether it answers. That this is answered at all says that pages and database do."""
    return [
        Part(_("Pages and database"), _("Reading, signing in, asking"), True),
        Part(_("Queue"), _("Runs begin at once; without it the scheduler works them one at a time"), _queue()),
        Part(_("Scheduler"), _("What is due, mail, publishing"), tenancy.is_locked(SCHEDULER)),
    ]


def _queue() -> bool | None:
    return bool(dispatch.alive()) if dispatch.mode() == "dramatiq" else None


def is_seeded() -> bool:
    """Tell whether there is a site."""
    return Site.objects.filter(is_default_site=True).exists()


def _root(path: str) -> Page | None:
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        return None
    root: Page = site.root_page
    code = path.strip("/").split("/")[0]
    if code in dict(settings.LANGUAGES) and code != settings.LANGUAGE_CODE:
        root = Page.objects.filter(translation_key=root.translation_key, locale__language_code=code).first() or root
    return root

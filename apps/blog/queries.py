"""What the pages of the site need beside themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from apps.accounts import tenancy
from apps.blog.models.base import language_of
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
    rows = root.get_children().live().in_menu().specific()
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


@dataclass(frozen=True, slots=True)
class Alternate:
    """A page in one of its languages. url: whole."""

    language: str
    url: str


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A published page. kind: its model's name. alternates: all its languages, where there is more than one."""

    title: str
    url: str
    about: str
    kind: str
    language: str
    changed_at: datetime | None
    alternates: tuple[Alternate, ...] = ()


def published() -> list[PublicPage]:
    """List every published page of the site, in the order of the tree. Two queries a kind of page at most."""
    found = list(_every())
    languages: dict[object, list[Alternate]] = {}
    for page in found:
        languages.setdefault(page.translation_key, []).append(_alternate(page))
    return [
        PublicPage(
            page.title, page.full_url, page.about, type(page).__name__, language_of(page.locale_id),
            page.last_published_at, _several(languages[page.translation_key]),
        )
        for page in found
    ]  # fmt: skip


def alternates(page: Page) -> tuple[Alternate, ...]:
    """List the languages in which a page is published; none where it is but one."""
    return tuple(Alternate(*each) for each in getattr(page, "languages", ()))


def card_words(page: Page) -> tuple[str, str]:
    """Return what stands on the picture for links to a page: its title, and the page above it."""
    parent = page.get_parent()
    title = getattr(page, "claim", "") or page.title
    return title, parent.title if parent and parent.depth > 2 else ""


def _every() -> Iterator[Page]:
    for root in (page for page in Page.objects.filter(depth=2).live().specific() if hasattr(page, "about")):
        yield from root.get_descendants(inclusive=True).live().specific()


def _alternate(page: Page) -> Alternate:
    return Alternate(language_of(page.locale_id), page.full_url)


def _several(found: list[Alternate]) -> tuple[Alternate, ...]:
    return tuple(sorted(found, key=lambda each: each.language)) if len(found) > 1 else ()


def _root(path: str) -> Page | None:
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        return None
    root: Page = site.root_page
    code = path.strip("/").split("/")[0]
    if code in dict(settings.LANGUAGES) and code != settings.LANGUAGE_CODE:
        root = Page.objects.filter(translation_key=root.translation_key, locale__language_code=code).first() or root
    return root

"""The guides of docs/how-to as pages: made, and made anew when the guide changes, unless somebody edited the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from wagtail.models import Page

from apps.blog.actions import planting, writing
from apps.blog.models import DocIndex, DocPage

GUIDES = ("member", "owner", "marketer", "staff", "operator", "developer")


@dataclass(slots=True)
class Brought:
    """Paths of pages: renewed from their guide, kept as an editor left them, taken down because the guide has none."""

    renewed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def bring(home: Page, *, names: Sequence[str] = GUIDES) -> Brought:
    """Bring the guides to the site, a page a section."""
    index = planting.add(home, DocIndex(
        title="Docs", slug="docs", lead="For whoever asks, decides, edits, runs or changes Footnote.",
        show_in_menus=True, search_description="Guides for members, owners, marketers, staff, operators, developers.",
    ))  # fmt: skip
    done = Brought()
    for name in names:
        path = settings.BASE_DIR / "docs" / "how-to" / f"{name}.md"
        if path.exists():
            _guide(index, name, writing.read_guide(path, guides=frozenset(names)), done)
    return done


def _guide(index: Page, name: str, guide: writing.Guide, done: Brought) -> None:
    top = _put(index, guide.title, name, guide.opening, guide.about, done)
    slugs = {writing.address(title) for title in guide.sections}
    for title, body in guide.sections.items():
        about = writing.summary(body) or f"{guide.title}: {title}"
        _put(top, title, writing.address(title), body, about, done)
    for page in DocPage.objects.child_of(top).live().exclude(source_hash="").exclude(slug__in=slugs):
        if _is_edited(page):
            done.kept.append(page.url)
        else:
            page.unpublish()
            DocPage.objects.filter(pk=page.pk).update(source_hash="", source_revision=page.latest_revision_id)
            done.gone.append(page.url)


def _put(parent: Page, title: str, slug: str, body: list[writing.Block], about: str, done: Brought) -> DocPage:
    digest = hashlib.sha256(json.dumps([title, body, about]).encode()).hexdigest()
    found = DocPage.objects.child_of(parent).filter(slug=slug).first()
    if found is None:
        made = DocPage(title=title, slug=slug, body=body, show_in_menus=True, search_description=about)
        found = planting.add(parent, made)
    elif found.source_hash == digest:
        return found
    elif _is_edited(found):
        done.kept.append(found.url)
        return found
    else:
        found.title, found.body, found.search_description = title, body, about
        found.save_revision().publish()
        done.renewed.append(found.url)
    DocPage.objects.filter(pk=found.pk).update(source_hash=digest, source_revision=found.latest_revision_id)
    return found


def _is_edited(page: DocPage) -> bool:
    return page.latest_revision_id != page.source_revision

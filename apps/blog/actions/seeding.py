"""The first content of the site, in our own words. What editors changed since stays as they left it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from apps.billing import catalogue
from apps.blog.actions import ground, showing, writing
from apps.blog.models import (
    Author,
    ChangelogEntry,
    ChangelogPage,
    DocIndex,
    DocPage,
    Evidence,
    FeatureLine,
    GenericPage,
    HomePage,
    LegalPage,
    PlanCard,
    Post,
    PostIndex,
    PricingPage,
)
from apps.blog.models.base import SitePage

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
GUIDES = ("member", "owner", "marketer", "staff", "operator", "developer")
PROOF = "home"

P = TypeVar("P", bound=SitePage)


def seed(*, workspace: str) -> int:
    """Make the site, or what of it is missing; return how many pages were made.

    workspace: the slug of the one whose oldest published report is shown as proof, where there is one.
    """
    with transaction.atomic():
        root = ground.lay()
        before = Page.objects.count()
        home = _home(root)
        _posts(home)
        _docs(home)
        _pricing(home)
        _changelog(home)
        _plain(home)
    kept = showing.show(slug=PROOF, workspace=workspace)
    if kept is not None and home.evidence_id is None:
        home.evidence = Evidence.objects.get(pk=kept)
        home.save_revision().publish()
    return Page.objects.count() - before


def _add(parent: Page, page: P, *, at: datetime | None = None) -> P:
    """Put a page below another and publish it, unless there is one at this address; return the one that is there."""
    kind = type(page)
    found = kind.objects.child_of(parent).filter(slug=page.slug).first()
    if found is not None:
        return found
    page.locale = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
    parent.add_child(instance=page)
    page.save_revision().publish()
    if at is not None:
        kind.objects.filter(pk=page.pk).update(first_published_at=at, last_published_at=at)
    return page


def _home(root: Page) -> HomePage:
    text = writing.read(SEEDS / "pages" / "home.md")
    home = _add(root, HomePage(
        title=text.title, slug="home", claim=text.head["claim"], lead=text.head["lead"], body=text.blocks,
        search_description=text.head["about"],
    ))  # fmt: skip
    host = settings.APEX_HOST
    Site.objects.get_or_create(
        is_default_site=True, defaults={"hostname": host, "root_page": home, "site_name": "Footnote", "port": 80}
    )
    return home


def _posts(home: Page) -> None:
    index = _add(home, PostIndex(
        title="Blog", slug="blog", lead="How Footnote works, and why it works that way.", show_in_menus=True,
        search_description="How Footnote works: the gate, the ledgers, the footnotes and the walls.",
    ))  # fmt: skip
    author, _new = Author.objects.get_or_create(
        slug="footnote", defaults={"name": "The Footnote team", "about": "We build Footnote, and write down why."}
    )
    for path in sorted((SEEDS / "posts").glob("*.md")):
        text = writing.read(path)
        slug = path.stem.partition("-")[2]
        at = datetime.combine(date.fromisoformat(text.head["date"]), datetime.min.time(), UTC).replace(hour=9)
        post = Post(
            title=text.title, slug=slug, lead=text.head["lead"], author=author, body=text.blocks,
            search_description=text.head["about"],
        )  # fmt: skip
        made = _add(index, post, at=at)
        if made is post:
            made.tags.add(*(tag.strip() for tag in text.head["tags"].split(",")))
            made.save_revision().publish()
            Post.objects.filter(pk=made.pk).update(first_published_at=at, last_published_at=at)


def _docs(home: Page) -> None:
    index = _add(home, DocIndex(
        title="Docs", slug="docs", lead="For whoever asks, decides, edits, runs or changes Footnote.",
        show_in_menus=True, search_description="Guides for members, owners, marketers, staff, operators, developers.",
    ))  # fmt: skip
    for name in GUIDES:
        path = settings.BASE_DIR / "docs" / "how-to" / f"{name}.md"
        if not path.exists():
            continue
        guide = writing.read_guide(path, guides=frozenset(GUIDES))
        top = _add(index, DocPage(
            title=guide.title, slug=name, body=guide.opening, show_in_menus=True, search_description=guide.title,
        ))  # fmt: skip
        for title, body in guide.sections.items():
            _add(top, DocPage(
                title=title, slug=writing.address(title), body=body, show_in_menus=True,
                search_description=f"{guide.title}: {title}",
            ))  # fmt: skip


def _pricing(home: Page) -> None:
    """Show the plans that are sold. Where none is, the page says so."""
    text = writing.read(SEEDS / "pages" / "pricing.md")
    page = PricingPage(
        title=text.title, slug="pricing", lead=text.head["lead"], body=text.blocks, show_in_menus=True,
        search_description=text.head["about"],
    )  # fmt: skip
    made = _add(home, page)
    if made.plans.exists() or not (offers := [offer for offer in catalogue.plans() if offer.price]):
        return
    for order, offer in enumerate(offers):
        button = "Start for nothing" if not offer.cents else f"Choose {offer.name}"
        made.plans.add(PlanCard(
            plan=offer.slug, line=offer.about, button=button, highlighted=order == 1, sort_order=order
        ))  # fmt: skip
    features = dict.fromkeys(feature for offer in offers for feature in offer.features)
    for order, feature in enumerate(features):
        made.features.add(FeatureLine(feature=feature, sort_order=order))
    made.save_revision().publish()


def _changelog(home: Page) -> None:
    page = ChangelogPage(title="Changelog", slug="changelog", search_description="What changed in Footnote, and when.")
    made = _add(home, page)
    if made is not page:
        return
    for order, path in enumerate(sorted((SEEDS / "changes").glob("*.md"))):
        text = writing.read(path)
        words = "".join(str(value) for kind, value in text.blocks if kind == "text")
        changed = date.fromisoformat(text.head["date"])
        made.entries.add(ChangelogEntry(title=text.title, changed_on=changed, text=words, sort_order=order))
    made.save_revision().publish()


def _plain(home: Page) -> None:
    """Add what is text alone: pages, and legal drafts that say that they are drafts."""
    for name in ("security", "about"):
        text = writing.read(SEEDS / "pages" / f"{name}.md")
        _add(home, GenericPage(
            title=text.title, slug=name, lead=text.head["lead"], body=text.blocks,
            search_description=text.head["about"],
        ))  # fmt: skip
    for name in ("terms", "privacy"):
        text = writing.read(SEEDS / "pages" / f"{name}.md")
        given: dict[str, Any] = {"body": text.blocks, "search_description": text.head["about"]}
        _add(home, LegalPage(title=text.title, slug=name, **given))

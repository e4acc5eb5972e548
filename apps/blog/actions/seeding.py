"""The first content of the site, in our own words. What editors changed since stays as they left it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.models import Page, Site

from apps.billing import catalogue
from apps.blog.actions import ground, guides, planting, showing, writing
from apps.blog.models import (
    Author,
    ChangelogEntry,
    ChangelogPage,
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

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
PROOF = "home"


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many pages were made, and what became of the guides."""

    made: int
    guides: guides.Brought


def seed(*, workspace: str, names: Sequence[str] = guides.GUIDES) -> Seeded:
    """Make the site, or what of it is missing, and bring the guides up to date.

    workspace: the slug of the one whose oldest published report is shown as proof, where there is one. names: which
    guides.
    """
    with transaction.atomic():
        root = ground.lay()
        before = Page.objects.count()
        home = _home(root)
        _posts(home)
        brought = guides.bring(home, names=names)
        _pricing(home)
        _changelog(home)
        _plain(home)
    kept = showing.show(slug=PROOF, workspace=workspace)
    if kept is not None and home.evidence_id is None:
        home.evidence = Evidence.objects.get(pk=kept)
        home.save_revision().publish()
    return Seeded(Page.objects.count() - before, brought)


def _home(root: Page) -> HomePage:
    text = writing.read(SEEDS / "pages" / "home.md")
    home = planting.add(root, HomePage(
        title=text.title, slug="home", claim=text.head["claim"], lead=text.head["lead"], body=text.blocks,
        search_description=text.head["about"],
    ))  # fmt: skip
    host = settings.APEX_HOST
    Site.objects.get_or_create(
        is_default_site=True, defaults={"hostname": host, "root_page": home, "site_name": "Footnote", "port": 80}
    )
    return home


def _posts(home: Page) -> None:
    index = planting.add(home, PostIndex(
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
        post.tags.add(*(tag.strip() for tag in text.head["tags"].split(",")))
        planting.add(index, post, at=at)


def _pricing(home: Page) -> None:
    """Show the plans that are sold. Where none is, the page says so."""
    text = writing.read(SEEDS / "pages" / "pricing.md")
    page = PricingPage(
        title=text.title, slug="pricing", lead=text.head["lead"], body=writing.with_questions(text.blocks),
        show_in_menus=True, search_description=text.head["about"],
    )  # fmt: skip
    offers = [offer for offer in catalogue.plans() if offer.price]
    _offer(page, offers)
    made = planting.add(home, page)
    if made is not page and offers and not made.plans.exists():
        _offer(made, offers)
        made.save_revision().publish()


def _offer(page: PricingPage, offers: list[catalogue.Offer]) -> None:
    for order, offer in enumerate(offers):
        button = "Start for nothing" if not offer.cents else f"Choose {offer.name}"
        page.plans.add(PlanCard(
            plan=offer.slug, line=offer.about, button=button, highlighted=order == 1, sort_order=order
        ))  # fmt: skip
    features = dict.fromkeys(feature for offer in offers for feature in offer.features)
    for order, feature in enumerate(features):
        page.features.add(FeatureLine(feature=feature, sort_order=order))


def _changelog(home: Page) -> None:
    page = ChangelogPage(title="Changelog", slug="changelog", search_description="What changed in Footnote, and when.")
    for order, path in enumerate(sorted((SEEDS / "changes").glob("*.md"))):
        text = writing.read(path)
        words = "".join(str(value) for kind, value in text.blocks if kind == "text")
        changed = date.fromisoformat(text.head["date"])
        page.entries.add(ChangelogEntry(title=text.title, changed_on=changed, text=words, sort_order=order))
    planting.add(home, page)


def _plain(home: Page) -> None:
    """Add what is text alone: pages, and legal drafts that say that they are drafts."""
    for name in ("security", "about"):
        text = writing.read(SEEDS / "pages" / f"{name}.md")
        planting.add(home, GenericPage(
            title=text.title, slug=name, lead=text.head["lead"], body=text.blocks,
            search_description=text.head["about"],
        ))  # fmt: skip
    for name in ("terms", "privacy"):
        text = writing.read(SEEDS / "pages" / f"{name}.md")
        given: dict[str, Any] = {"body": text.blocks, "search_description": text.head["about"]}
        planting.add(home, LegalPage(title=text.title, slug=name, **given))

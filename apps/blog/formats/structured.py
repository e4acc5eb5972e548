"""Pages as schema.org describes them, for search engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import strip_tags
from wagtail.models import Page

from apps.blog.models import DocPage, HomePage, Post, PricingPage

Thing = dict[str, Any]


def describe(page: Page, context: Mapping[str, Any], *, origin: str, picture: str) -> list[Thing]:
    """Return what a page is, as JSON-LD. origin: ours; picture: the address of its picture for links."""
    whole = [*_kinds(page, context, origin, picture)]
    if questions := list(_questions(page)):
        whole.append({"@type": "FAQPage", "mainEntity": questions})
    if crumbs := _crumbs(page):
        whole.append({"@type": "BreadcrumbList", "itemListElement": crumbs})
    return [{"@context": "https://schema.org"} | each for each in whole]


def _kinds(page: Page, context: Mapping[str, Any], origin: str, picture: str) -> Iterator[Thing]:
    if isinstance(page, HomePage):
        yield _organization(origin)
        yield {"@type": "WebSite", "name": "Footnote", "url": f"{origin}/", "description": page.about}
    elif isinstance(page, Post | DocPage):
        yield _article(page, context, origin, picture)
    elif isinstance(page, PricingPage):
        yield from (_product(card, origin) for card in context.get("cards") or ())


def _organization(origin: str) -> Thing:
    return {"@type": "Organization", "name": "Footnote", "url": f"{origin}/", "logo": f"{origin}/icon-512.png"}


def _article(page: Any, context: Mapping[str, Any], origin: str, picture: str) -> Thing:
    post = isinstance(page, Post)
    dates = {"datePublished": page.first_published_at, "dateModified": page.last_published_at}
    writer = {"@type": "Organization", "name": page.author.name} if post else _organization(origin)
    return {
        "@type": "BlogPosting" if post else "TechArticle", "headline": page.title[:110], "description": page.about,
        "inLanguage": page.locale.language_code, "mainEntityOfPage": context.get("canonical"), "image": picture,
        "author": writer, "publisher": _organization(origin),
        **({"keywords": [tag.name for tag in page.tags.all()]} if post else {}),
        **{name: at.isoformat() for name, at in dates.items() if at},
    }  # fmt: skip


def _product(card: Any, origin: str) -> Thing:
    offer = card.offer
    price = {
        "@type": "Offer", "price": f"{offer.cents // 100}.{offer.cents % 100:02}",
        "priceCurrency": offer.currency.upper(), "url": f"{origin}/pricing",
        "availability": "https://schema.org/InStock",
    }  # fmt: skip
    return {"@type": "Product", "name": f"Footnote {offer.name}", "description": card.line, "offers": price}


def _questions(page: Page) -> Iterator[Thing]:
    for part in getattr(page, "body", ()):
        for each in part.value["questions"] if part.block_type == "faq" else ():
            answer = " ".join(strip_tags(each["answer"].source.replace("</p>", "</p> ")).split())
            yield {
                "@type": "Question", "name": each["question"],
                "acceptedAnswer": {"@type": "Answer", "text": answer},
            }  # fmt: skip


def _crumbs(page: Page) -> list[Thing]:
    """List the pages above a page and itself; nothing for the first page."""
    line = [each for each in page.get_ancestors(inclusive=True) if each.depth > 1]
    if len(line) < 2:
        return []
    start = len(line[0].url_path)
    # The path of the first page in its language: the page's own without what follows that one.
    first = page.full_url.removesuffix(page.url_path[start:].rstrip("/")).rstrip("/")
    return [
        {"@type": "ListItem", "position": n, "name": each.title, "item": f"{first}/{each.url_path[start:]}".rstrip("/")}
        for n, each in enumerate(line, 1)
    ]

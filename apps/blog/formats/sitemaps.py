"""Lists of the public pages for crawlers: a sitemap a language, and one for readers that are language models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from django.conf import settings
from django.utils.translation import gettext as _

from apps.blog.queries import PublicPage

SITEMAP, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
ElementTree.register_namespace("", SITEMAP)
ElementTree.register_namespace("xhtml", XHTML)
# What a section of llms.txt lists, by the kind of page.
SECTIONS = {"DocIndex": "docs", "DocPage": "docs", "PostIndex": "blog", "Post": "blog"}


def index(pages: Iterable[PublicPage]) -> bytes:
    """Return the list of sitemaps, one a language in which there are pages."""
    root = ElementTree.Element(f"{{{SITEMAP}}}sitemapindex")
    for language in dict.fromkeys(page.language for page in pages):
        entry = ElementTree.SubElement(root, f"{{{SITEMAP}}}sitemap")
        _say(entry, "loc", f"{settings.PUBLIC_ORIGIN}/sitemap-{language}.xml")
    return _xml(root)


def of_language(pages: Iterable[PublicPage], language: str) -> bytes:
    """Return the sitemap of a language, each page with all languages it is published in."""
    root = ElementTree.Element(f"{{{SITEMAP}}}urlset")
    for page in (page for page in pages if page.language == language):
        entry = ElementTree.SubElement(root, f"{{{SITEMAP}}}url")
        _say(entry, "loc", page.url)
        if page.changed_at:
            _say(entry, "lastmod", page.changed_at.isoformat(timespec="seconds"))
        for code, url in _languages(page):
            ElementTree.SubElement(entry, f"{{{XHTML}}}link", {"rel": "alternate", "hreflang": code, "href": url})
    if language == settings.LANGUAGE_CODE:
        _say(ElementTree.SubElement(root, f"{{{SITEMAP}}}url"), "loc", f"{settings.PUBLIC_ORIGIN}/status")
    return _xml(root)


def _languages(page: PublicPage) -> Iterator[tuple[str, str]]:
    for each in page.alternates:
        yield each.language, each.url
        if each.language == settings.LANGUAGE_CODE:
            yield "x-default", each.url


def _say(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{SITEMAP}}}{name}").text = text


def _xml(root: ElementTree.Element) -> bytes:
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def for_models(pages: Iterable[PublicPage]) -> str:
    """Return llms.txt: what this is, and every page of the first language as Markdown, by section."""
    rows = [page for page in pages if page.language == settings.LANGUAGE_CODE]
    first = next((page for page in rows if page.kind == "HomePage"), None)
    titles = {"": _("The product"), "docs": _("Documentation"), "blog": _("Blog")}
    parts = ["# Footnote", f"> {first.about}" if first else ""]
    for section, title in titles.items():
        lines = [
            f"- [{page.title}]({twin(page.url)})" + (f": {page.about}" if page.about else "")
            for page in rows if SECTIONS.get(page.kind, "") == section
        ]  # fmt: skip
        if lines:
            parts.append("\n".join([f"## {title}", "", *lines]))
    return "\n\n".join(part for part in parts if part) + "\n"


def twin(url: str) -> str:
    """Return the address of a page's Markdown.

    >>> twin("https://a.test/blog"), twin("https://a.test/"), twin("https://a.test/blog/tags/x/")
    ('https://a.test/blog.md', 'https://a.test/index.md', 'https://a.test/blog/tags/x.md')
    """
    scheme, _colon, rest = url.partition("://")
    bare = rest.rstrip("/")
    return f"{scheme}://{bare}.md" if "/" in bare else f"{scheme}://{bare}/index.md"

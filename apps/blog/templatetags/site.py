"""Tags for pages of the site."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page

from apps.blog import queries
from apps.blog.formats import cards, sitemaps, structured
from apps.blog.models import Post

register = template.Library()
# JSON inside of HTML: nothing in it can end the element that it stands in.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a page says to machines. twin: where its Markdown is; schema: JSON-LD elements."""

    twin: str
    alternates: tuple[queries.Alternate, ...]
    first: str
    picture: str
    kind: str
    schema: SafeString


@register.simple_tag(takes_context=True)
def site_links(context: RequestContext) -> list[queries.NavLink]:
    """List the pages that stand in the menu."""
    request = context.get("request")
    return queries.links(request.path if request is not None else "/")


@register.simple_tag(takes_context=True)
def site_head(context: RequestContext) -> Head:
    """Say what a page is to machines; a page without an address of its own, a draft for example, says little."""
    page, canonical = context.get("page"), context.get("canonical") or ""
    origin = settings.PUBLIC_ORIGIN
    plain = f"{origin}{static('img/social.png')}"
    if not isinstance(page, Page) or not page.pk or not canonical:
        return Head(sitemaps.twin(canonical) if canonical else "", (), "", plain, "website", SafeString(""))
    picture = f"{origin}{cards.path_of(page)}"
    # Pages below an index, those of a tag for example, have no translation of their own.
    alternates = queries.alternates(page) if canonical == page.full_url else ()
    first = next((each.url for each in alternates if each.language == settings.LANGUAGE_CODE), "")
    given: dict[str, Any] = {"canonical": canonical, "cards": context.get("cards")}
    schema = [_element(thing) for thing in structured.describe(page, given, origin=origin, picture=picture)]
    kind = "article" if isinstance(page, Post) else "website"
    return Head(sitemaps.twin(canonical), alternates, first, picture, kind, SafeString("".join(schema)))


@register.simple_tag(takes_context=True)
def site_languages(context: RequestContext) -> tuple[queries.Alternate, ...]:
    """List the languages in which the page that is shown is published; none where it is but one."""
    page = context.get("page")
    return queries.alternates(page) if isinstance(page, Page) and page.pk else ()


def _element(thing: structured.Thing) -> SafeString:
    body = json.dumps(thing, ensure_ascii=False, separators=(",", ":"), default=str).translate(_ESCAPES)
    # Nobody runs this: it is no script to a browser, so the content policy asks for no nonce.
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(body))

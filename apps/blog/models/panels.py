"""What the editor says about a page while somebody writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel
from wagtail.models import Page

from apps.blog import rules

_HREF = re.compile(r'href=\\"(/[^"\\]*)')
SAYS = {
    "description": _("There is no description: search engines choose a sentence of the page themselves."),
    "dead": _("These links lead to pages that are not published: %(about)s"),
    "twins": _("Other published pages have the same title: %(about)s"),
    "silent": _("These pictures say nothing to whoever can’t see them: %(about)s"),
    "title_long": _("The title has %(about)s characters; its end is cut off."),
    "title_short": _("The title has %(about)s characters; say more."),
    "description_long": _("The description has %(about)s characters; its end is cut off."),
    "description_short": _("The description has %(about)s characters; there is room for more."),
    "slug": _("The address has %(about)s characters; a shorter one is easier to read and to pass on."),
    "headings": _("A part of a section stands where no section has begun."),
}


class SearchPanel(Panel):
    """Shows a page as a list of results would, and what should be mended. It counts along while somebody types."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/search_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the checks of the page as it was saved last, and the limits."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            saved = bool(self.instance.pk)
            found = rules.findings(look_at(self.instance)) if saved else []
            says = [SAYS[one.check] % {"about": one.about} for one in found]
            address = self.instance.full_url if saved and self.instance.get_url_parts() else settings.PUBLIC_ORIGIN
            return {
                **context, "saved": saved, "says": says, "address": address, "title_limits": rules.TITLE,
                "description_limits": rules.DESCRIPTION, "slug_limit": rules.SLUG, "page": self.instance,
            }  # fmt: skip


def look_at(page: Any) -> rules.Seen:
    """Return what is checked of a page, from its draft."""
    title = page.seo_title or page.title
    same = Page.objects.live().filter(locale=page.locale).exclude(pk=page.pk)
    twins = [row.title for row in same.filter(seo_title=title) | same.filter(seo_title="", title=title)]
    parts = list(getattr(page, "body", ()))
    levels = tuple(int(part.value["level"]) for part in parts if part.block_type == "heading")
    return rules.Seen(
        title, page.about, page.slug, levels, tuple(dict.fromkeys(twins)), tuple(_silent(page, parts)),
        tuple(dict.fromkeys(_dead(parts))),
    )  # fmt: skip


def _silent(page: Any, parts: list[Any]) -> Iterator[str]:
    picture = getattr(page, "picture", None)
    if picture is not None and not picture.description.strip():
        yield picture.title
    for part in parts:
        if part.block_type == "picture" and part.value["picture"] and not part.value["alt"].strip():
            yield part.value["picture"].title


def _dead(parts: list[Any]) -> Iterator[str]:
    """Yield the names of pages that are linked to and not published, and addresses of ours that lead nowhere."""
    rows = [row for part in parts for row in part.block.extract_references(part.value)]
    chosen = {int(row[1]) for row in rows if issubclass(row[0], Page)}
    live = set(Page.objects.live().filter(pk__in=chosen).values_list("pk", flat=True))
    titles = dict(Page.objects.filter(pk__in=chosen - live).values_list("pk", "title"))
    yield from (titles.get(each, str(_("a page that was deleted"))) for each in sorted(chosen - live))
    yield from (found for part in parts for found in _addresses(part) if not _leads_somewhere(found))


def _addresses(part: Any) -> list[str]:
    """List the addresses of ours in a block."""
    stored = part.block.get_prep_value(part.value)
    written = [stored["address"]] if part.block_type == "action" and stored["address"] else []
    return written + [unescape(found) for found in _HREF.findall(json.dumps(stored))]


def _leads_somewhere(address: str) -> bool:
    path = address.split("#")[0].split("?")[0]
    if not path.startswith("/") or path.startswith("//"):
        return True
    root = Page.objects.filter(depth=2).first()
    if root and Page.objects.live().filter(url_path=f"{root.url_path.rstrip('/')}{path.rstrip('/')}/").exists():
        return True
    try:
        return resolve(path, settings.PUBLIC_SCHEMA_URLCONF).url_name not in {"wagtail_serve", "twin"}
    except Resolver404:
        return False

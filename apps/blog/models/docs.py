"""The documentation: a tree of pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from apps.blog.models.base import SitePage, TextPage

MOST_FOUND = 20


@dataclass(slots=True)
class Branch:
    """A page of the tree with what stands below it."""

    page: Page
    below: list[Branch] = field(default_factory=list)


def tree(top: Page) -> list[Branch]:
    """Return what is published below a page, in the order that editors gave it."""
    rows = DocPage.objects.descendant_of(top).live().in_menu().select_related("locale").order_by("path")
    roots: list[Branch] = []
    open_: list[Branch] = []
    for page in rows:
        while open_ and not page.path.startswith(open_[-1].page.path):
            open_.pop()
        branch = Branch(page)
        (open_[-1].below if open_ else roots).append(branch)
        open_.append(branch)
    return roots


class DocIndex(SitePage):
    """The first page of the documentation, and its search."""

    lead = models.CharField(max_length=240, blank=True)
    template = "blog/docs.html"
    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["blog.HomePage"]
    subpage_types: ClassVar[list[str]] = ["blog.DocPage"]
    content_panels: ClassVar[list[Any]] = [*SitePage.content_panels, FieldPanel("lead")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the tree, and what was found where somebody searches."""
        sought = request.GET.get("q", "").strip()[:120]
        found = list(DocPage.objects.descendant_of(self).live().search(sought)[:MOST_FOUND]) if sought else []
        context = super().get_context(request, *args, **kwargs)
        return {**context, "tree": tree(self), "sought": sought, "found": found}


class DocPage(TextPage):
    """A page of the documentation. source_hash, source_revision: what seeding made it from, and as which revision.

    Somebody has edited it where a later revision stands.
    """

    source_hash = models.CharField(max_length=64, blank=True, editable=False)
    source_revision = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    template = "blog/doc.html"
    parent_page_types: ClassVar[list[str]] = ["blog.DocIndex", "blog.DocPage"]
    subpage_types: ClassVar[list[str]] = ["blog.DocPage"]
    show_in_menus_default = True
    content_panels: ClassVar[list[Any]] = [*TextPage.content_panels, FieldPanel("body")]
    search_fields: ClassVar[list[Any]] = [*TextPage.search_fields, index.SearchField("body")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the tree that this page stands in, and the pages before and after it."""
        top = DocIndex.objects.ancestor_of(self).first()
        every = tree(top) if top else []
        flat = list(_flatten(every))
        at = next((n for n, page in enumerate(flat) if page.pk == self.pk), -1)
        return {
            **super().get_context(request, *args, **kwargs), "top": top, "tree": every,
            "before": flat[at - 1] if at > 0 else None, "after": flat[at + 1] if 0 <= at < len(flat) - 1 else None,
        }  # fmt: skip


def _flatten(branches: list[Branch]) -> list[Page]:
    return [page for branch in branches for page in (branch.page, *_flatten(branch.below))]

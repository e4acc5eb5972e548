"""The first page, plain pages, legal pages and the changelog."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from apps.blog.blocks import FEATURES
from apps.blog.models.base import TextPage

LATEST = 3


class HomePage(TextPage):
    """The claim, then the proof of it."""

    claim = models.CharField(max_length=120)
    lead = models.TextField(max_length=400)
    evidence = models.ForeignKey(
        "blog.Evidence", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Proof")
    )

    template = "blog/home.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    content_panels: ClassVar[list[Any]] = [
        *TextPage.content_panels, FieldPanel("claim"), FieldPanel("lead"), FieldPanel("evidence"), FieldPanel("body")
    ]  # fmt: skip

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the proof and the latest posts."""
        from apps.blog.models.posts import PostIndex

        index = PostIndex.objects.child_of(self).live().first()
        posts = list(index.posts()[:LATEST]) if index else []
        return {**super().get_context(request, *args, **kwargs), "proof": self.evidence, "posts": posts}


class GenericPage(TextPage):
    lead = models.CharField(max_length=240, blank=True)
    template = "blog/page.html"
    parent_page_types: ClassVar[list[str]] = ["blog.HomePage", "blog.GenericPage"]
    content_panels: ClassVar[list[Any]] = [*TextPage.content_panels, FieldPanel("lead"), FieldPanel("body")]


class LegalPage(TextPage):
    """Terms and the like. Until a lawyer has looked, the page says that it is a draft."""

    reviewed_on = models.DateField(null=True, blank=True, help_text=_("When somebody who knows the law approved it."))
    template = "blog/legal.html"
    parent_page_types: ClassVar[list[str]] = ["blog.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [*TextPage.content_panels, FieldPanel("reviewed_on"), FieldPanel("body")]


class ChangelogPage(TextPage):
    """What changed, newest first."""

    template = "blog/changelog.html"
    max_count_per_parent = 1
    parent_page_types: ClassVar[list[str]] = ["blog.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *TextPage.content_panels,
        InlinePanel("entries", heading=_("Changes"), label=pgettext_lazy("noun", "Change")),
    ]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the entries."""
        entries = sorted(self.entries.all(), key=lambda entry: entry.changed_on, reverse=True)
        return {**super().get_context(request, *args, **kwargs), "entries": entries}


class ChangelogEntry(Orderable):
    page = ParentalKey(ChangelogPage, on_delete=models.CASCADE, related_name="entries")
    changed_on = models.DateField(default=timezone.localdate)
    title = models.CharField(max_length=160)
    text = RichTextField(features=FEATURES)

    panels: ClassVar[list[Any]] = [FieldPanel("changed_on"), FieldPanel("title"), FieldPanel("text")]

    def __str__(self) -> str:
        return self.title

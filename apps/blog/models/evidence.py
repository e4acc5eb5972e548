"""What the site shows of real work, copied out of a workspace when the site is seeded."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from wagtail.snippets.models import register_snippet


@register_snippet
class Evidence(models.Model):
    """A finished report and the recorded steps of its run. No page reaches into a workspace to show them.

    report: title, question, figures, sections with claims and notes, sources, as the report's page has them. replay:
    rows with label, start and length in milliseconds, credits. workspace, run: the schema and the run it was copied
    from, so that the copy goes when the report does.
    """

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=300)
    report = models.JSONField(encoder=DjangoJSONEncoder)
    replay = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    copied_at = models.DateTimeField(default=timezone.now)
    workspace = models.CharField(max_length=63, blank=True, editable=False)
    run = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.title

    @property
    def whole_ms(self) -> int:
        """Return how long the recorded run took, in milliseconds, at least one."""
        ends = [int(row.get("start_ms") or 0) + int(row.get("took_ms") or 0) for row in self.replay]
        return max([1, *ends])

    @property
    def first_note(self) -> dict[str, Any]:
        """Return the first footnote that has a quotation; empty where there is none."""
        notes = [note for note in self.report.get("summary", {}).get("notes", ()) if note.get("quote")]
        return notes[0] if notes else {}

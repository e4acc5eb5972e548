"""A report, its sentences, and the spans they stand on."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

VERDICTS = ("sourced", "calculated", "inferred", "unsupported", "contradicted")


class Report(models.Model):
    """The draft of a run, after approval its published report; withdrawn, it keeps no sentence."""

    run = models.CharField(primary_key=True, max_length=40)
    state = models.CharField(max_length=10, default="draft")
    title = models.CharField(max_length=300)
    answered = models.BooleanField()
    headings = models.JSONField(default=list)
    gaps = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    # Its proof bundle: the sha256 of the zip once `<run>.proof` has made it, and its bytes.
    proof = models.CharField(max_length=64, blank=True)
    proof_size = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.title


class Claim(models.Model):
    """One sentence. section: -1 the summary, 0… the headings, and `about` names a disagreement."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="claims")
    section = models.IntegerField()
    position = models.IntegerField()
    about = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    verdict = models.CharField(max_length=12, choices=[(v, v) for v in VERDICTS])
    # Why it is doubted, by which words of it; and the arithmetic of what is calculated.
    reason = models.CharField(max_length=12, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    working = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "section", "position"], name="one_claim_a_place")]

    def __str__(self) -> str:
        return self.text[:80]


class Citation(models.Model):
    """A claim stands on `snapshot_text[start:end]`, which equals `quote`."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="citations")
    position = models.IntegerField()
    source = models.IntegerField()
    snapshot = models.CharField(max_length=40)
    start = models.IntegerField()
    end = models.IntegerField()
    quote = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["claim", "position"], name="one_citation_a_place")]

    def __str__(self) -> str:
        return self.quote[:60]

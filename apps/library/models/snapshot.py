"""What a run read: the source, and the bytes and text as they were then."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Snapshot(models.Model):
    """Stored bytes and their clean text. Citations point into the text, which never changes."""

    id = models.CharField(primary_key=True, max_length=40)
    sha256 = models.CharField(max_length=64)
    text_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    length = models.IntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256", "text_sha256"], name="one_snapshot_a_body")]

    def __str__(self) -> str:
        return self.id


class Source(models.Model):
    """A document or page that a run found: kept or dropped, and why."""

    run = models.CharField(max_length=40)
    number = models.IntegerField()
    kind = models.CharField(max_length=10)
    ref = models.CharField(max_length=4000)
    title = models.CharField(max_length=300)
    kept = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    score = models.IntegerField(default=0)
    published_date = models.DateField(null=True)
    fetched_at = models.DateTimeField(null=True)
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_source_a_number")]

    def __str__(self) -> str:
        return self.title

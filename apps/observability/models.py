"""The audit log. Shared, keyed by workspace; an entry is written once and never changed (a trigger holds that)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """Who did what to what, why, and when. `by` is empty for Footnote itself; `workspace` for the platform."""

    workspace = models.CharField(max_length=63, blank=True)
    by = models.BigIntegerField(null=True)
    did = models.CharField(max_length=60)
    to = models.CharField(max_length=120)
    reason = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["workspace", "to", "at"], name="audit_of_a_thing"),
            models.Index(fields=["workspace", "at"], name="audit_of_a_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.did} {self.to}"

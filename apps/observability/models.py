"""The audit log. Shared, keyed by workspace; an entry is written once and never changed (grants and triggers).

Entries are written unchained, or every change would queue behind the one before it. A trigger lists each in
AuditUnsealed; the sealer takes what has committed and appends a seal to the chain of its workspace.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """Who did what to what, why, and when. `by` is empty for Footnote itself; `workspace` for the platform.

    Where an agent acted: `agent` is its role, `on_behalf_of` the person. `rule` decided, `outcome` is what came of it,
    `digest` is the hash of the row in another table that holds the details.
    """

    workspace = models.CharField(max_length=63, blank=True)
    by = models.BigIntegerField(null=True)
    did = models.CharField(max_length=60)
    to = models.CharField(max_length=120)
    reason = models.CharField(max_length=1000, blank=True)
    agent = models.CharField(max_length=40, blank=True, default="")
    on_behalf_of = models.BigIntegerField(null=True)
    rule = models.CharField(max_length=80, blank=True, default="")
    outcome = models.CharField(max_length=20, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["workspace", "to", "at"], name="audit_of_a_thing"),
            models.Index(fields=["workspace", "at"], name="audit_of_a_workspace"),
            models.Index(fields=["workspace", "id"], name="audit_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.did} {self.to}"


class AuditUnsealed(models.Model):
    """An entry that no seal holds yet; a trigger writes it in the entry's own transaction."""

    entry = models.BigIntegerField(primary_key=True)
    workspace = models.CharField(max_length=63, blank=True)

    def __str__(self) -> str:
        return str(self.entry)


class AuditSeal(models.Model):
    """One link of a workspace's chain: which entries, the hash of each, the link before, and the hash of all that.

    entries: ids in the order in which they were sealed. hashes: 32 bytes an entry, in the same order.
    """

    workspace = models.CharField(max_length=63, blank=True)
    number = models.IntegerField()
    entries = ArrayField(models.BigIntegerField())
    hashes = models.BinaryField()
    previous = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="one_seal_a_number")]

    def __str__(self) -> str:
        return f"{self.workspace} {self.number}".strip()

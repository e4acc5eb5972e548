"""The credit ledger (append-only) and the balance it adds up to. Shared tables, keyed by workspace."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

KINDS = ("grant", "hold", "charge", "release", "refund")


class Balance(models.Model):
    """What a workspace can still spend, and what its runs hold. Both stay at or above zero."""

    workspace = models.CharField(max_length=63, unique=True)
    available = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(available__gte=0), name="available_not_negative"),
            models.CheckConstraint(condition=models.Q(held__gte=0), name="held_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace}: {self.available}"


class CreditEntry(models.Model):
    """One movement, never changed. `key` makes each movement happen once."""

    workspace = models.CharField(max_length=63, db_index=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in KINDS])
    credits = models.BigIntegerField()
    run = models.CharField(max_length=40, blank=True, db_index=True)
    by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "credit entries"

    def __str__(self) -> str:
        return self.key

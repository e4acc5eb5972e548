"""What a person was told, and what they want to be told. Shared tables, keyed by workspace."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apps.messaging import rules


class Notice(models.Model):
    """One thing that one person was told, ids only: what it is about is read in the workspace."""

    workspace = models.CharField(max_length=63)
    person = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in rules.KINDS])
    run = models.CharField(max_length=40)
    approval = models.CharField(max_length=40, blank=True)
    by = models.BigIntegerField(null=True)
    # Of a budget or of the month's credits: how much of it is taken, in per cent. Of retention: the days to come.
    mark = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "person", "-created_at"], name="notices_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.run}"


class Preference(models.Model):
    """One person's own answer for one kind and channel; without a row the default of `rules` holds."""

    workspace = models.CharField(max_length=63)
    person = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    channel = models.CharField(max_length=8)
    wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "person", "kind", "channel"], name="one_preference_a_channel")
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"

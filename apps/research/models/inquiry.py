"""Inquiry: the content of one runtime run, one to one; who may see it, and links to its report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

VISIBILITIES = ("workspace", "team", "named", "private")


class InquirySet(models.QuerySet["Inquiry"]):
    """Inquiries that somebody may see."""

    def visible_to(self, person: int, teams: Iterable[int] = (), asked: Iterable[str] = ()) -> InquirySet:
        """Keep what a member may see: their own, what is open to them, and runs that ask them to decide (`asked`)."""
        return self.open_to(person, teams, asked).filter(deleted_at=None)

    def open_to(self, person: int, teams: Iterable[int] = (), asked: Iterable[str] = ()) -> InquirySet:
        """Keep what a member may see, or could before it was deleted."""
        seen = models.Q(owner=person) | models.Q(visibility="workspace")
        seen |= models.Q(visibility="named", named__contains=[person])
        seen |= models.Q(visibility="team", team__in=list(teams))
        return self.filter(seen | models.Q(run__in=list(asked)))


class Inquiry(models.Model):
    """A question and how it is to be researched."""

    run = models.CharField(primary_key=True, max_length=40)
    question = models.TextField()
    owner = models.BigIntegerField()
    mode = models.CharField(max_length=8)
    depth = models.CharField(max_length=10)
    methodology = models.CharField(max_length=20, default="balanced")
    source_cap = models.IntegerField()
    budget_cap = models.IntegerField(null=True)
    documents = models.JSONField(default=list)
    assumptions = models.JSONField(default=list)
    approval_points = models.JSONField(default=list)
    low = models.IntegerField()
    likely = models.IntegerField()
    high = models.IntegerField()
    # What it can cost at all, and so what it holds. The three above are what it is expected to cost; `learned_from` so
    # many runs before it, or 0: from the rules alone.
    most = models.IntegerField()
    learned_from = models.IntegerField(default=0)
    # What it did cost, once it is completed: what later estimates are learned from.
    used = models.IntegerField(null=True)
    versions = models.JSONField(default=dict)
    rounds = models.IntegerField(default=1)
    visibility = models.CharField(max_length=10, default="workspace", choices=[(v, v) for v in VISIBILITIES])
    named = ArrayField(models.BigIntegerField(), default=list)
    team = models.BigIntegerField(null=True)
    copied_from = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.BigIntegerField(null=True)

    objects: ClassVar[InquirySet] = InquirySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(
                fields=["mode", "-created_at"], condition=models.Q(used__isnull=False), name="inquiries_to_learn_from"
            )
        ]

    def __str__(self) -> str:
        return self.question[:80]


class ShareLink(models.Model):
    """A published report that whoever holds the link may read until `expires_at`."""

    id = models.CharField(primary_key=True, max_length=40)
    run = models.CharField(max_length=40, db_index=True)
    created_by = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.id


class Rating(models.Model):
    """What a person thinks of a report, or of one sentence of it (`claim`, its number in reading order)."""

    run = models.CharField(max_length=40)
    claim = models.IntegerField(null=True)
    person = models.BigIntegerField()
    value = models.SmallIntegerField(choices=[(1, "good"), (-1, "bad")])
    note = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "claim", "person"], name="one_rating_a_person", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.value:+d}"

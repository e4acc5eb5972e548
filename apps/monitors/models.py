"""A question that is asked again on a timetable, and each time it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.monitors.rules.timetable import KINDS, Timetable

STATES = ("active", "paused", "held")
# What becomes of one time.
ENDS = ("running", "changed", "unchanged", "failed", "missed")


class MonitorSet(models.QuerySet["Monitor"]):
    """Monitors that somebody may see."""

    def open_to(self, person: int, teams: Iterable[int] = ()) -> MonitorSet:
        """Keep what a member may see, as with runs."""
        seen = models.Q(owner=person) | models.Q(visibility="workspace")
        seen |= models.Q(visibility="named", named__contains=[person])
        return self.filter(seen | models.Q(visibility="team", team__in=list(teams)))

    def in_use(self) -> MonitorSet:
        """Keep those that count against the plan: all but those that were deleted or are held."""
        return self.filter(deleted_at=None).exclude(state="held")


class Monitor(models.Model):
    """request: what each run is asked (research.actions.runs.Request), with `scope`: chosen documents, or all.

    cap: the most credits a month, None without one. skip: so many times are left out after failures. told: whether
    the owner knows that it is held. viewed: the edition that was looked at last.
    """

    id = models.CharField(primary_key=True, max_length=40)
    question = models.TextField()
    request: models.JSONField[Any, Any] = models.JSONField(default=dict)
    kind = models.CharField(max_length=8, choices=[(k, k) for k in KINDS])
    hour = models.SmallIntegerField()
    minute = models.SmallIntegerField()
    weekday = models.SmallIntegerField(default=0)
    day = models.SmallIntegerField(default=1)
    zone = models.CharField(max_length=40)
    state = models.CharField(max_length=8, default="active", choices=[(s, s) for s in STATES])
    reason = models.CharField(max_length=500, blank=True)
    owner = models.BigIntegerField()
    visibility = models.CharField(max_length=10, default="workspace")
    named = ArrayField(models.BigIntegerField(), default=list)
    team = models.BigIntegerField(null=True)
    cap = models.IntegerField(null=True)
    ways = ArrayField(models.CharField(max_length=8), default=list)
    failures = models.IntegerField(default=0)
    skip = models.IntegerField(default=0)
    viewed = models.BigIntegerField(null=True)
    # From here on it is due: times before it were not promised.
    since = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[MonitorSet] = MonitorSet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def timetable(self) -> Timetable:
        """When it is due."""
        return Timetable(self.kind, self.hour, self.minute, self.zone, self.weekday, self.day)


class EditionSet(models.QuerySet["Edition"]):
    """Editions of monitors."""

    def with_report(self, monitor: str) -> EditionSet:
        """Keep those of a monitor that ended with a report, newest first."""
        rows = self.filter(monitor=monitor, state__in=("changed", "unchanged")).exclude(run="")
        return rows.order_by("-due_at")


class Edition(models.Model):
    """One time at which a monitor was due, or was asked by hand.

    look: the run that collected the sources again. run: the run that wrote a report, empty where nothing had changed.
    against: the run whose report `changes` compares with. held: credits set aside while it runs; credits: what it cost.
    """

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="editions")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="running", choices=[(s, s) for s in ENDS])
    look = models.CharField(max_length=40, blank=True, db_index=True)
    run = models.CharField(max_length=40, blank=True, db_index=True)
    against = models.CharField(max_length=40, blank=True)
    changes: models.JSONField[Any, Any] = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    held = models.IntegerField(default=0)
    credits = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[EditionSet] = EditionSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["monitor", "due_at"], name="one_edition_a_time")]

    def __str__(self) -> str:
        return f"{self.monitor_id} {self.due_at:%Y-%m-%d %H:%M} {self.state}"

"""What is due, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from apps.agenda.models import Due


@dataclass(frozen=True, slots=True)
class DueRow:
    workspace: str
    run: str
    task: str
    queue: str
    epoch: int


def holds(*, workspace: str, task: str, epoch: int, at: datetime) -> bool:
    """Tell whether a lease is still good: the same epoch, not run out."""
    return Due.objects.filter(workspace=workspace, task=task, epoch=epoch, lease_until__gt=at).exists()


def run_of(*, workspace: str, task: str) -> str | None:
    """Return the run of a task that is due or running."""
    return Due.objects.filter(workspace=workspace, task=task).values_list("run", flat=True).first()


def unclaimed(*, at: datetime, again_after: timedelta, limit: int) -> list[DueRow]:
    """List what is due and nobody works on, and was not rung for a while; oldest first.

    Once it was rung and nobody came, it is rung again after `again_after`.
    """
    rows = (
        Due.objects.filter(due_at__lte=at)
        .filter(Q(lease_until=None) | Q(lease_until__lte=at))
        .filter(Q(rung_at=None) | Q(rung_at__lte=at - again_after) | Q(rung_at__lt=F("lease_until")))
    )
    return [DueRow(r.workspace, r.run, r.task, r.queue, r.epoch) for r in rows.order_by("due_at")[:limit]]

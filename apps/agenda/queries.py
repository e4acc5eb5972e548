"""What is due and who holds it, what waits for whom, who looks as whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, Q

from apps.accounts import queries as accounts
from apps.agenda.models import Due, Goodwill, Impersonation, Outbox, PendingApproval, PlatformPause
from apps.lib import clock

STAFF_GROUP = "platform_staff"


@dataclass(frozen=True, slots=True)
class DueRow:
    workspace: str
    run: str
    task: str
    queue: str
    epoch: int
    due_at: datetime


def holds(*, workspace: str, task: str, epoch: int, at: datetime) -> bool:
    """Tell whether a lease is still good: the same epoch, not run out."""
    return Due.objects.filter(workspace=workspace, task=task, epoch=epoch, lease_until__gt=at).exists()


def run_of(*, workspace: str, task: str) -> str | None:
    """Return the run of a task that is due or running."""
    return Due.objects.filter(workspace=workspace, task=task).values_list("run", flat=True).first()


def runs_at_work(*, workspace: str) -> frozenset[str]:
    """Return the runs of a workspace that have not ended: they have a task that is due, running or waiting."""
    return frozenset(Due.objects.filter(workspace=workspace).values_list("run", flat=True).distinct())


def held(*, workspace: str, tasks: Iterable[str], at: datetime) -> frozenset[tuple[str, int]]:
    """Return those of several tasks that somebody works on at a moment, each with the epoch of its lease."""
    rows = Due.objects.filter(workspace=workspace, task__in=list(tasks), lease_until__gt=at)
    return frozenset(rows.values_list("task", "epoch"))


def runs_due(*, workspace: str, runs: Iterable[str], by: datetime | None = None) -> frozenset[str]:
    """Return those of several runs that have a task due, running or waiting: they have not ended.

    by: those alone whose task is due by then.
    """
    rows = Due.objects.filter(workspace=workspace, run__in=list(runs))
    rows = rows if by is None else rows.filter(due_at__lte=by)
    return frozenset(rows.values_list("run", flat=True))


def unclaimed(*, at: datetime, again_after: timedelta, limit: int) -> list[DueRow]:
    """List what is due and nobody works on, and was not rung for a while; oldest first.

    Once it was rung and nobody came, it is rung again after `again_after`.
    """
    rows = (
        Due.objects.filter(due_at__lte=at)
        .filter(Q(lease_until=None) | Q(lease_until__lte=at))
        .filter(Q(rung_at=None) | Q(rung_at__lte=at - again_after) | Q(rung_at__lt=F("lease_until")))
    )
    return [DueRow(r.workspace, r.run, r.task, r.queue, r.epoch, r.due_at) for r in rows.order_by("due_at")[:limit]]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An approval that waits somewhere; ids only."""

    workspace: str
    approval: str
    run: str
    rule: str
    approver_role: str
    asked_by: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row of the outbox as its sender sees it."""

    id: int
    workspace: str
    kind: str
    person: int | None
    address: str
    payload: dict[str, Any]
    key: str
    tries: int


@dataclass(frozen=True, slots=True)
class Look:
    """A member of staff who sees a workspace as somebody else."""

    id: int
    staff: int
    person: int
    schema: str
    reason: str
    ends_at: datetime
    name: str


def waiting(approval: str) -> WaitingRow | None:
    """Return one approval of any workspace that waits, or None."""
    row = PendingApproval.objects.filter(approval=approval).first()
    return _waiting(row) if row else None


def near_expiry(*, at: datetime, within: timedelta, limit: int = 200) -> list[WaitingRow]:
    """List approvals that expire soon and were not handed on yet, the next to expire first."""
    rows = PendingApproval.objects.filter(escalated_at=None, expires_at__gt=at, expires_at__lte=at + within)
    rows = rows.exclude(approver_role="platform_staff")
    return [_waiting(row) for row in rows.order_by("expires_at")[:limit]]


def _waiting(row: PendingApproval) -> WaitingRow:
    return WaitingRow(
        row.workspace, row.approval, row.run, row.rule, row.approver_role, row.asked_by, row.expires_at
    )  # fmt: skip


def parcels(*, at: datetime, limit: int) -> list[Parcel]:
    """List what is to be sent now, the longest due first; rows that somebody is sending are left out."""
    rows = Outbox.objects.filter(sent_at=None, gave_up_at=None, due_at__lte=at)
    rows = rows.filter(Q(leased_until=None) | Q(leased_until__lte=at)).order_by("due_at", "id")[:limit]
    return [Parcel(r.pk, r.workspace, r.kind, r.person, r.address, r.payload, r.key, r.tries) for r in rows]


def look(id: int, schema: str) -> Look | None:
    """Return a look at a workspace that has not ended and whose time is not up, or None.

    Works with the platform's role: a workspace can't read this table.
    """
    row = Impersonation.objects.filter(pk=id, schema=schema, ended_at=None, ends_at__gt=clock.now()).first()
    if row is None or not is_platform_staff(row.staff):
        return None
    name = accounts.names([row.person]).get(row.person, "")
    return Look(row.pk, row.staff, row.person, row.schema, row.reason, row.ends_at, name)


def is_staff(person: int) -> bool:
    """Tell whether a person works for the platform. Works with the platform's role."""
    return get_user_model().objects.filter(pk=person, is_active=True, is_staff=True).exists()


def is_platform_staff(person: int) -> bool:
    """Tell whether a person may decide for the platform: staff in the group platform_staff, or a superuser."""
    staff = get_user_model().objects.filter(pk=person, is_active=True, is_staff=True)
    return staff.filter(Q(is_superuser=True) | Q(groups__name=STAFF_GROUP)).exists()


@dataclass(frozen=True, slots=True)
class GoodwillRow:
    id: str
    schema: str
    credits: int
    reason: str
    asked_by: int
    state: str
    decided_by: int | None
    decided_at: datetime | None


def goodwill(id: str) -> GoodwillRow | None:
    """Return one request for goodwill credits, or None."""
    row = Goodwill.objects.filter(pk=id).first()
    if row is None:
        return None
    return GoodwillRow(
        row.pk, row.schema, row.credits, row.reason, row.asked_by, row.state, row.decided_by, row.decided_at
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlatformPauseRow:
    """Why no agent of any workspace may call anything, by whom, since when."""

    reason: str
    by: int
    at: datetime


def platform_pause() -> PlatformPauseRow | None:
    """Return the platform's pause, or None; any workspace may ask."""
    row = PlatformPause.objects.values_list("reason", "by", "at").first()
    return PlatformPauseRow(*row) if row else None

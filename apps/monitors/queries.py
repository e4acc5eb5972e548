"""Monitors, as pages show them: what is next, what it costs, what changed since somebody looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts.queries import Member
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.monitors.models import Edition, Monitor
from apps.monitors.models import MonitorSet as Monitors
from apps.monitors.rules import timetable
from apps.monitors.rules.timetable import Timetable
from apps.research.queries import access

# So many editions stand on a monitor's page.
MOST_EDITIONS = 50


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a stored source of a run; `quote` stands there."""

    run: str
    source: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of a claim. kind: added, removed or changed; old and new are the sentences."""

    kind: str
    old: str
    new: str
    before: tuple[Span, ...]
    after: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class EditionRow:
    """One time. count: how many changes; shown: whether its reader may open its run."""

    id: int
    due_at: datetime
    state: str
    run: str
    reason: str
    count: int
    credits: int
    first: bool
    shown: bool
    viewed: bool


@dataclass(frozen=True, slots=True)
class MonitorRow:
    """A monitor. next: its next three times; ways: how its owner is told; changes: of its newest report, unseen."""

    id: str
    question: str
    state: str
    reason: str
    owner: int
    by: str
    timetable: Timetable
    next: tuple[datetime, ...]
    cap: int | None
    ways: tuple[str, ...]
    request: dict[str, Any]
    visibility: str
    named: tuple[int, ...]
    team: int | None
    viewed: int | None
    changes: int
    changed_at: datetime | None
    deleted_at: datetime | None = None


def month_began(zone: str) -> datetime:
    """Return when this month began where a monitor's clock stands."""
    local = clock.now().astimezone(ZoneInfo(zone))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def last_report(monitor: str, *, without: int = 0) -> str | None:
    """Return the run that wrote a monitor's newest report."""
    return Edition.objects.with_report(monitor).exclude(pk=without).values_list("run", flat=True).first()


def report_of(monitor: str, edition: int) -> str | None:
    """Return the run that wrote the report of an edition."""
    return Edition.objects.with_report(monitor).filter(pk=edition).values_list("run", flat=True).first()


def at_work(monitor: str) -> bool:
    """Tell whether a time of a monitor has not ended yet."""
    return Edition.objects.filter(monitor=monitor, state="running").exists()


def _seen(member: Member) -> Monitors:
    rows = Monitor.objects.open_to(member.person, member.teams)
    return rows if member.may("read") else rows.none()


def may_change(member: Member, owner: int) -> bool:
    """Tell whether a member may change a monitor that they can see."""
    return access.may_change(member, owner=owner)


def demand(member: Member, monitor: str, *, deleted: bool = False) -> MonitorRow:
    """Return a monitor that a member may see. Raises NotFound, for a colleague outside it as for a stranger."""
    row = _with_news(_seen(member).filter(pk=monitor, deleted_at__isnull=not deleted)).first()
    if row is None:
        raise NotFound(_("There is no such monitor."))
    return _row(row, accounts.names([row.owner]))


def monitors(member: Member, *, deleted: bool = False) -> tuple[MonitorRow, ...]:
    """List the monitors that a member may see, the newest first."""
    rows = list(_with_news(_seen(member).filter(deleted_at__isnull=not deleted)).order_by("-created_at")[:500])
    people = accounts.names({row.owner for row in rows})
    return tuple(_row(row, people) for row in rows)


def _with_news(rows: QuerySet[Monitor]) -> QuerySet[Any]:
    newest = Edition.objects.filter(monitor=OuterRef("pk"), state__in=("changed", "unchanged")).exclude(run="")
    newest, ended = newest.order_by("-due_at"), newest.filter(state="changed").order_by("-due_at")
    return rows.annotate(
        newest=Subquery(newest.values("pk")[:1]), news=Subquery(newest.values("changes")[:1]),
        changed_at=Subquery(ended.values("ended_at")[:1]),
    )  # fmt: skip


def _row(row: Any, people: dict[int, str]) -> MonitorRow:
    table = row.timetable
    going = row.state == "active" and row.deleted_at is None
    return MonitorRow(
        id=row.pk, question=row.question, state=row.state, reason=row.reason, owner=row.owner,
        by=people.get(row.owner, ""), timetable=table,
        next=tuple(islice(timetable.upcoming(table, clock.now()), 3)) if going else (),
        cap=row.cap, ways=tuple(row.ways), request=dict(row.request), visibility=row.visibility,
        named=tuple(row.named), team=row.team, viewed=row.viewed,
        changes=0 if row.newest == row.viewed else len(row.news or ()), changed_at=row.changed_at,
        deleted_at=row.deleted_at,
    )  # fmt: skip


def editions(member: Member, row: MonitorRow) -> tuple[EditionRow, ...]:
    """List the times of a monitor, newest first; a run that the reader may not see has no link."""
    found = list(Edition.objects.filter(monitor=row.id).order_by("-due_at")[:MOST_EDITIONS])
    seen = access.visible(member)
    return tuple(
        EditionRow(
            each.pk, each.due_at, each.state, each.run, each.reason, len(each.changes), each.credits,
            bool(each.run) and each.state == "changed" and not each.against, each.run in seen, each.pk == row.viewed,
        )
        for each in found
    )  # fmt: skip


def news(member: Member, row: MonitorRow) -> tuple[ChangeRow, ...]:
    """Return what changed since somebody looked last; nothing where the reader may not see the runs."""
    edition = Edition.objects.with_report(row.id).first()
    if edition is None or edition.pk == row.viewed or not access.opens(member, edition.run):
        return ()
    return tuple(change_rows(edition.changes))


def change_rows(found: Sequence[dict[str, Any]]) -> list[ChangeRow]:
    """Return stored changes as rows."""
    return [
        ChangeRow(
            each["kind"], each["old"], each["new"], tuple(Span(**span) for span in each["before"]),
            tuple(Span(**span) for span in each["after"]),
        )
        for each in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice or mail of a monitor says."""

    monitor: str
    question: str
    changes: tuple[ChangeRow, ...]
    reason: str


def told(*, run: str = "", monitor: str = "") -> Told | None:
    """Return what a monitor has to tell: of a run's edition, or of itself."""
    if run:
        edition = Edition.objects.select_related("monitor").filter(run=run, monitor__deleted_at=None).last()
        return Told(
            edition.monitor_id, edition.monitor.question, tuple(change_rows(edition.changes)), ""
        ) if edition else None  # fmt: skip
    row = Monitor.objects.filter(pk=monitor, deleted_at=None).first()
    return Told(row.pk, row.question, (), row.reason) if row else None


def belongs(run: str) -> bool:
    """Tell whether a run was asked by a monitor."""
    return Edition.objects.filter(run=run).exists()

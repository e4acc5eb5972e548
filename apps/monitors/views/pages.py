"""What the pages of monitors show: timetables in words, prices, changes with their places."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from apps.accounts.queries import Member
from apps.lib import clock
from apps.library import queries as library
from apps.monitors import queries
from apps.monitors.queries import ChangeRow, EditionRow, MonitorRow
from apps.monitors.rules import timetable
from apps.monitors.rules.timetable import Timetable
from apps.research.actions import runs
from apps.research.actions.runs import Request
from apps.research.queries import costs
from apps.research.queries.costs import Past


@dataclass(frozen=True, slots=True)
class Line:
    """A monitor in the list. next: its next three times in words; a_month: credits, as expected."""

    row: MonitorRow
    when: str
    next: tuple[str, ...]
    a_month: int
    one: int


@dataclass(frozen=True, slots=True)
class MonitorsPage:
    lines: tuple[Line, ...]
    deleted: tuple[MonitorRow, ...]
    may_add: bool


@dataclass(frozen=True, slots=True)
class Time:
    """One edition, with when it was in the monitor's own time."""

    row: EditionRow
    at: str


@dataclass(frozen=True, slots=True)
class MonitorPage:
    """One monitor. changes: since somebody looked; a_look: what it costs where nothing is new, in credits."""

    line: Line
    changes: tuple[ChangeRow, ...]
    times: tuple[Time, ...]
    may_change: bool
    may_view: bool
    newest: str
    at_work: bool


def overview(member: Member) -> MonitorsPage:
    """Return the list of monitors."""
    known: dict[str, Past] = {}
    lines = tuple(_line(row, known) for row in queries.monitors(member))
    deleted = queries.monitors(member, deleted=True) if member.may("research") else ()
    return MonitorsPage(lines, tuple(r for r in deleted if queries.may_change(member, r.owner)), member.may("research"))


def one(member: Member, monitor: str) -> MonitorPage:
    """Return the page of one monitor. Raises NotFound."""
    row = queries.demand(member, monitor)
    editions = queries.editions(member, row)
    reports = [each for each in editions if each.run and each.shown and each.state in {"changed", "unchanged"}]
    newest = reports[0] if reports else None
    return MonitorPage(
        line=_line(row, {}), changes=queries.news(member, row),
        times=tuple(Time(each, moment(each.due_at, row.timetable.zone)) for each in editions),
        may_change=member.may("research") and queries.may_change(member, row.owner),
        may_view=member.may("research") and newest is not None and newest.id != row.viewed,
        newest=newest.run if newest else "", at_work=any(each.state == "running" for each in editions),
    )  # fmt: skip


def _line(row: MonitorRow, known: dict[str, Past]) -> Line:
    mode = row.request.get("mode", "mock")
    past = known.setdefault(mode, costs.past(mode)) if mode not in known else known[mode]
    band = runs.estimate(_priced(row), past)
    zone = row.timetable.zone
    return Line(
        row, in_words(row.timetable), tuple(moment(at, zone) for at in row.next),
        timetable.a_month(row.timetable.kind, band.likely), band.most,
    )  # fmt: skip


def _priced(row: MonitorRow) -> Request:
    given = row.request
    documents = tuple(given.get("documents", ())) if given.get("scope") != "all" else ("all",) * 40
    return Request(
        question=row.question, documents=documents, depth=given["depth"], source_cap=given.get("source_cap", 0),
        mode=given["mode"], web=given.get("web", False),
    )  # fmt: skip


def in_words(table: Timetable) -> str:
    """Say when a monitor is due: “every Monday at 8:00 (Europe/Berlin)”."""
    told = {
        "at": time_format(time(table.hour, table.minute), "H:i"), "zone": table.zone.replace("_", " "),
        "weekday": WEEKDAYS[table.weekday], "day": table.day,
    }  # fmt: skip
    sentences = {
        "daily": _("every day at %(at)s (%(zone)s)"),
        "weekdays": _("Monday to Friday at %(at)s (%(zone)s)"),
        "weekly": _("every %(weekday)s at %(at)s (%(zone)s)"),
        "monthly": _("on day %(day)s of every month at %(at)s (%(zone)s)"),
    }
    return sentences[table.kind] % told


def moment(at: datetime, zone: str) -> str:
    """Say a time as people do: today, tomorrow, else the day, in a time zone."""
    local, today = at.astimezone(ZoneInfo(zone)), clock.now().astimezone(ZoneInfo(zone)).date()
    days = (local.date() - today).days
    told = {"at": time_format(local.time(), "H:i"), "day": date_format(local.date(), _("D j M Y"))}
    if days == 0:
        return _("today at %(at)s") % told
    if days == 1:
        return _("tomorrow at %(at)s") % told
    return _("%(day)s at %(at)s") % told


def initial(row: MonitorRow) -> dict[str, Any]:
    """Return the first values of the form for a monitor that is there."""
    given, table = row.request, row.timetable
    return given | asdict(table) | {
        "question": row.question, "at": time(table.hour, table.minute), "cap": row.cap, "ways": list(row.ways),
        "approval": "publish" in given.get("approval_points", ()), "visibility": row.visibility,
        "named": list(row.named), "team": row.team, "documents": list(library.newest_of(given.get("documents", ()))),
    }  # fmt: skip


def initial_of_run(given: dict[str, Any]) -> dict[str, Any]:
    """Return the first values of the form for a run that is to be watched."""
    kept = {name: given[name] for name in ("question", "depth", "mode", "methodology", "visibility", "team", "named")}
    return kept | {
        "scope": "chosen" if given["documents"] else "all", "documents": list(library.newest_of(given["documents"])),
        "assumptions": given["assumptions"].splitlines(), "source_cap": given["source_cap"],
        "approval": "publish" in given["points"],
    }  # fmt: skip

"""What a workspace used in a period, by run, person, model, tool or version of the agent. Periods are in UTC.

The call ledger stands above this room: `used_by` and `used_daily` are how it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from apps.billing.units import Units, units
from apps.lib import ports

# `used_by(by=…, since=…, until=…)`: a `Part` for each value of a dimension and each tool.
used_by = ports.declare("billing.used_by")
# `used_daily(since=…, until=…)`: the credits that calls used, by day.
used_daily = ports.declare("billing.used_daily")

DIMENSIONS = ("run", "person", "model", "tool", "agent_version")


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of a day up to the beginning of another."""

    since: datetime
    until: datetime

    @property
    def days(self) -> list[date]:
        """Its days, the first one first."""
        return [self.since.date() + timedelta(n) for n in range((self.until - self.since).days)]

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.until - timedelta(1)).date()


@dataclass(frozen=True, slots=True)
class Part:
    """The answered calls of one tool that have one value of a dimension, such as one run."""

    of: str
    tool: str
    calls: int
    tokens_in: int
    tokens_out: int
    credits: int
    micro_dollars: int


@dataclass(frozen=True, slots=True)
class Use:
    """Answered calls, their billable units, credits, and what providers charge for them in micro-dollars."""

    calls: int = 0
    units: Units = Units()
    credits: int = 0
    micro_dollars: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(
            self.calls + other.calls, self.units + other.units, self.credits + other.credits,
            self.micro_dollars + other.micro_dollars,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a dimension. of: None for all that the reader is not to be told apart."""

    of: str | None
    use: Use


def month(first: date) -> Period:
    """Return the calendar month of a day."""
    begin = first.replace(day=1)
    end = (begin + timedelta(31)).replace(day=1)
    return Period(_midnight(begin), _midnight(end))


def last_month(today: date) -> Period:
    """Return the calendar month before a day's."""
    return month(today.replace(day=1) - timedelta(1))


def last_days(today: date, days: int = 30) -> Period:
    """Return the days up to a day and with it."""
    end = _midnight(today + timedelta(1))
    return Period(end - timedelta(days), end)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def groups(by: str, period: Period, *, seen: Collection[str] = ()) -> list[Group]:
    """List what was used by each value of a dimension, the most credits first; all of it is in there.

    seen: the runs that the reader may see. The others are one group, which stands last.
    """
    found: dict[str | None, Use] = {}
    for part in used_by(by=by, since=period.since, until=period.until):
        of = part.of if by != "run" or part.of in seen else None
        found[of] = found.get(of, Use()) + _use(part)
    rows = [Group(of, use) for of, use in found.items()]
    return sorted(rows, key=lambda row: (row.of is None, -row.use.credits, -row.use.micro_dollars, row.of or ""))


def units_of(part: Part) -> Units:
    """Return what calls are billed by."""
    return units(part.tool, calls=part.calls, tokens_in=part.tokens_in, tokens_out=part.tokens_out)


def _use(part: Part) -> Use:
    return Use(part.calls, units_of(part), part.credits, part.micro_dollars)


def total(rows: Iterable[Group]) -> Use:
    """Add groups up."""
    return sum((row.use for row in rows), Use())


def daily(period: Period) -> list[tuple[date, int]]:
    """Return the credits that calls used on each day of a period."""
    found = used_daily(since=period.since, until=period.until)
    return [(day, found.get(day, 0)) for day in period.days]

"""When a monitor is due: daily, on weekdays, weekly or monthly, at a time of day in a time zone; and when it rests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KINDS = ("daily", "weekdays", "weekly", "monthly")
# How often a month, in hundredths: what the cost of a month is reckoned from.
A_MONTH = {"daily": 3044, "weekdays": 2174, "weekly": 435, "monthly": 100}
# So many failures in a row stop it.
MOST_FAILURES = 5
# Later days are not in every month.
LAST_DAY = 28


@dataclass(frozen=True, slots=True)
class Timetable:
    """weekday: 0 is Monday, for `weekly`. day: of the month, 1 to 28, for `monthly`. zone: of the tz database."""

    kind: str
    hour: int
    minute: int
    zone: str
    weekday: int = 0
    day: int = 1

    @property
    def crontab(self) -> dict[str, str]:
        """Return the fields of a crontab; there 0 is Sunday."""
        return {
            "minute": str(self.minute), "hour": str(self.hour), "month_of_year": "*",
            "day_of_week": {"weekdays": "1-5", "weekly": str((self.weekday + 1) % 7)}.get(self.kind, "*"),
            "day_of_month": str(self.day) if self.kind == "monthly" else "*",
        }  # fmt: skip

    def includes(self, day: date) -> bool:
        """Tell whether it is due on a day."""
        return {
            "daily": True, "weekdays": day.weekday() < 5, "weekly": day.weekday() == self.weekday,
            "monthly": day.day == self.day,
        }[self.kind]  # fmt: skip

    def on(self, day: date) -> datetime:
        """Return the moment of a day, in UTC. A time that the clocks leave out is as much later."""
        local = datetime.combine(day, time(self.hour, self.minute), tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)


def upcoming(table: Timetable, after: datetime) -> Iterator[datetime]:
    """Yield the times after a moment, without end.

    >>> at = datetime(2026, 3, 28, 12, tzinfo=UTC)
    >>> [t.isoformat() for t, _ in zip(upcoming(Timetable("daily", 8, 0, "Europe/Berlin"), at), range(2))]
    ['2026-03-29T06:00:00+00:00', '2026-03-30T06:00:00+00:00']
    """
    day = after.astimezone(ZoneInfo(table.zone)).date()
    while True:
        if table.includes(day) and (at := table.on(day)) > after:
            yield at
        day += timedelta(days=1)


def latest(table: Timetable, at: datetime) -> datetime:
    """Return the last time that is not after a moment."""
    day = at.astimezone(ZoneInfo(table.zone)).date()
    while not table.includes(day) or table.on(day) > at:
        day -= timedelta(days=1)
    return table.on(day)


def between(table: Timetable, after: datetime, before: datetime, *, most: int = 31) -> list[datetime]:
    """Return the times after one moment and before another, the last `most` of them."""
    found = []
    for at in upcoming(table, after):
        if at >= before:
            break
        found.append(at)
    return found[-most:]


def rests(failures: int) -> int:
    """Return how many times are left out after so many failures in a row.

    >>> [rests(n) for n in range(5)]
    [0, 1, 2, 4, 8]
    """
    return 2 ** (failures - 1) if failures else 0


def a_month(kind: str, credits: int) -> int:
    """Return what a month costs when one time costs so many credits, rounded up.

    >>> a_month("weekly", 20), a_month("daily", 20)
    (87, 609)
    """
    return -(-A_MONTH[kind] * credits // 100)

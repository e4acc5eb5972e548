"""Billing periods: from one anchor on, in months of the calendar."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from .store import Thing

HOUR = 3600
DAY = 24 * HOUR
ANCIENT, DISTANT = 0, 32_503_680_000


def later(anchor: int, recurring: Thing, count: int) -> int:
    """Return the moment `count` intervals after an anchor, in seconds; the 31st becomes a short month's last day."""
    steps = recurring["interval_count"] * count
    if recurring["interval"] in ("day", "week"):
        return anchor + steps * DAY * (7 if recurring["interval"] == "week" else 1)
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.month - 1 + steps * (12 if recurring["interval"] == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def following(anchor: int, recurring: Thing, moment: int) -> int:
    """Return the first end of a period that lies after a moment."""
    length = timedelta(days={"day": 1, "week": 7, "month": 31, "year": 366}[recurring["interval"]]).total_seconds()
    count = max(1, int((moment - anchor) // (length * recurring["interval_count"])))
    while later(anchor, recurring, count) <= moment:
        count += 1
    return later(anchor, recurring, count)


def share(amount: int, moment: int, start: int, end: int) -> int:
    """Return what of an amount falls on the rest of a period, rounded half up to a cent."""
    if end <= start:
        return 0
    part = Fraction(amount * (end - max(start, min(moment, end))), end - start)
    return int(part + Fraction(1, 2)) if part >= 0 else -int(-part + Fraction(1, 2))

"""What answered calls used, added up for the pages of money. A call counts on the day it began, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from apps.billing.usage import DIMENSIONS, Part
from apps.policy.models import Call


def used_by(*, by: str, since: datetime, until: datetime) -> list[Part]:
    """Add up the answered calls of a period by one of DIMENSIONS and by tool. Raises ValueError for another."""
    if by not in DIMENSIONS:
        raise ValueError(f"calls are not added up by {by}")
    names = [by] if by == "tool" else [by, "tool"]
    rows = _answered(since, until).order_by().values(*names).annotate(
        calls=Count("id"), input=Sum("input_tokens"), output=Sum("output_tokens"), cost=Sum("micro_dollars"),
        used=Sum("credits"),
    )  # fmt: skip
    return [
        Part(str(row[by]), row["tool"], row["calls"], row["input"], row["output"], row["used"], row["cost"])
        for row in rows
    ]


def used_daily(*, since: datetime, until: datetime) -> dict[date, int]:
    """Add up the credits of the answered calls of a period by day."""
    rows = _answered(since, until).order_by().annotate(day=TruncDate("started_at", tzinfo=UTC)).values("day")
    return dict(rows.annotate(used=Sum("credits")).values_list("day", "used"))


def _answered(since: datetime, until: datetime) -> QuerySet[Call]:
    return Call.objects.filter(state="done", started_at__gte=since, started_at__lt=until)

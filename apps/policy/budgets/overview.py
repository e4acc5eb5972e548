"""The month as its page shows it: what is used, what runs under way have set aside, and of which limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum

from apps.lib import clock
from apps.policy import rules
from apps.policy.budgets.standing import Limit
from apps.policy.models import BudgetLimit, BudgetUse, RunReserve

MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """Tokens and micro-dollars that were used, and that are set aside beside them."""

    tokens: int = 0
    micro_dollars: int = 0
    held_tokens: int = 0
    held_micro_dollars: int = 0


@dataclass(frozen=True, slots=True)
class RunUse:
    """What a run used in all, and still has set aside."""

    run: str
    person: int
    taken: Taken


@dataclass(frozen=True, slots=True)
class Month:
    """anew: the day on which the next one begins. people: by person's id. exceptions are counted in the limits."""

    day: date
    anew: date
    workspace: Taken
    limit: Limit
    people: dict[int, Taken]
    runs: tuple[RunUse, ...]


def month() -> Month:
    """Return the current month of the workspace."""
    day = clock.now().date()
    period = rules.period(day)
    rows = {(row.kind, row.subject): row for row in BudgetUse.objects.filter(period=period)}
    under_way = _under_way(period)
    return Month(
        day, rules.next_month(day), _taken(rows.get(("workspace", "")), sum_of(list(under_way.values()))),
        _limit(period),
        {int(subject): _taken(row, under_way.get(int(subject), (0, 0)))
         for (kind, subject), row in rows.items() if kind == "person"},
        _runs(period),
    )  # fmt: skip


def sum_of(pairs: list[tuple[int, int]]) -> tuple[int, int]:
    """Add pairs up.

    >>> sum_of([(1, 2), (3, 4)]), sum_of([])
    ((4, 6), (0, 0))
    """
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def _under_way(period: str) -> dict[int, tuple[int, int]]:
    """What runs under way have used and not yet moved to the month, by person: the month's row still holds it."""
    rows = RunReserve.objects.filter(period=period).values("person").annotate(
        tokens_now=Sum(F("tokens") - F("moved_tokens")),
        dollars_now=Sum(F("micro_dollars") - F("moved_micro_dollars")),
    )  # fmt: skip
    return {row["person"]: (row["tokens_now"], row["dollars_now"]) for row in rows}


def _taken(row: BudgetUse | None, used: tuple[int, int]) -> Taken:
    if row is None:
        return Taken()
    return Taken(
        row.tokens + used[0], row.micro_dollars + used[1], max(0, row.held_tokens - used[0]),
        max(0, row.held_micro_dollars - used[1]),
    )  # fmt: skip


def _limit(period: str) -> Limit:
    row = BudgetLimit.objects.filter(kind="workspace", subject="").first()
    if row is None:
        return Limit()
    extra = row.extra_period == period
    return Limit(
        None if row.tokens is None else row.tokens + extra * row.extra_tokens,
        None if row.micro_dollars is None else row.micro_dollars + extra * row.extra_micro_dollars,
    )


def _runs(period: str) -> tuple[RunUse, ...]:
    rows = RunReserve.objects.filter(period=period).order_by("-micro_dollars", "-tokens")[:MOST_RUNS]
    return tuple(
        RunUse(
            row.run, row.person,
            Taken(row.tokens, row.micro_dollars, row.reserved_tokens - row.tokens,
                  row.reserved_micro_dollars - row.micro_dollars),
        )
        for row in rows
    )  # fmt: skip

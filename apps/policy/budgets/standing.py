"""How a month stands: the limits that bind a call, and what is taken of them. One query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Q, Value

from apps.policy import rules
from apps.policy.models import BudgetLimit, BudgetUse
from apps.policy.rules import Amount

# The months' rows that a run's reserve stands in, in the order in which they are locked: the busiest last.
MONTHLY = ("person", "workspace")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a subject may use; None where nothing limits it."""

    tokens: int | None = None
    micro_dollars: int | None = None

    def pairs(self, taken: Amount, cares: Amount) -> Iterator[tuple[int, int | None]]:
        """Yield (taken, limit) for each kind of unit that a call needs some of."""
        if cares.tokens:
            yield taken.tokens, self.tokens
        if cares.micro_dollars:
            yield taken.micro_dollars, self.micro_dollars

    def level(self, taken: Amount, cares: Amount) -> str:
        """Return allow, throttle or block, the stricter of tokens and micro-dollars."""
        return rules.worst(rules.level(*pair) for pair in self.pairs(taken, cares))

    def covers(self, taken: Amount, cares: Amount) -> bool:
        """Tell whether so much is still within it."""
        return all(limit is None or there <= limit for there, limit in self.pairs(taken, cares))


@dataclass(frozen=True, slots=True)
class Standing:
    """limits by kind (workspace, person, run); taken, reservations included, by kind (workspace, person)."""

    limits: dict[str, Limit] = field(default_factory=dict)
    taken: dict[str, Amount] = field(default_factory=dict)

    def limit(self, kind: str) -> Limit:
        """Return what limits a kind."""
        return self.limits.get(kind, Limit())

    def level(self, cares: Amount) -> str:
        """Return the strictest level of the month's budgets as they stand."""
        return rules.worst(self.limit(kind).level(self.taken.get(kind, Amount()), cares) for kind in MONTHLY)

    def left(self) -> int:
        """Return how much of the tightest budget of the month is left, in per cent."""
        shares = [
            max(0, 100 - there * 100 // max(1, most))
            for kind in MONTHLY
            for there, most in self.limit(kind).pairs(self.taken.get(kind, Amount()), Amount(1, 1))
            if most is not None
        ]
        return min(shares, default=100)

    def keep(self, cares: Amount) -> Amount:
        """Return what a run keeps to be finished from: a tenth of the smallest budget at most; nothing without one."""
        smallest = self._smallest()
        most = self.spare(cares)
        return Amount(
            0 if smallest[0] is None else most.tokens, 0 if smallest[1] is None else most.micro_dollars
        )  # fmt: skip

    def spare(self, cares: Amount) -> Amount:
        """Return what a run sets aside beyond its next call, so that it need not come back for each."""
        tokens, dollars = self._smallest()
        most = (settings.RUN_RESERVE_TOKENS, settings.RUN_RESERVE_MICRO_DOLLARS)
        return Amount(
            most[0] if tokens is None else min(most[0], tokens // 10),
            most[1] if dollars is None else min(most[1], dollars // 10),
        ).where(cares)  # fmt: skip

    def _smallest(self) -> tuple[int | None, int | None]:
        tokens = [self.limit(kind).tokens for kind in MONTHLY]
        dollars = [self.limit(kind).micro_dollars for kind in MONTHLY]
        return (
            min((limit for limit in tokens if limit is not None), default=None),
            min((limit for limit in dollars if limit is not None), default=None),
        )  # fmt: skip


def slowed_at(*, run: str, person: int, mode: str, at: datetime) -> int:
    """Return at how many per cent the month stands where it makes a run's calls go slowly; 0 where it does not."""
    now, cares = read(run=run, person=person, at=at), Amount(1, 0 if mode == "mock" else 1)
    if now.level(cares) == "allow":
        return 0
    shares = [
        there * 100 // max(1, most)
        for kind in MONTHLY
        for there, most in now.limit(kind).pairs(now.taken.get(kind, Amount()), cares)
        if most is not None
    ]
    return max(shares, default=0)


def read(*, run: str, person: int, at: datetime) -> Standing:
    """Return the limits that bind a call of a run for a person now, and what is taken of them this month."""
    month, whose = rules.period(at), str(person)
    limits = BudgetLimit.objects.filter(
        Q(kind="workspace") | Q(kind="person", subject__in=("", whose)) | Q(kind="run", subject__in=("", run))
    ).values_list(
        Value(0), "kind", "subject", "tokens", "micro_dollars", "extra_tokens", "extra_micro_dollars", "extra_period"
    )  # fmt: skip
    uses = BudgetUse.objects.filter(
        Q(kind="workspace") | Q(kind="person", subject=whose), period=month
    ).values_list(
        Value(1), "kind", "subject", "tokens", "micro_dollars", "held_tokens", "held_micro_dollars", "period"
    )  # fmt: skip
    found, taken = {}, {}
    # A subject's own limit stands after the one for everybody of its kind, and takes its place.
    for what, kind, _subject, *figures, when in sorted(limits.union(uses, all=True), key=lambda row: (row[0], row[2])):
        if what:
            taken[kind] = Amount(figures[0] + figures[2], figures[1] + figures[3])
        else:
            found[kind] = effective(figures, extra=kind == "run" or when == month)
    return Standing(found, taken)


def of(limits: Mapping[str, Sequence[int | None]], taken: Mapping[str, Sequence[int]]) -> Standing:
    """Return a standing from pairs of tokens and micro-dollars, by kind."""
    return Standing(
        {kind: Limit(*pair) for kind, pair in limits.items()}, {kind: Amount(*pair) for kind, pair in taken.items()}
    )


def effective(figures: list[int | None], *, extra: bool) -> Limit:
    """Return a limit with its exception where one is in force; figures: tokens, micro-dollars, the extra of both."""
    tokens, dollars, more_tokens, more_dollars = figures
    return Limit(
        None if tokens is None else tokens + (more_tokens or 0 if extra else 0),
        None if dollars is None else dollars + (more_dollars or 0 if extra else 0),
    )

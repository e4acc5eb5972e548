"""Tell an admin once that a month's budget has reached a mark, and say to a run why it may not go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts import tenancy
from apps.lib import ports
from apps.observability import audit
from apps.policy import rules
from apps.policy.budgets.standing import MONTHLY, Limit
from apps.policy.models import BudgetUse
from apps.policy.rules import Amount


@dataclass(frozen=True, slots=True)
class Marked:
    """A month's budget has reached a mark, in per cent. kind: workspace or person; subject: the person's id."""

    workspace: str
    kind: str
    subject: str
    period: str
    mark: int
    at: datetime


# Called inside the transaction of the reservation, as `marked(event=Marked(…))`; once a budget, month and mark.
marked = ports.declare("policy.budget_marked", many=True)


def lock(kind: str, person: int, period: str) -> BudgetUse:
    """Lock a month's row until the transaction ends; it is made where there is none yet."""
    given: dict[str, Any] = {"kind": kind, "subject": str(person) if kind == "person" else "", "period": period}
    locked = BudgetUse.objects.select_for_update()
    row = locked.filter(**given).first()
    if row is None:
        BudgetUse.objects.get_or_create(**given)
        row = locked.get(**given)
    return row


def note(row: BudgetUse, limit: Limit, *, at: datetime) -> None:
    """Tell that a month's row, whose lock is held, has reached a higher mark than anybody was told of."""
    taken = Amount(row.tokens + row.held_tokens, row.micro_dollars + row.held_micro_dollars)
    reached = max(rules.mark(taken.tokens, limit.tokens), rules.mark(taken.micro_dollars, limit.micro_dollars))
    if reached > row.told:
        _tell(row, reached, at)


def stopped(*, kinds: Sequence[str], person: int, at: datetime) -> None:
    """Tell, once a month, that a budget stops calls; kinds: the months that did."""
    for kind in kinds:
        with transaction.atomic():
            row = lock(kind, person, rules.period(at))
            if row.told < rules.STOP_AT:
                _tell(row, rules.STOP_AT, at)


def _tell(row: BudgetUse, reached: int, at: datetime) -> None:
    row.told = reached
    row.save(update_fields=["told"])
    schema = tenancy.current()
    audit.record(
        by=None, did="budget.marked", to=f"{row.kind} {row.subject}".strip(), workspace=schema, at=at,
        reason=f"{row.period}: {reached} %",
    )  # fmt: skip
    marked(event=Marked(schema, row.kind, row.subject, row.period, reached, at))


def refusal(
    limits: Sequence[Limit], taken: Sequence[Amount], amount: Amount, at: datetime
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    """Say which month's budget does not cover a call, how full it is, when it begins anew, and which kinds stop it."""
    found = [
        (there * 100 // max(1, most), kind)
        for kind, limit, sum_ in zip(MONTHLY, limits, taken, strict=True)
        for (there, most), (after, _most) in zip(
            limit.pairs(sum_, amount), limit.pairs(sum_ + amount, amount), strict=True
        )
        if most is not None and rules.level(after, most) == "block"
    ]  # fmt: skip
    share, fullest = max(found)
    whose = "The workspace's" if fullest == "workspace" else "This person's"
    anew = rules.next_month(at.date())
    sentence = (
        f"{whose} budget for {at:%B %Y} is {share} % taken, and this call could take it above {rules.STOP_AT} %. "
        f"It begins anew on {anew.day} {anew:%B %Y}. Somebody who may change budgets can raise it or make an exception."
    )
    return sentence, tuple(sorted({kind for _share, kind in found}))

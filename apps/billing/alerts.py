"""Tell people once a month and mark how much of the credits is taken, after the transaction that took them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import queries, rules
from apps.billing.models import AlertSetting, CreditAlert
from apps.lib import clock, ports
from apps.observability import audit

USUAL_ROLES = ("owner", "billing")


@dataclass(frozen=True, slots=True)
class Reached:
    """The credits of a month (`2026-11`) have reached a mark, in per cent."""

    workspace: str
    period: str
    mark: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a workspace wants told. chosen: False where nobody chose and these are the usual ones."""

    roles: tuple[str, ...]
    people: tuple[int, ...]
    chosen: bool


# Called as `reached(event=Reached(…))`, in the transaction that notes the mark; once a workspace, month and mark.
reached = ports.declare("billing.credits_reached", many=True)


def told(workspace: str) -> Told:
    """Return whom a workspace wants told of credits and budgets."""
    row = AlertSetting.objects.filter(workspace=workspace).first()
    return Told(tuple(row.roles), tuple(row.people), True) if row else Told(USUAL_ROLES, (), False)


def people(workspace: str) -> tuple[int, ...]:
    """Return the members who are told, by id; where none of those chosen is left, the owner."""
    chosen = told(workspace)
    members = accounts.members_of(workspace)
    found = tuple(row.person for row in members if row.role in chosen.roles or row.person in chosen.people)
    return found or (accounts.owner_of(workspace),)


def taken(workspace: str) -> tuple[int, int]:
    """Return the credits of this month that runs were charged or hold, and all that could be used this month.

    The second is the first and what is available: what has expired or was taken back is not in it.
    """
    balance = queries.balance(workspace)
    used = balance.held + max(0, queries.spent_since(workspace, queries.month_began()))
    return used, used + balance.available


def watch(workspace: str) -> None:
    """Look, once the transaction that moves credits has committed, whether a mark is reached.

    It happens outside the lock of the balance. Where this process dies in between, the next movement makes up for it.
    """
    transaction.on_commit(lambda: look(workspace), robust=True)


def look(workspace: str) -> None:
    """Tell of the highest mark that is reached, if nobody was told this month of it or of a higher one."""
    with tenancy.in_workspace(workspace):
        now = clock.now()
        used, most = taken(workspace)
        mark = rules.mark(used, most) if used else 0
        period = f"{now:%Y-%m}"
        rows = CreditAlert.objects.filter(workspace=workspace, period=period)
        if mark > (rows.aggregate(top=Max("mark"))["top"] or 0):
            _tell(Reached(workspace, period, mark, now))


def _tell(event: Reached) -> None:
    """Note the mark and those below it, and tell if it was not noted meanwhile; the rows' key decides who is first."""
    with transaction.atomic():
        new = False
        for mark in (each for each in rules.MARKS if each <= event.mark):
            _row, new = CreditAlert.objects.get_or_create(
                workspace=event.workspace, period=event.period, mark=mark, defaults={"at": event.at}
            )
        if new:
            audit.record(
                by=None, did="credits.marked", to=event.period, workspace=event.workspace, at=event.at,
                reason=f"{event.mark} %",
            )  # fmt: skip
            reached(event=event)

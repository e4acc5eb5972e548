"""Balances and ledger lines, as pages need them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, IntegerField, Q, Sum, Value, When, Window

from apps.billing import rules
from apps.billing.models import Balance, CreditEntry, CreditGrant
from apps.lib import clock, ports

# `runs_seen(member=…)`: the runs that a member may see, by id. Who pays learns nothing of a colleague's private run.
runs_seen = ports.declare("billing.runs_seen")


@dataclass(frozen=True, slots=True)
class BalanceRow:
    available: int
    held: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    kind: str
    credits: int
    run: str
    step: str
    note: str
    created_at: datetime


def balance(workspace: str) -> BalanceRow:
    """Return what a workspace can spend and what its runs hold, in credits."""
    row = Balance.objects.filter(workspace=workspace).first()
    return BalanceRow(row.available, row.held) if row else BalanceRow(0, 0)


def ledger(workspace: str, *, run: str = "") -> list[LedgerLine]:
    """List the movements of a workspace or of one run, oldest first."""
    rows = CreditEntry.objects.filter(workspace=workspace)
    rows = rows.filter(run=run) if run else rows
    return [LedgerLine(r.kind, r.credits, r.run, r.step, r.note, r.created_at) for r in rows.order_by("id")]


@dataclass(frozen=True, slots=True)
class GrantRow:
    """Credits that were given at once. held, spent: what runs hold and were charged of them."""

    id: int
    source: str
    credits: int
    left: int
    held: int
    spent: int
    note: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the ledger. change: what it did to the credits available; after: how many were available then."""

    id: int
    kind: str
    credits: int
    change: int
    after: int
    source: str
    run: str
    step: str
    note: str
    by: int | None
    at: datetime


def grants(workspace: str) -> list[GrantRow]:
    """List the grants that still have credits, held ones too, in the order in which they are burned."""
    moved = Counter[tuple[int, str]]()
    sums = CreditEntry.objects.filter(workspace=workspace).values("grant", "kind").annotate(size=Sum("credits"))
    for part, kind, size in sums.values_list("grant", "kind", "size"):
        moved[part, kind] = size
    rows = CreditGrant.objects.filter(workspace=workspace)
    found = [
        GrantRow(
            row.pk, row.source, row.credits, row.left,
            moved[row.pk, "hold"] - moved[row.pk, "charge"] - moved[row.pk, "release"], moved[row.pk, "charge"],
            row.note, row.created_at, row.expires_at,
        )
        for row in sorted(rows, key=lambda row: rules.burn_order(row.source, row.expires_at, row.pk))
    ]  # fmt: skip
    return [row for row in found if row.left or row.held]


def spent_since(workspace: str, at: datetime, until: datetime | None = None) -> int:
    """Return the credits charged since a moment, and before another where one is given, refunds taken off."""
    rows = CreditEntry.objects.filter(workspace=workspace, created_at__gte=at)
    rows = rows.filter(created_at__lt=until) if until else rows
    found = rows.aggregate(
        charge=Sum("credits", filter=Q(kind="charge"), default=0),
        refund=Sum("credits", filter=Q(kind="refund"), default=0),
    )
    return int(found["charge"] - found["refund"])


def movements(workspace: str, *, run: str = "", before: int = 0, limit: int = 50) -> list[Movement]:
    """List movements, newest first. run: of this run only; before: those older than this one's id."""
    change = Case(
        *(When(kind=kind, then=F("credits") * Value(sign)) for kind, sign in _SIGNS.items()),
        default=Value(0), output_field=IntegerField(),
    )  # fmt: skip
    rows = CreditEntry.objects.filter(workspace=workspace).select_related("grant").annotate(
        change=change, after=Window(Sum(change), order_by=F("id").asc()),
    )  # fmt: skip
    # Filters on a window are applied around it: the sums are those of the whole ledger.
    rows = rows.filter(**{"run": run} if run else {}, **{"id__lt": before} if before else {})
    return [
        Movement(
            row.pk, row.kind, row.credits, row.change, row.after, row.grant.source, row.run, row.step, row.note, row.by,
            row.created_at,
        )
        for row in rows.order_by("-id")[:limit]
    ]  # fmt: skip


_SIGNS = {
    kind: (target == "available") - (source == "available")
    for kind, (source, target) in rules.ACCOUNTS.items()
    if "available" in (source, target)
}


def month_began() -> datetime:
    """Return when the calendar month began, in UTC."""
    return clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)

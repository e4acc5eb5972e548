"""Balances and ledger lines, as pages need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.billing.models import Balance, CreditEntry


@dataclass(frozen=True, slots=True)
class BalanceRow:
    available: int
    held: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    kind: str
    credits: int
    run: str
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
    return [LedgerLine(r.kind, r.credits, r.run, r.note, r.created_at) for r in rows.order_by("id")]

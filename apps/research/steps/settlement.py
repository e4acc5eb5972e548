"""A run has ended: charge what its calls used, release the rest of what it held."""

from __future__ import annotations

from django.db.models import F

from apps.billing.actions import credits
from apps.lib import ports
from apps.policy import queries as policy
from apps.policy.approvals import request as approvals
from apps.research.models import FollowUp, Inquiry

# Who is to be told hears `ended(workspace=…, run=…, state=…)` inside the transaction that ends the run.
ended = ports.declare("research.run_ended", many=True)


def settle(*, workspace: str, run: str, state: str) -> None:
    """Settle a run's credits in the transaction that ends it; a draft that was rejected keeps what it cost."""
    approvals.withdraw(run=run)
    credits.settle(workspace=workspace, run=run, used=policy.used(run).credits)
    Inquiry.objects.filter(run=run).update(rounds=F("rounds") + 1)
    ended(workspace=workspace, run=run, state=state)


def settle_follow_up(*, workspace: str, run: str, state: str) -> None:
    """Settle what a follow-up question held, in the transaction that ends it."""
    credits.settle(workspace=workspace, run=run, used=policy.used(run).credits)
    FollowUp.objects.filter(pk=run).update(rounds=F("rounds") + 1)

"""A run has ended: charge what its calls used, release the rest of what it held."""

from __future__ import annotations

from django.db.models import F

from apps.billing.actions import credits
from apps.lib import ports
from apps.policy import queries as policy
from apps.policy.approvals import request as approvals
from apps.research.models import FollowUp, Inquiry
from apps.runtime import queries as runtime

BEFORE = ("plan", "accept")
# Who is to be told hears `ended(workspace=…, run=…, state=…)` inside the transaction that ends the run.
ended = ports.declare("research.run_ended", many=True)
# Who had the sources of a run collected again hears `rechecked(workspace=…, look=…, state=…, credits=…)` likewise.
rechecked = ports.declare("research.rechecked", many=True)


def settle(*, workspace: str, run: str, state: str) -> None:
    """Settle a run's credits in the transaction that ends it; a draft that was rejected keeps what it cost."""
    approvals.withdraw(run=run)
    used = _charge(workspace, run, state, before=BEFORE)
    # What stopped on its way says nothing of what a whole run costs.
    learned = {"used": used} if state == "completed" else {}
    Inquiry.objects.filter(run=run).update(rounds=F("rounds") + 1, **learned)
    ended(workspace=workspace, run=run, state=state)


def settle_follow_up(*, workspace: str, run: str, state: str) -> None:
    """Settle what a follow-up question held, in the transaction that ends it."""
    _charge(workspace, run, state, before=())
    FollowUp.objects.filter(pk=run).update(rounds=F("rounds") + 1)


def settle_recheck(*, workspace: str, run: str, state: str) -> None:
    """Settle what a look at sources held, in the transaction that ends it, and tell who asked for it."""
    used = _charge(workspace, run, state, before=())
    rechecked(workspace=workspace, look=run, state=state, credits=used)


def _charge(workspace: str, run: str, state: str, *, before: tuple[str, ...]) -> int:
    """Charge what the run's calls used, a line for each task in the order of the run, and release the rest.

    Returns what they used, in credits.

    before: steps that bring the reader nothing yet. A run that fails before any other step succeeded costs nothing.
    """
    tasks, used = runtime.tasks(run), policy.credits_by_task(run)
    if state == "failed" and not any(row.state == "succeeded" and row.step not in before for row in tasks):
        used = {}
    steps = {row.key: used[row.id] for row in tasks if row.id in used}
    total = sum(used.values())
    credits.settle(workspace=workspace, run=run, used=total, steps=steps)
    return total

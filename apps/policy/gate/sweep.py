"""What a dead gate and an ended run left behind is given back: the scheduler asks, the gate does it."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from django.conf import settings

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.lib import clock, signing
from apps.policy.budgets import holds
from apps.policy.gate import client, ledger
from apps.policy.identity import credentials, delegation
from apps.policy.models import Call

# A call younger than this may be between its row and its maker's note of it.
SECONDS = 10
# A run whose next task is due later than this waits for a person, or for a time.
WAIT_SECONDS = 300
# The tokens of a sign-in that has ended are erased by then, given back or not.
ENDED_KEPT = timedelta(days=1)


def ask() -> dict[str, int]:
    """Ask the gate to sweep, or do it here where the gate is this process; return what was found. Raises GateDown."""
    gate = client.gate()
    if isinstance(gate, client.HttpGate):
        return dict(gate._post("/v1/sweep", settings.WORKLOAD_SECRET, {}))
    return sweep(settings.WORKLOAD_SECRET, {})


def sweep(secret: str, body: dict[str, Any]) -> dict[str, int]:
    """Close calls of dead gates, and let go of what idle runs had set aside, in every workspace. Raises BadToken."""
    if not settings.WORKLOAD_SECRET or not hmac.compare_digest(secret.encode(), settings.WORKLOAD_SECRET.encode()):
        raise signing.BadToken("This is not the workload's secret.")
    lost = freed = 0
    for schema in accounts.schemas():
        with tenancy.in_workspace(schema, gate=True):
            lost += lose_abandoned()
            credentials.erase_ended(before=clock.now() - ENDED_KEPT)
            delegation.erase_old(before=clock.now())
            freed += free_idle(schema)
    return {"lost": lost, "freed": freed}


def lose_abandoned(*, older: timedelta = timedelta(seconds=SECONDS)) -> int:
    """Close this workspace's calls whose gate died; return how many."""
    rows = Call.objects.filter(state="intent", started_at__lt=clock.now() - older)
    dead = [row for row in rows if ledger.is_abandoned(row)]
    for row in dead:
        ledger.lose(row)
    return len(dead)


def free_idle(schema: str) -> int:
    """Let go of what runs of this workspace that have ended, or wait, still have set aside; return of how many.

    A run that waits for a person may wait for days: it keeps no more than what finishes it.
    """
    holding = holds.unsettled()
    if not holding:
        return 0
    due, now = agenda.runs_due(workspace=schema, runs=holding), clock.now()
    at_work = agenda.runs_due(workspace=schema, runs=holding, by=now + timedelta(seconds=WAIT_SECONDS))
    return sum(holds.let_go(run=run, keep=run in due) for run in holding if run not in at_work)

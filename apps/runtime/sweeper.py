"""Ring again for what is due and unclaimed: a lost message, a lease that ran out, a wait that ended."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings

from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.agenda.queries import DueRow
from apps.lib import clock
from apps.runtime import dispatch, engine, statements

log = logging.getLogger(__name__)
BATCH = 500
# A message that was rung is given this long before it is rung once more.
PATIENCE = timedelta(seconds=10)
# What has been due for this long is rung at the highest level: no plan waits for others for ever.
LONG = timedelta(seconds=60)


def sweep() -> int:
    """Ring for everything due in any workspace; return how many tasks were rung.

    Where the queue is down and AGENT_STEP_QUEUE_STRICT is off, a task runs here, behind its claim.
    """
    now = clock.now()
    with tenancy.as_platform("one query finds what is due in every workspace"):
        patience = min(PATIENCE, timedelta(seconds=settings.LEASE_SECONDS))
        rows = agenda.unclaimed(at=now, again_after=patience, limit=BATCH)
        for workspace in {row.workspace for row in rows}:
            statements.rung(workspace=workspace, tasks=[r.task for r in rows if r.workspace == workspace], now=now)
    for row in rows:
        _ring(row, urgent=now - row.due_at > LONG)
    return len(rows)


def _ring(row: DueRow, *, urgent: bool) -> None:
    unheard = dispatch.ring(workspace=row.workspace, run=row.run, ready=[(row.task, row.queue)], urgent=urgent)
    if unheard and not settings.AGENT_STEP_QUEUE_STRICT:
        log.warning("the queue is down: %s runs inline", row.task)
        engine.advance(workspace=row.workspace, run=row.run, task=row.task)
        tenancy.close()

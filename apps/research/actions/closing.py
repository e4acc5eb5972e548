"""What is at work in a workspace that is closed comes to its end."""

from __future__ import annotations

from django.db import transaction

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.lib.errors import Conflict
from apps.runtime import actions as runtime
from apps.runtime import queries as runs


def stop_all(*, by: int, schema: str) -> int:
    """Cancel what is live in a workspace: what it used is charged, what it held comes back; return how many runs.

    Runs inside the caller's transaction, or in one of its own for each run.
    """
    stopped = 0
    with tenancy.in_workspace(schema):
        for run in runs.live():
            try:
                with transaction.atomic():
                    runtime.cancel(by=by, run=run)
                stopped += 1
            except Conflict:
                # It ended by itself at this moment.
                continue
    return stopped


def stop_late() -> int:
    """Cancel what began in the moment in which its workspace was closed; return how many runs."""
    return sum(stop_all(by=accounts.owner_of(schema), schema=schema) for schema in accounts.closed_schemas())

"""Erase runs for good: those deleted long ago, and those that are older than the workspace keeps them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.lib import clock
from apps.library.actions import purge as library
from apps.library.actions import reports, snapshots
from apps.memory import actions as memory
from apps.observability import audit
from apps.policy import queries as policy
from apps.policy.approvals import request as approvals
from apps.policy.guardrails import containment
from apps.research.actions import proofs
from apps.research.models import FollowUp, Inquiry, Rating, Report, ShareLink
from apps.runtime import actions as runtime
from apps.runtime import queries as runs

# A deleted run can be brought back for this long.
UNDO_DAYS = 30
MOST_AT_ONCE = 200


def tidy() -> int:
    """Erase in every workspace what is due; return how many runs and documents went. Called without a workspace."""
    return sum(_tidy_one(schema) for schema in accounts.schemas())


def _tidy_one(schema: str) -> int:
    keep = workspaces.review_keeping(schema=schema)
    with tenancy.in_workspace(schema):
        due = _due(keep)
        for run in due:
            erase(run=run)
        return len(due) + library.purge()


def _due(keep_days: int | None) -> list[str]:
    now = clock.now()
    deleted = Inquiry.objects.filter(deleted_at__lte=now - timedelta(days=UNDO_DAYS))
    due = list(deleted.values_list("run", flat=True)[:MOST_AT_ONCE])
    if keep_days is not None:
        old = runs.ended_before(now - timedelta(days=keep_days))
        due += Inquiry.objects.filter(run__in=old).exclude(run__in=due).values_list("run", flat=True)[:MOST_AT_ONCE]
    return due


def erase(*, run: str) -> None:
    """Erase a run that has ended, with its report, answers, sources and what was remembered of it.

    The ledger of calls and credits stays: it holds hashes and figures, no text. Raises nothing when it is gone.
    """
    with transaction.atomic():
        answers = list(FollowUp.objects.filter(run=run).values_list("pk", flat=True))
        looks = runs.looks_of(run)
        memory.forget(run=run, for_good=True)
        reports.erase(by=None, run=run)
        bundle = proofs.erase(run=run)
        for model in (Report, FollowUp, Rating, ShareLink, Inquiry):
            model.objects.filter(run=run).delete()
        for each in (run, f"{run}.proof", *answers, *looks):
            runtime.erase(run=each)
            approvals.erase(run=each)
            containment.forget(run=each)
        unused = snapshots.release(run=run) | policy.bodies_of([run, f"{run}.proof", *answers, *looks]) | bundle
        unused = unused.union(*(snapshots.release(run=look) for look in looks))
        audit.record(workspace=tenancy.current(), by=None, did="run.erased", to=run)
    library.erase_unused(unused)


def erase_private(*, person: int, email: str, schema: str) -> None:
    """Erase what somebody who leaves Footnote kept to themselves in a workspace; live runs are cancelled first."""
    if not schema:
        return
    with tenancy.in_workspace(schema):
        own = list(Inquiry.objects.filter(owner=person, visibility="private").values_list("run", flat=True))
        for run in own:
            if run in runs.live():
                runtime.cancel(by=person, run=run)
            erase(run=run)

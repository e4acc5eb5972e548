"""Say what is due next. The engine's own statement writes `Due` rows too (runtime.statements)."""

from __future__ import annotations

from datetime import datetime

from apps.agenda.models import Due, PendingApproval


def wake(*, workspace: str, task: str, at: datetime) -> bool:
    """Make a waiting task due at once; tell whether there was one. Runs inside the caller's transaction."""
    return bool(Due.objects.filter(workspace=workspace, task=task, lease_until=None).update(due_at=at, rung_at=None))


def announce_approval(
    *, workspace: str, approval: str, run: str, asked_by: int | None, at: datetime, expires_at: datetime
) -> None:
    """List an approval for reviewers across workspaces."""
    PendingApproval.objects.get_or_create(
        approval=approval,
        defaults={
            "workspace": workspace, "run": run, "asked_by": asked_by, "created_at": at, "expires_at": expires_at,
        },
    )  # fmt: skip


def settle_approval(*, approval: str) -> None:
    """Take an approval off the list: it was decided, or it expired."""
    PendingApproval.objects.filter(approval=approval).delete()

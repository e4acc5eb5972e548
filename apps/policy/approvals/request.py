"""Ask a person about exactly this, once; and read the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.lib import clock, ids
from apps.observability import audit
from apps.policy import rules
from apps.policy.approvals import kinds
from apps.policy.models import Approval


@dataclass(frozen=True, slots=True)
class Answer:
    """state: pending, accepted, rejected or expired. edited: the subject as a person changed it, or None."""

    approval: str
    state: str
    reason: str
    decided_by: int | None
    expires_at: datetime
    edited: dict[str, Any] | None = None


def answer(
    *, run: str, task: str, name: str, subject: Mapping[str, Any], rule: str, asked_for: int, approver_role: str = ""
) -> Answer:  # fmt: skip
    """Return the answer to this very subject, asking for it where nobody has yet.

    The subject is part of the approval: another subject is another question. An approval that nobody decided
    expires after seven days. approver_role: who may answer, where the rule's kind does not say.
    """
    now = clock.now()
    expires_at = now + timedelta(days=settings.APPROVAL_DAYS)
    with transaction.atomic():
        row, new = Approval.objects.get_or_create(
            task=task, name=name, subject_hash=rules.digest(subject),
            defaults={
                "id": ids.new("apr"), "run": run, "subject": dict(subject), "rule": rule, "asked_for": asked_for,
                "created_at": now, "expires_at": expires_at,
                "approver_role": approver_role or kinds.decided_by_role(rule),
            },
        )  # fmt: skip
        if row.state == "withdrawn":  # the run was cancelled while it waited, and goes on now: ask once more
            Approval.objects.filter(pk=row.pk, state="withdrawn").update(
                state="pending", expires_at=expires_at, assigned_to=None, escalated_at=None
            )
            new = True
        elif Approval.objects.filter(pk=row.pk, state="pending", expires_at__lte=now).update(
            state="expired", decided_at=now
        ):
            agenda.settle_approval(approval=row.pk)
            _tell(row, "expired", None, now)
        row.refresh_from_db()
        if new:
            agenda.announce_approval(
                workspace=tenancy.current(), approval=row.pk, run=run, asked_by=asked_for, at=now,
                expires_at=row.expires_at, rule=rule, approver_role=row.approver_role,
            )  # fmt: skip
            _tell(row, "asked", asked_for, now)
    return Answer(row.pk, row.state, row.reason, row.decided_by, row.expires_at, row.edited)


def _tell(row: Approval, change: str, by: int | None, at: datetime) -> None:
    schema = tenancy.current()
    audit.record(by=by, did=f"approval.{change}", to=row.pk, workspace=schema, at=at)
    kinds.moved(event=kinds.Moved(
        schema, row.pk, row.run, row.rule, change, by, None, row.asked_for, "", at, row.approver_role,
    ))  # fmt: skip


def withdraw(*, run: str) -> None:
    """Take back what a run still asks: it has ended. Runs inside the transaction that ends it."""
    for approval in Approval.objects.filter(run=run, state="pending").values_list("pk", flat=True):
        Approval.objects.filter(pk=approval, state="pending").update(state="withdrawn")
        agenda.settle_approval(approval=approval)


def erase(*, run: str) -> None:
    """Erase what was asked about a run and what was written to it; who decided, and when, stays."""
    Approval.objects.filter(run=run).update(subject={}, edited=None, reason="")

"""Decide an approval: once, by whoever is first; or hand it to somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.accounts.queries import Member
from apps.agenda import actions as agenda
from apps.agenda import queries as waiting
from apps.lib import clock
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.observability import audit
from apps.policy.approvals import kinds
from apps.policy.approvals.kinds import NEEDS, Moved
from apps.policy.models import Approval

ANSWERS = {"accept": "accepted", "edit": "accepted", "reject": "rejected"}
__all__ = ["ANSWERS", "NEEDS", "as_staff", "decide", "delegate", "escalate", "hand_over"]


def decide(
    *, by: int, approval: str, verdict: str, reason: str = "", run: str = "", edited: Mapping[str, Any] | None = None
) -> str:  # fmt: skip
    """Accept, edit or reject, wake the task that waits, and take the approval off every list, in one transaction.

    verdict: accept, edit (accepts `edited` in place of the subject; the caller has checked it) or reject, which needs
    a reason unless it is about a plan. run: the run it must belong to, where the caller names one.
    Returns the task that waited.

    Raises: NotFound, Invalid, Forbidden (the person may not approve here), Conflict (decided: by whom and when).
    """
    row = _find(approval, run)
    _demand_decider(_member(by), row)
    return _settle(row, by=by, verdict=verdict, reason=reason, edited=edited)


def as_staff(*, by: int, approval: str, verdict: str, reason: str) -> str:
    """Decide as the platform's staff what is theirs to decide, from outside the workspace; return the task.

    Raises: Forbidden (no platform staff, or not theirs), NotFound, Invalid (no reason), Conflict.
    """
    if not waiting.is_platform_staff(by):
        raise Forbidden(_("Only platform staff may decide this."))
    if not reason.strip():
        raise Invalid(_("Say why. The workspace can read it."))
    found = waiting.waiting(approval)
    if found is None:
        raise Conflict(_("This approval does not wait any more: it was decided, or it expired."))
    with tenancy.in_workspace(found.workspace):
        row = _find(approval, "")
        if row.approver_role != kinds.STAFF:
            raise Forbidden(_("The workspace decides this one. Its owner can hand it over to platform staff."))
        return _settle(row, by=by, verdict=verdict, reason=reason, edited=None, did="approval.staff_")


def delegate(*, by: int, approval: str, to: int, reason: str = "") -> None:
    """Ask a member who may approve to decide; whoever could decide before still may, and the first one counts.

    Raises: NotFound, Forbidden, Invalid (`to` may not decide this), Conflict (decided already).
    """
    row = _find(approval, "")
    _demand_decider(_member(by), row)
    assignee = accounts.member(tenancy.current(), to)
    if assignee is None or not assignee.may(kinds.act_for(row.rule, row.approver_role)):
        name = assignee.name if assignee else _("This person")
        raise Invalid(_("%(name)s may not decide this. Choose somebody whose role allows it.") % {"name": name})
    _assign(row, by=by, to=to, change="delegated", reason=reason)


def escalate(*, approval: str, to: int) -> bool:
    """Ask the fallback approver, once, because an approval expires soon; tell whether it was done now."""
    row = Approval.objects.filter(pk=approval, state="pending", escalated_at=None).first()
    if row is None:
        return False
    try:
        _assign(row, by=None, to=to, change="escalated", reason="", escalated_at=clock.now())
    except Conflict:
        return False
    return True


def hand_over(*, by: int, approval: str, reason: str) -> None:
    """Let the platform's staff decide in place of the workspace. For its owners and admins.

    Raises: NotFound, Forbidden, Invalid (no reason), Conflict.
    """
    row, schema = _find(approval, ""), tenancy.current()
    demand(_member(by), "oversee")
    if not reason.strip():
        raise Invalid(_("Say why platform staff should decide this."))
    with transaction.atomic():
        if not _open(row, clock.now()).exclude(approver_role=kinds.STAFF).update(approver_role=kinds.STAFF):
            row.refresh_from_db()
            raise Conflict(_already(row))
        row.refresh_from_db()
        agenda.hand_to_staff(approval=row.pk)
        _tell(row, schema, by=by, to=None, change="handed_over", did="approval.handed_over", reason=reason.strip())


def _member(person: int) -> Member:
    member = accounts.member(tenancy.current(), person)
    if member is None:
        raise Forbidden(_("You are not a member of this workspace."))
    return member


def _find(approval: str, run: str) -> Approval:
    row = Approval.objects.filter(pk=approval).first()
    if row is None or (run and row.run != run):
        raise NotFound(_("There is no such approval."))
    return row


def _demand_decider(member: Member, row: Approval) -> None:
    demand(member, kinds.act_for(row.rule, row.approver_role))
    if row.subject.get("four_eyes") and member.person == row.asked_for:
        raise Forbidden(_("Somebody else has to decide this: you asked for it."))
    if row.approver_role == kinds.STAFF and row.state == "pending":
        raise Forbidden(_("Platform staff decide this one. You are told as soon as they have."))


def _open(row: Approval, now: datetime) -> Any:
    return Approval.objects.filter(pk=row.pk, state="pending", expires_at__gt=now)


def _settle(
    row: Approval, *, by: int, verdict: str, reason: str, edited: Mapping[str, Any] | None, did: str = "approval."
) -> str:  # fmt: skip
    reason, schema, now = reason.strip()[:1000], tenancy.current(), clock.now()
    _check(row, verdict, reason, edited)
    with transaction.atomic():
        changed = _open(row, now).update(
            state=ANSWERS[verdict], reason=reason, decided_by=by, decided_at=now,
            edited=dict(edited) if verdict == "edit" and edited is not None else None,
        )  # fmt: skip
        row.refresh_from_db()
        if not changed:
            raise Conflict(_already(row))
        agenda.wake(workspace=schema, task=row.task, at=now)
        agenda.settle_approval(approval=row.pk)
        _tell(row, schema, by=by, to=None, change=row.state, did=did + ("edited" if verdict == "edit" else row.state))
    return row.task


def _check(row: Approval, verdict: str, reason: str, edited: Mapping[str, Any] | None) -> None:
    if verdict not in ANSWERS or (verdict == "edit") != (edited is not None):
        raise Invalid(_("Choose to accept, to edit or to reject."))
    if verdict == "reject" and not reason and row.rule != "plan" and row.state == "pending":
        raise Invalid(_("Say why you reject it. Whoever asked reads it."))


def _assign(
    row: Approval, *, by: int | None, to: int, change: str, reason: str, escalated_at: datetime | None = None
) -> None:  # fmt: skip
    schema = tenancy.current()
    values: dict[str, Any] = {"assigned_to": to}
    free = _open(row, clock.now())
    if escalated_at:
        values["escalated_at"], free = escalated_at, free.filter(escalated_at=None)
    with transaction.atomic():
        if not free.update(**values):
            row.refresh_from_db()
            raise Conflict(_already(row))
        row.refresh_from_db()
        if escalated_at:
            agenda.mark_escalated(approval=row.pk, at=escalated_at)
        _tell(row, schema, by=by, to=to, change=change, did=f"approval.{change}", reason=reason.strip()[:1000])


def _tell(
    row: Approval, schema: str, *, by: int | None, to: int | None, change: str, did: str, reason: str = ""
) -> None:  # fmt: skip
    now = clock.now()
    name = accounts.names([to]).get(to, "") if to else ""
    line = ": ".join(part for part in (name, reason or row.reason) if part)
    audit.record(by=by, did=did, to=row.pk, reason=line, workspace=schema, at=now)
    kinds.moved(event=Moved(
        schema, row.pk, row.run, row.rule, change, by, to, row.asked_for, reason or row.reason, now, row.approver_role,
    ))  # fmt: skip


def _already(row: Approval) -> str:
    if row.state == "withdrawn":
        return _("The run has ended, so nothing waits for a decision any more.")
    if row.state == "pending" and row.expires_at > clock.now():
        return _("Somebody else has just changed this. Look at it again.")
    if row.decided_by is None or row.decided_at is None:
        return _("This approval has expired. Nothing was written.")
    name = accounts.names([row.decided_by]).get(row.decided_by, "")
    states = {"accepted": _("accepted"), "rejected": _("rejected")}
    at = date_format(localtime(row.decided_at), _("j M Y, H:i"))
    return _("Already decided by %(name)s at %(at)s: %(state)s.") % {
        "name": name, "at": at, "state": states.get(row.state, row.state),
    }  # fmt: skip

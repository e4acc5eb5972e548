"""Decide an approval: once, by whoever is first."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.agenda import actions as agenda
from apps.lib import clock
from apps.lib.errors import Conflict, Forbidden, NotFound
from apps.policy.models import Approval

# A plan is accepted by whoever may research; everything else needs an approver.
NEEDS = {"plan": "research"}
ANSWERS = {"accept": "accepted", "reject": "rejected"}


def decide(*, by: int, approval: str, verdict: str, reason: str = "", run: str = "") -> str:
    """Accept or reject, wake the task that waits, and take the approval off everybody's list, in one transaction.

    run: the run it must belong to, where the caller names one. Returns the task that waited.

    Raises: NotFound, Forbidden (the person may not approve here), Conflict (decided already: by whom and when).
    """
    schema = tenancy.current()
    member = accounts.member(schema, by)
    if member is None:
        raise Forbidden(_("You are not a member of this workspace."))
    row = Approval.objects.filter(pk=approval).first()
    if row is None or (run and row.run != run):
        raise NotFound(_("There is no such approval."))
    demand(member, NEEDS.get(row.rule, "approve"))
    now = clock.now()
    with transaction.atomic():
        changed = Approval.objects.filter(pk=approval, state="pending", expires_at__gt=now).update(
            state=ANSWERS[verdict], reason=reason[:1000], decided_by=by, decided_at=now
        )
        row.refresh_from_db()
        if not changed:
            raise Conflict(_already(row))
        agenda.wake(workspace=schema, task=row.task, at=now)
        agenda.settle_approval(approval=row.pk)
    return row.task


def _already(row: Approval) -> str:
    if row.decided_by is None or row.decided_at is None:
        return _("This approval has expired. Nothing was written.")
    name = accounts.names([row.decided_by]).get(row.decided_by, "")
    return _("Already decided by %(name)s at %(at)s: %(state)s.") % {
        "name": name, "at": row.decided_at.strftime("%Y-%m-%d %H:%M"), "state": row.state,
    }  # fmt: skip

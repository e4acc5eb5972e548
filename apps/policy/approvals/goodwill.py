"""Goodwill credits: one member of platform staff asks, another one decides."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.agenda import actions as agenda
from apps.agenda import queries as waiting
from apps.billing.actions import credits as ledger
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.observability import audit
from apps.policy.approvals import kinds

MOST = 100_000


def ask(*, by: int, slug: str, credits: int, reason: str) -> str:
    """Ask for credits for a workspace; return the request's id. Nothing is granted yet.

    Works with the platform's role. Raises: Forbidden (no platform staff), NotFound, Invalid (no reason, the amount).
    """
    space, reason, now = accounts.workspace_of_slug(slug), reason.strip(), clock.now()
    _demand_staff(by)
    if space is None:
        raise NotFound(_("There is no such workspace."))
    if not reason:
        raise Invalid(_("Say why. The workspace can read it in its ledger."))
    if not 0 < credits <= MOST:
        raise Invalid(_("Give between 1 and %(most)d credits.") % {"most": MOST})
    id = ids.new("gdw")
    with transaction.atomic():
        agenda.keep_goodwill(by=by, id=id, schema=space.schema, credits=credits, reason=reason, at=now)
        agenda.announce_approval(
            workspace=space.schema, approval=id, run="", asked_by=by, at=now,
            expires_at=now + timedelta(days=settings.APPROVAL_DAYS), rule="goodwill", approver_role=kinds.STAFF,
        )  # fmt: skip
        audit.record(by=by, did="goodwill.asked", to=id, reason=f"{credits}: {reason}", workspace=space.schema)
    return id


def decide(*, by: int, request: str, verdict: str, reason: str) -> None:
    """Grant or refuse a request for credits, in one transaction; whoever asked can't decide.

    Raises: Forbidden, NotFound, Invalid (no reason), Conflict (decided already, or a week old).
    """
    row, reason, now = waiting.goodwill(request), reason.strip(), clock.now()
    _demand_staff(by)
    if row is None:
        raise NotFound(_("There is no such request."))
    if row.asked_by == by:
        raise Forbidden(_("You asked for this, so somebody else decides it."))
    if not reason or verdict not in {"accept", "reject"}:
        raise Invalid(_("Choose to grant or to refuse, and say why."))
    found = waiting.waiting(request)
    state = "accepted" if verdict == "accept" else "rejected"
    with transaction.atomic():
        in_time = found is not None and found.expires_at > now
        if not in_time or not agenda.close_goodwill(by=by, id=request, state=state, reason=reason, at=now):
            raise Conflict(_("This was decided already, or its time is over."))
        agenda.settle_approval(approval=request)
        audit.record(by=by, did=f"goodwill.{state}", to=request, reason=reason, workspace=row.schema, at=now)
        if verdict == "accept":
            ledger.grant(
                by=by, workspace=row.schema, credits=row.credits, key=f"goodwill:{row.id}", note=row.reason[:200]
            )  # fmt: skip


def _demand_staff(person: int) -> None:
    if not waiting.is_platform_staff(person):
        raise Forbidden(_("Only platform staff may do this."))

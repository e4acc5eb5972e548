"""Say what is due next, and who looks as whom. The engine's own statement writes `Due` rows too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.agenda import queries, rules
from apps.agenda.models import Due, Goodwill, Impersonation, Outbox, PendingApproval, PlatformPause
from apps.lib import clock
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.observability import audit

TICKET_SECONDS = 30
TICKET_SALT = "footnote.impersonation"
MINUTES = (15, 30, 60)


def wake(*, workspace: str, task: str, at: datetime) -> bool:
    """Make a waiting task due at once; tell whether there was one. Runs inside the caller's transaction."""
    return bool(Due.objects.filter(workspace=workspace, task=task, lease_until=None).update(due_at=at, rung_at=None))


def announce_approval(
    *, workspace: str, approval: str, run: str, asked_by: int | None, at: datetime, expires_at: datetime,
    rule: str = "", approver_role: str = "approve",
) -> None:  # fmt: skip
    """List an approval for reviewers across workspaces."""
    PendingApproval.objects.get_or_create(
        approval=approval,
        defaults={
            "workspace": workspace, "run": run, "asked_by": asked_by, "created_at": at, "expires_at": expires_at,
            "rule": rule, "approver_role": approver_role,
        },
    )  # fmt: skip


def settle_approval(*, approval: str) -> None:
    """Take an approval off the list: it was decided, or it expired."""
    PendingApproval.objects.filter(approval=approval).delete()


def mark_escalated(*, approval: str, at: datetime) -> bool:
    """Note that somebody else was asked to decide; tell whether this was the first time."""
    return bool(PendingApproval.objects.filter(approval=approval, escalated_at=None).update(escalated_at=at))


def hand_to_staff(*, approval: str) -> None:
    """List an approval as one that the platform's staff decide."""
    PendingApproval.objects.filter(approval=approval).update(approver_role="platform_staff")


def post(
    *, kind: str, key: str, payload: Mapping[str, Any], workspace: str = "", person: int | None = None,
    address: str = "", at: datetime | None = None,
) -> bool:  # fmt: skip
    """Write down that something must be sent, inside the transaction of what causes it.

    key: unique for this effect; a second row with it is not made. person or address: to whom.
    Returns whether the row is new.
    """
    now = clock.now()
    _row, new = Outbox.objects.get_or_create(
        key=f"{workspace}:{key}"[:200],
        defaults={
            "kind": kind, "workspace": workspace, "person": person, "address": address, "payload": dict(payload),
            "created_at": now, "due_at": at or now,
        },
    )  # fmt: skip
    return new


def lease_parcel(*, id: int) -> bool:
    """Claim an unsent row for one sender; False when it was sent, given up, or somebody is sending it."""
    now = clock.now()
    free = Outbox.objects.filter(pk=id, sent_at=None, gave_up_at=None).exclude(leased_until__gt=now)
    return bool(free.update(leased_until=now + timedelta(seconds=rules.LEASE_SECONDS)))


def mark_sent(*, id: int) -> bool:
    """Note that a row was sent, and erase what it held; tell whether that is news."""
    waiting = Outbox.objects.filter(pk=id, sent_at=None)
    return bool(waiting.update(sent_at=clock.now(), payload={}, error="", leased_until=None))


def put_off(*, id: int, error: str, final: bool = False) -> None:
    """Try a row again later, with growing waits; after `rules.MOST_TRIES`, or where `final`, keep it for a person."""
    with transaction.atomic():
        row = Outbox.objects.select_for_update().filter(pk=id, sent_at=None).first()
        if row is None:
            return
        now = clock.now()
        row.tries, row.error, row.leased_until = row.tries + 1, error[:500], None
        row.due_at = now + timedelta(seconds=rules.wait(row.tries))
        row.gave_up_at = now if final or rules.gives_up(row.tries) else None
        row.save(update_fields=["tries", "error", "leased_until", "due_at", "gave_up_at"])


def send_again(*, by: int, id: int) -> None:
    """Give a row that was given up its tries back. Raises NotFound, Conflict when it was sent already."""
    row = Outbox.objects.filter(pk=id).first()
    if row is None:
        raise NotFound(_("There is no such row in the outbox."))
    with transaction.atomic():
        if not Outbox.objects.filter(pk=id, sent_at=None).update(tries=0, due_at=clock.now(), gave_up_at=None):
            raise Conflict(_("This was sent already, and what it held is erased."))
        audit.record(by=by, did="outbox.sent_again", to=str(id), workspace=row.workspace)


def impersonate(
    *, by: int, person: int, schema: str, reason: str, minutes: int, sign_in: int | None = None
) -> str:  # fmt: skip
    """Let a member of staff see a workspace as one of its people; return a ticket for the workspace's host.

    sign_in: the one of the member of staff on the apex; the look ends with it. Works with the platform's role.
    Raises: Forbidden, NotFound, Invalid (no reason, another time limit).
    """
    if not queries.is_platform_staff(by):
        raise Forbidden(_("Only platform staff may do this."))
    if not reason.strip():
        raise Invalid(_("Say why. The workspace can read it in its audit log."))
    if minutes not in MINUTES:
        raise Invalid(_("Choose 15, 30 or 60 minutes."))
    if accounts.member(schema, person) is None:
        raise NotFound(_("This person is not a member of this workspace."))
    if person == by or queries.is_staff(person):
        raise Forbidden(_("You can't view as yourself or as a member of staff."))
    now = clock.now()
    with transaction.atomic():
        row = Impersonation.objects.create(
            staff=by, person=person, schema=schema, reason=reason.strip()[:1000], started_at=now,
            ends_at=now + timedelta(minutes=minutes),
        )  # fmt: skip
        _audit(row, by, "impersonation.started", reason.strip())
    return signing.dumps([row.pk, sign_in], salt=TICKET_SALT)


def arrive(*, ticket: str, schema: str) -> tuple[queries.Look, int | None]:
    """Spend a ticket on its workspace's host, once and within 30 seconds; return the look and its sign-in.

    Raises Forbidden.
    """
    refusal = Forbidden(_("This link was used or is too old. Start again from the staff pages."))
    try:
        id, sign_in = signing.loads(ticket, salt=TICKET_SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature as error:
        raise refusal from error
    now = clock.now()
    fresh = Impersonation.objects.filter(pk=id, schema=schema, arrived_at=None, ended_at=None, ends_at__gt=now)
    if not fresh.update(arrived_at=now):
        raise refusal
    found = queries.look(id, schema)
    if found is None:
        raise refusal
    return found, sign_in


def end_impersonation(*, id: int, by: int | None) -> None:
    """End a look before or at its time; ending it twice changes nothing."""
    with transaction.atomic():
        row = Impersonation.objects.select_for_update().filter(pk=id, ended_at=None).first()
        if row is None:
            return
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        _audit(row, by, "impersonation.ended", "")


def note_refusal(*, look: queries.Look, path: str) -> None:
    """Keep that somebody tried to change something while they only looked."""
    audit.record(by=look.staff, did="impersonation.refused", to=path, workspace=look.schema, reason=look.reason)


def _audit(row: Impersonation, by: int | None, did: str, reason: str) -> None:
    audit.record(by=by, did=did, to=f"person {row.person}", reason=reason, workspace=row.schema)


def staff_origin() -> str:
    """Return where the staff pages are."""
    return f"{settings.PUBLIC_ORIGIN}/staff/"


def keep_goodwill(*, by: int, id: str, schema: str, credits: int, reason: str, at: datetime) -> None:
    """Keep that a member of staff wants to give credits. Runs inside the caller's transaction."""
    Goodwill.objects.create(id=id, schema=schema, credits=credits, reason=reason[:1000], asked_by=by, asked_at=at)


def close_goodwill(*, by: int, id: str, state: str, reason: str, at: datetime) -> bool:
    """Close a request that waits; tell whether this was the first answer."""
    return bool(
        Goodwill.objects.filter(pk=id, state="pending").update(
            state=state, decided_by=by, decided_at=at, decided_because=reason[:1000]
        )
    )


def pause_platform(*, by: int, reason: str) -> None:
    """Stop every agent of every workspace from its next call on. Works with the platform's role.

    Raises: Forbidden (no platform staff), Invalid (no reason), Conflict (somebody did already).
    """
    _demand_staff(by, reason)
    with transaction.atomic():
        _row, new = PlatformPause.objects.get_or_create(
            number=1, defaults={"reason": reason.strip()[:500], "by": by, "at": clock.now()}
        )
        if not new:
            raise Conflict(_("The platform is paused already."))
        audit.record(by=by, did="platform.paused", to="platform", reason=reason.strip())


def resume_platform(*, by: int, reason: str) -> None:
    """Let agents act again. Raises: Forbidden (no platform staff), Invalid (no reason), Conflict (it is not paused)."""
    _demand_staff(by, reason)
    with transaction.atomic():
        gone, _kinds = PlatformPause.objects.filter(number=1).delete()
        if not gone:
            raise Conflict(_("The platform is not paused."))
        audit.record(by=by, did="platform.resumed", to="platform", reason=reason.strip())


def _demand_staff(by: int, reason: str) -> None:
    if not queries.is_platform_staff(by):
        raise Forbidden(_("Only platform staff may do this."))
    if not reason.strip():
        raise Invalid(_("Say why. It is kept, and workspaces read it."))


def forget_addressee(*, person: int, email: str) -> None:
    """Take a person who was erased out of the outbox: what waits for them is not sent, what was sent names nobody."""
    Outbox.objects.filter(Q(person=person) | Q(address__iexact=email)).delete()

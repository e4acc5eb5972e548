"""Invitations: a link that makes one person a member, once.

The token is the invitation's id, signed, so that the link can be shown again; the table keeps a digest of it only.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts import rules, tenancy
from apps.accounts.actions import letters, workspaces
from apps.accounts.models import Invitation, Membership, User, Workspace
from apps.accounts.queries import WorkspaceRow
from apps.lib import clock, ports
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound, ProductError

A_DAY = 50
# A plan limits the seats: whoever is bound raises where another one would be too many.
seats = ports.declare("accounts.seats", many=True)
RESEND_AFTER = timedelta(minutes=1)


class Spent(ProductError):
    """This invitation can't be used any more."""

    code = "spent"
    status = 410


class TooMany(ProductError):
    """Too many invitations in a short time."""

    code = "too_many"
    status = 429


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers, as its page shows it. `member` tells that the person who looks is one already."""

    workspace: str
    slug: str
    role: str
    email: str
    inviter: str
    expires_at: datetime
    member: bool


def token_of(invitation: uuid.UUID) -> str:
    """Return the token of an invitation's link."""
    return Signer(salt="accounts.invitation", sep=".").sign(invitation.hex)


def link_of(invitation: uuid.UUID) -> str:
    """Return the link that the invited person opens, on the apex."""
    return f"{settings.PUBLIC_ORIGIN}/join/{token_of(invitation)}"


def invite(*, by: int, schema: str, email: str, role: str) -> uuid.UUID:
    """Invite an address to a workspace with a role, and write to it; return the invitation's id.

    Raises: Invalid for a bad address or role, Forbidden when `by` may not give the role,
    Conflict when the address is a member or has a link already, TooMany after 50 in a day.
    """
    email = email.strip().lower()
    _check(email, role)
    with tenancy.as_platform("somebody is invited"), transaction.atomic():
        space = workspaces.lock(schema)
        _demand(space, by, role)
        if Membership.objects.filter(workspace=space, user__email=email).exists():
            raise Conflict(_("%(email)s is a member already. Change the role in the list.") % {"email": email})
        now = clock.now()
        if _waiting(space).filter(email=email, expires_at__gt=now).exists():
            raise Conflict(_("%(email)s has an invitation already. Send it again or withdraw it.") % {"email": email})
        if Invitation.objects.filter(workspace=space, created_at__gt=now - timedelta(days=1)).count() >= A_DAY:
            raise TooMany(_("50 people were invited within a day. Go on tomorrow."))
        seats(schema=schema, taken=_members(space) + _waiting(space).filter(expires_at__gt=now).count())
        key = uuid.uuid4()
        row = Invitation.objects.create(
            id=key, workspace=space, email=email, role=role, invited_by_id=by, digest=_digest(token_of(key)),
            created_at=now, sent_at=now, expires_at=now + timedelta(days=rules.INVITATION_DAYS),
        )  # fmt: skip
        _write(row)
    return key


def resend(*, by: int, schema: str, invitation: uuid.UUID) -> None:
    """Write to the invited person again; the same link is good for another seven days.

    Raises: NotFound when it is no longer open, Forbidden without the right, TooMany within a minute.
    """
    with tenancy.as_platform("an invitation is sent again"), transaction.atomic():
        space = workspaces.lock(schema)
        row = _waiting(space).filter(pk=invitation).first()
        if row is None:
            raise NotFound(_("This invitation was used or withdrawn. Reload the list."))
        _demand(space, by, row.role)
        now = clock.now()
        if row.sent_at > now - RESEND_AFTER:
            raise TooMany(_("It was sent less than a minute ago. Wait a little, or copy the link."))
        row.sent_at, row.expires_at = now, now + timedelta(days=rules.INVITATION_DAYS)
        row.invited_by_id, row.digest = by, _digest(token_of(row.pk))
        row.save(update_fields=["sent_at", "expires_at", "invited_by", "digest"])
        _write(row)


def revoke(*, by: int, schema: str, invitation: uuid.UUID) -> None:
    """Withdraw an invitation: its link stops working. Raises: NotFound, Forbidden."""
    with tenancy.as_platform("an invitation is withdrawn"), transaction.atomic():
        space = workspaces.lock(schema)
        row = _waiting(space).filter(pk=invitation).first()
        if row is None:
            raise NotFound(_("This invitation was used or withdrawn already. Reload the list."))
        _demand(space, by, row.role)
        Invitation.objects.filter(pk=row.pk).update(revoked_at=clock.now())


def look(*, token: str, person: int | None) -> Offer:
    """Return what a link offers to a person, or to nobody yet.

    Raises: NotFound for a link that is none of ours, Spent when it was used, withdrawn or is too old.
    """
    with tenancy.as_platform("somebody opens an invitation"):
        row = _open(token)
        member = person is not None and row.workspace.memberships.filter(user_id=person).exists()
        return Offer(
            row.workspace.name, row.workspace.slug, row.role, row.email, str(row.invited_by), row.expires_at, member
        )


def accept(*, by: int, token: str, confirmed: bool) -> WorkspaceRow:
    """Make `by` a member with the role that was offered; the link is spent.

    confirmed: the person has said that they join although the invitation names another address.
    Raises: NotFound, Spent, Conflict for a member, Invalid when it needs to be confirmed.
    """
    with tenancy.as_platform("an invitation is accepted"), transaction.atomic():
        space = workspaces.lock(_open(token).workspace.schema_name)
        row = _open(token)
        person = User.objects.get(pk=by)
        if Membership.objects.filter(workspace=space, user=person).exists():
            raise Conflict(_("You are a member of this workspace already. Nothing was changed."))
        if person.email != row.email and not confirmed:
            raise Invalid(
                _("The invitation went to %(invited)s and you are signed in as %(email)s. Confirm that this is right.")
                % {"invited": row.email, "email": person.email}
            )
        seats(schema=space.schema_name, taken=_members(space))
        Membership.objects.create(workspace=space, user=person, role=row.role)
        Invitation.objects.filter(pk=row.pk).update(accepted_at=clock.now(), accepted_by=person)
    return WorkspaceRow(space.name, space.slug, space.schema_name, row.role)


def _check(email: str, role: str) -> None:
    try:
        validate_email(email if len(email) <= 254 else "")
    except ValidationError as error:
        raise Invalid(_("This is no e-mail address. Write it like name@example.com.")) from error
    if role not in rules.ROLES:
        raise Invalid(_("There is no such role: %(role)s. Choose one from the list.") % {"role": role})


def _demand(space: Workspace, by: int, role: str) -> None:
    mine = Membership.objects.filter(workspace=space, user_id=by).first()
    if mine is None or not rules.may(mine.role, "members") or not rules.may_grant(mine.role, role):
        raise Forbidden(_("You can't invite anybody as %(role)s. Ask an owner of the workspace.") % {"role": role})


def _members(space: Workspace) -> int:
    return Membership.objects.filter(workspace=space).count()


def _waiting(space: Workspace) -> QuerySet[Invitation]:
    return Invitation.objects.filter(workspace=space, accepted_at=None, revoked_at=None)


def _open(token: str) -> Invitation:
    """Return the invitation of a token while it can be used."""
    try:
        key = uuid.UUID(hex=Signer(salt="accounts.invitation", sep=".").unsign(token))
    except (BadSignature, ValueError) as error:
        raise NotFound(_("This link is no invitation of ours. Ask for a new one.")) from error
    found = Invitation.objects.select_related("workspace", "invited_by").filter(
        pk=key, digest=_digest(token), workspace__closed_at=None
    )
    row = found.first()
    if row is None:
        raise NotFound(_("This invitation is gone. Ask for a new one."))
    if row.accepted_at:
        raise Spent(_("This invitation was used already: a link works once. Ask for a new one."))
    if row.revoked_at:
        raise Spent(_("This invitation was withdrawn. Ask the person who sent it."))
    if row.expires_at <= clock.now():
        raise Spent(_("This invitation is too old: a link works for seven days. Ask for a new one."))
    sender = Membership.objects.filter(workspace_id=row.workspace_id, user_id=row.invited_by_id).first()
    if sender is None or not rules.may_grant(sender.role, row.role):
        raise Spent(_("The person who sent this may no longer invite anybody. Ask an owner for a new link."))
    return row


def _write(row: Invitation) -> None:
    # Whoever has an account reads it in their language, everybody else in that of the workspace or of the inviter.
    language = User.objects.filter(email=row.email).values_list("language", flat=True).first()
    told = {"inviter": str(row.invited_by), "workspace": row.workspace.name}
    letters.send(
        to=row.email, name="invitation", language=language or row.workspace.language,
        subject=lambda: _("%(inviter)s invites you to %(workspace)s") % told,
        context={**told, "role": row.role, "link": link_of(row.pk), "days": rules.INVITATION_DAYS},
    )  # fmt: skip


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

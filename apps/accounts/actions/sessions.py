"""Carry a sign-in from the apex to a workspace host."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts import queries, tenancy
from apps.accounts.models import HandOff, Membership, User
from apps.accounts.queries import Member
from apps.lib import clock
from apps.lib.errors import Forbidden, NotFound

SECONDS = 30


def hand_off(*, by: int, slug: str) -> str:
    """Make a single-use ticket for a workspace host; good for 30 seconds.

    Raises: NotFound when `by` is no member of the workspace.
    """
    ticket = secrets.token_urlsafe(32)
    with tenancy.as_platform("a sign-in leaves the apex"):
        space = Membership.objects.filter(
            user_id=by, user__is_active=True, workspace__slug=slug, workspace__closed_at=None
        ).first()
        if space is None:
            raise NotFound(_("There is no such workspace."))
        HandOff.objects.create(
            digest=_digest(ticket),
            user_id=by,
            workspace_id=space.workspace_id,
            expires_at=clock.now() + timedelta(seconds=SECONDS),
        )
    return ticket


def accept_hand_off(*, ticket: str, schema: str) -> User:
    """Spend a ticket on the host of the workspace it was made for; return the person.

    Raises: Forbidden when it is unknown, spent, late or for another workspace.
    """
    with tenancy.as_platform("a sign-in arrives"):
        found = HandOff.objects.filter(digest=_digest(ticket), used_at=None, workspace__schema_name=schema)
        spent = found.filter(expires_at__gt=clock.now()).update(used_at=clock.now())
        if not spent:
            raise Forbidden(_("This sign-in link was used or is too old. Sign in again."))
        return HandOff.objects.select_related("user").get(digest=_digest(ticket)).user


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def member_of(*, host: str, session: str) -> Member | None:
    """Return who a session cookie speaks for on a workspace host, or None; for doors without Django's middleware."""
    space = queries.workspace_of_host(host)
    if space is None or not session:
        return None
    with tenancy.as_platform("a stream finds its person"):
        request = HttpRequest()
        request.session = SessionStore(session)
        person = get_user(request).pk
    return queries.member(space.schema, person) if person else None

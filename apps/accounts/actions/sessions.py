"""Sign-ins: on the apex, carried from there to a workspace host, looked at and ended."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts import queries, tenancy
from apps.accounts.models import HandOff, Membership, SignIn, User
from apps.accounts.queries import Member
from apps.lib import clock
from apps.lib.errors import Forbidden, NotFound

SECONDS = 30
# Under this name a session carries the id of its sign-in.
KEY = "sign_in"
SEEN_EVERY = timedelta(minutes=10)


def begin(*, by: int, address: str = "", agent: str = "", parent: int | None = None, schema: str = "") -> int:
    """Note that a browser has signed in; return the id that its session carries.

    schema: the workspace whose host it is, with `parent`, the sign-in on the apex it came from.
    """
    long_ago = clock.now() - 2 * timedelta(seconds=settings.SESSION_COOKIE_AGE)
    with tenancy.as_platform("a browser signs in"):
        SignIn.objects.filter(user_id=by, parent=None, seen_at__lt=long_ago).delete()
        space = Membership.objects.filter(user_id=by, workspace__schema_name=schema).first() if schema else None
        return SignIn.objects.create(
            user_id=by, address=address[:45], agent=agent[:200], parent_id=parent,
            workspace_id=space.workspace_id if space else None,
        ).pk  # fmt: skip


def is_alive(sign_in: object) -> bool:
    """Tell whether a sign-in, and the one it came from, has not ended; note now and then that it was seen."""
    if not isinstance(sign_in, int):
        return False
    now = clock.now()
    with tenancy.as_platform("a sign-in may have ended elsewhere"):
        found = SignIn.objects.filter(Q(parent=None) | Q(parent__ended_at=None), pk=sign_in, ended_at=None)
        seen = found.values_list("seen_at", flat=True).first()
        if seen is not None and seen < now - SEEN_EVERY:
            SignIn.objects.filter(Q(pk=sign_in) | Q(children=sign_in), ended_at=None).update(seen_at=now)
    return seen is not None


def end(*, by: int, sign_in: int) -> None:
    """End one of a person's own sign-ins and all that came from it.

    Raises: NotFound when it is somebody else's or ended already.
    """
    with tenancy.as_platform("a person ends a sign-in"):
        if not _end(SignIn.objects.filter(Q(pk=sign_in) | Q(parent=sign_in), user_id=by)):
            raise NotFound(_("This sign-in has ended already. Reload the list."))


def end_others(*, by: int, keep: object = None) -> int:
    """End a person's sign-ins but `keep` and what came from it; return how many ended."""
    with tenancy.as_platform("a person ends every other sign-in"):
        rows = SignIn.objects.filter(user_id=by)
        if isinstance(keep, int):
            rows = rows.exclude(Q(pk=keep) | Q(parent_id__isnull=False, parent_id=keep))
        return _end(rows)


def forget(*, sign_in: object) -> None:
    """End the sign-in of a browser that signs out; quiet when there is none."""
    if isinstance(sign_in, int):
        with tenancy.as_platform("a browser signs out"):
            _end(SignIn.objects.filter(Q(pk=sign_in) | Q(parent=sign_in)))


def _end(rows: QuerySet[SignIn]) -> int:
    return SignIn.objects.filter(pk__in=rows.values("pk"), ended_at=None).update(ended_at=clock.now())


def hand_off(*, by: int, slug: str, sign_in: object = None) -> str:
    """Make a single-use ticket for a workspace host; good for 30 seconds. `sign_in` is the one on the apex.

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
            sign_in_id=sign_in if isinstance(sign_in, int) else None,
            expires_at=clock.now() + timedelta(seconds=SECONDS),
        )
    return ticket


def accept_hand_off(*, ticket: str, schema: str) -> tuple[User, int | None]:
    """Spend a ticket on the host of the workspace it was made for; return the person and the sign-in it came from.

    Raises: Forbidden when it is unknown, spent, late or for another workspace, or the sign-in has ended since.
    """
    with tenancy.as_platform("a sign-in arrives"):
        found = HandOff.objects.filter(
            Q(sign_in=None) | Q(sign_in__ended_at=None), digest=_digest(ticket), used_at=None,
            workspace__schema_name=schema,
        )  # fmt: skip
        spent = HandOff.objects.filter(pk__in=found, used_at=None, expires_at__gt=clock.now())
        if not spent.update(used_at=clock.now()):
            raise Forbidden(_("This sign-in link was used or is too old. Sign in again."))
        row = HandOff.objects.select_related("user").get(digest=_digest(ticket))
        return row.user, row.sign_in_id


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
    if not person or not is_alive(request.session.get(KEY)):
        return None
    return queries.member(space.schema, person)

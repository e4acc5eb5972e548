"""Links by which anybody may read one published report, until they end or are revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.observability import audit
from apps.research.actions.runs import member_of
from apps.research.models import Inquiry, Report, ShareLink
from apps.research.queries import access

SALT = "research.share"
DAYS = (1, 7, 30, 90)
MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class Shared:
    """Where a link leads."""

    schema: str
    run: str


def share(*, by: int, run: str, days: int) -> str:
    """Make a link to a published report and return its address.

    Raises: Forbidden, NotFound, Invalid (another number of days), Conflict (nothing published, or too many links).
    """
    access.demand(member_of(by), run, "research", change=True)
    if days not in DAYS:
        raise Invalid(_("Choose how long the link works: 1, 7, 30 or 90 days."))
    if not Report.objects.filter(run=run, state="published").exists():
        raise Conflict(_("Only a published report can be shared."))
    now = clock.now()
    if ShareLink.objects.filter(run=run, revoked_at=None, expires_at__gt=now).count() >= MOST_LINKS:
        raise Conflict(_("This report has %(most)d links already. Revoke one first.") % {"most": MOST_LINKS})
    link = ShareLink.objects.create(
        id=ids.new("link"), run=run, created_by=by, created_at=now, expires_at=now + timedelta(days=days)
    )
    audit.record(workspace=tenancy.current(), by=by, did="report.shared", to=run, reason=f"{days} days")
    return address(link.pk)


def revoke(*, by: int, run: str, link: str) -> None:
    """End a link at once. Raises Forbidden, NotFound."""
    access.demand(member_of(by), run, "research", change=True)
    if not ShareLink.objects.filter(pk=link, run=run, revoked_at=None).update(revoked_at=clock.now()):
        raise NotFound(_("There is no such link, or it was revoked already."))
    audit.record(workspace=tenancy.current(), by=by, did="report.unshared", to=run, reason=link)


def address(link: str) -> str:
    """Return the address of a link of this workspace; it carries the workspace, so that the apex can serve it."""
    token = signing.dumps([tenancy.current(), link], salt=SALT)
    return f"{settings.PUBLIC_ORIGIN}/r/{token}"


def follow(token: str) -> Shared:
    """Return where a link leads. Raises NotFound when it is forged, has ended, or its report is gone."""
    try:
        schema, link = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise _gone() from None
    if accounts.workspace_of_schema(schema) is None:
        raise _gone()
    with tenancy.in_workspace(schema):
        row = ShareLink.objects.filter(pk=link, revoked_at=None, expires_at__gt=clock.now()).first()
        there = row and Inquiry.objects.filter(run=row.run, deleted_at=None).exists()
        if row is None or not there or not Report.objects.filter(run=row.run, state="published").exists():
            raise _gone()
    return Shared(schema, row.run)


def _gone() -> NotFound:
    return NotFound(_("This link does not work any more. Ask whoever sent it for a new one."))

"""What becomes of a run afterwards: who may see it, deleted and brought back, its report withdrawn."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.lib.text import clean
from apps.library.actions import purge, reports
from apps.memory import actions as memory
from apps.observability import audit
from apps.research.actions import proofs
from apps.research.actions.runs import Request, check_sight, member_of
from apps.research.models import Inquiry, Report, ShareLink
from apps.research.queries import access
from apps.runtime import engine
from apps.runtime import queries as runtime
from apps.runtime import rules as states


def show_to(*, by: int, run: str, visibility: str, named: tuple[int, ...] = (), team: int | None = None) -> None:
    """Change who may see a run. Raises: Forbidden, NotFound, Invalid (a team or person that is not there)."""
    member = member_of(by)
    access.demand(member, run, "research", change=True)
    check_sight(Request("", visibility=visibility, named=named, team=team), member)
    named = named if visibility == "named" else ()
    with transaction.atomic():
        Inquiry.objects.filter(run=run).update(
            visibility=visibility, named=list(named), team=team if visibility == "team" else None
        )
        _show_document(run)


def delete(*, by: int, run: str) -> None:
    """Take a run that has ended off every list; `bring_back` undoes it. Its links stop working at once.

    Raises: Forbidden, NotFound, Conflict (it still runs).
    """
    access.demand(member_of(by), run, "research", change=True)
    if runtime.run(run).state not in states.ENDED:
        raise Conflict(_("This run is still at work. Cancel it first; then it can be deleted."))
    with transaction.atomic():
        Inquiry.objects.filter(run=run).update(deleted_at=clock.now(), deleted_by=by)
        _show_document(run)


def bring_back(*, by: int, run: str) -> None:
    """Undo a deletion. Raises: Forbidden, NotFound (not deleted, or somebody else's)."""
    if run not in access.deleted(member_of(by)):
        raise NotFound(_("There is no deleted run with this address."))
    with transaction.atomic():
        Inquiry.objects.filter(run=run).update(deleted_at=None, deleted_by=None)
        _show_document(run)


def _show_document(run: str) -> None:
    """The library shows a published report where everybody may see its run, and the run is on the lists.

    Runs inside the transaction that has just changed the run's row, and so holds its lock.
    """
    inquiry = Inquiry.objects.filter(run=run, visibility="workspace", deleted_at=None)
    published = Report.objects.filter(run=run, state="published").exists()
    reports.show(run=run, to_everybody=published and inquiry.exists())


def withdraw(*, by: int, run: str, reason: str) -> None:
    """Withdraw a published report: its sentences, links, document and what was remembered of it go; who and why stay.

    Raises: Forbidden, NotFound, Invalid (no reason), Conflict (nothing published, or withdrawn already).
    """
    access.demand(member_of(by), run, "research", change=True)
    reason = clean(reason).strip()
    if not reason:
        raise Invalid(_("Say why the report is withdrawn; it stays on the page instead of the report."))
    now = clock.now()
    with transaction.atomic():
        changed = Report.objects.filter(run=run, state="published").update(
            state="withdrawn", withdrawn_at=now, withdrawn_by=by, reason=reason[:1000], headings=[], gaps=[]
        )
        if not changed:
            raise Conflict(_("There is no published report to withdraw."))
        Report.objects.get(pk=run).claims.all().delete()
        ShareLink.objects.filter(run=run, revoked_at=None).update(revoked_at=now)
        memory.forget(run=run)
        reports.erase(by=by, run=run)
        bundle = proofs.erase(run=run)
        audit.record(workspace=tenancy.current(), by=by, did="report.withdrawn", to=run, reason=reason)
    purge.erase_unused(bundle)
    engine.moved(workspace=tenancy.current(), run=run)

"""Make, change, pause, delete and look at monitors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.billing import entitlements
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Forbidden, Invalid
from apps.lib.text import clean
from apps.monitors import queries
from apps.monitors.actions import editions, timetables
from apps.monitors.models import Edition, Monitor
from apps.monitors.rules.timetable import Timetable
from apps.observability import audit
from apps.research.actions import runs
from apps.research.actions.runs import MOST_QUESTION, Request
from apps.research.queries import access, rechecks
from apps.runtime import queries as runtime

# A deleted monitor can be brought back for this long.
UNDO_DAYS = 30
WAYS = ("page", "mail")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants watched. whole: all documents there are at each time, instead of those of the request.

    cap: the most credits a month, None without one. ways: how changes are told, of WAYS.
    """

    request: Request
    timetable: Timetable
    whole: bool = False
    cap: int | None = None
    ways: tuple[str, ...] = WAYS


def create(*, by: int, wish: Wish, of: str = "") -> str:
    """Make a monitor, and its timetable; return its id. of: a finished run that its first edition is compared with.

    Raises: Forbidden, Invalid, BeyondPlan, Unpaid, NotFound (no such run).
    """
    member = runs.member_of(by)
    demand(member, "research")
    _check(by, wish)
    if of:
        access.demand(member, of, "read")
        if rechecks.claims(of) is None:
            raise Conflict(_("Only a run with a published report can be watched."))
    with transaction.atomic():
        _check_room()
        row = Monitor(id=ids.new("mon"), owner=by, created_at=clock.now(), since=clock.now())
        _write(row, wish)
        if of:
            ran = runtime.run(of)
            first = Edition.objects.create(
                monitor=row, due_at=ran.ended_at or clock.now(), state="unchanged", run=of, ended_at=ran.ended_at
            )  # fmt: skip
            row.viewed = first.pk
            row.save()
        _record(by, "created", row)
    return row.pk


def change(*, by: int, monitor: str, wish: Wish) -> None:
    """Change what is asked and when. Raises: Forbidden, NotFound, Invalid."""
    _check(by, wish)

    def do(row: Monitor) -> None:
        row.since = clock.now()
        _write(row, wish)

    _act(by, monitor, "changed", do)


def _write(row: Monitor, wish: Wish) -> None:
    request, table = wish.request, wish.timetable
    row.question = clean(request.question).strip()
    apart = {"question", "visibility", "named", "team", "copied_from"}
    row.request = {key: value for key, value in asdict(request).items() if key not in apart}
    row.request["scope"] = "all" if wish.whole else "chosen"
    row.visibility, row.named, row.team = request.visibility, list(request.named), request.team
    row.kind, row.hour, row.minute, row.zone = table.kind, table.hour, table.minute, table.zone
    row.weekday, row.day = table.weekday, table.day
    row.cap, row.ways = wish.cap, list(wish.ways)
    row.save()
    timetables.write(row)


def _check(by: int, wish: Wish) -> None:
    question = clean(wish.request.question).strip()
    if not question or len(question) > MOST_QUESTION:
        raise Invalid(_("Write a question of at most %(most)d characters.") % {"most": MOST_QUESTION})
    if not wish.request.kinds and not wish.whole:
        raise Invalid(_("Choose at least one document to read. Mock mode reads documents only."))
    runs.check_sight(wish.request, runs.member_of(by))
    most = runs.estimate(wish.request).most
    if wish.cap is not None and wish.cap < most:
        raise Invalid(
            _("One time may cost up to %(most)d credits, so a budget of %(cap)d a month would stop it at once.")
            % {"most": most, "cap": wish.cap}
        )


def _check_room() -> None:
    entitlements.demand(tenancy.current())
    entitlements.demand_room(tenancy.current(), "monitors", Monitor.objects.in_use().count())


def pause(*, by: int, monitor: str) -> None:
    """Stop a monitor until somebody lets it go on. Raises: Forbidden, NotFound."""

    def do(row: Monitor) -> None:
        row.state, row.reason = "paused", ""
        row.save()
        timetables.write(row)

    _act(by, monitor, "paused", do)


def resume(*, by: int, monitor: str) -> None:
    """Let a paused or held monitor go on, from its next time. Raises: Forbidden, NotFound, BeyondPlan, Unpaid."""

    def do(row: Monitor) -> None:
        editions.check_place(row)
        row.state, row.reason, row.failures, row.skip, row.since = "active", "", 0, 0, clock.now()
        row.save()
        timetables.write(row)

    _act(by, monitor, "resumed", do)


def run_now(*, by: int, monitor: str) -> None:
    """Ask once more at once. Raises: Forbidden, NotFound, Conflict (at work, or held), BeyondPlan, Unpaid, OverCap."""

    def do(row: Monitor) -> None:
        if row.state == "held":
            raise Conflict(row.reason or _("This monitor is held. Resume it first."))
        if queries.at_work(row.pk):
            raise Conflict(_("It is at work already."))
        editions.check_place(row)
        editions.check_cap(row, None, runs.estimate(editions.request_of(row)).most)
        editions.begin(row, due_at=clock.now())

    _act(by, monitor, "run", do)


def delete(*, by: int, monitor: str) -> None:
    """Delete a monitor; it can be brought back for 30 days. Its runs stay. Raises: Forbidden, NotFound."""

    def do(row: Monitor) -> None:
        row.deleted_at = clock.now()
        row.save()
        timetables.write(row)

    _act(by, monitor, "deleted", do)


def restore(*, by: int, monitor: str) -> None:
    """Bring a deleted monitor back, as it was. Raises: Forbidden, NotFound, BeyondPlan."""

    def do(row: Monitor) -> None:
        if row.deleted_at is None:
            return
        _check_room()
        row.deleted_at, row.since = None, clock.now()
        row.save()
        timetables.write(row)

    _act(by, monitor, "restored", do, deleted=True)


def view(*, by: int, monitor: str) -> None:
    """Note that the newest edition was looked at: what changes from now on is compared with it."""
    member = runs.member_of(by)
    queries.demand(member, monitor)
    demand(member, "research")
    with transaction.atomic():
        row = Monitor.objects.select_for_update().get(pk=monitor)
        newest = Edition.objects.with_report(monitor).first()
        if newest is not None:
            row.viewed = newest.pk
            row.save()


def _act(by: int, monitor: str, did: str, do: Callable[[Monitor], None], *, deleted: bool = False) -> None:
    member = runs.member_of(by)
    demand(member, "research")
    found = queries.demand(member, monitor, deleted=deleted)
    if not queries.may_change(member, found.owner):
        raise Forbidden(_("This monitor belongs to somebody else. Ask its owner, or an admin of the workspace."))
    with transaction.atomic():
        row = Monitor.objects.select_for_update().get(pk=monitor)
        do(row)
        _record(by, did, row)


def _record(by: int, did: str, row: Monitor) -> None:
    audit.record(workspace=tenancy.current(), by=by, did=f"monitor.{did}", to=row.pk)


def priced(wish: Wish) -> int:
    """Return what one time is expected to cost, in credits."""
    documents = runs.documents_of() if wish.whole else wish.request.documents
    return runs.estimate(replace(wish.request, documents=documents)).likely


def purge() -> int:
    """Erase in every workspace what was deleted long ago; return how many. Called without a workspace."""
    gone = 0
    for schema in accounts.schemas():
        with tenancy.in_workspace(schema):
            old = Monitor.objects.filter(deleted_at__lte=clock.now() - timedelta(days=UNDO_DAYS))
            gone += old.count()
            old.delete()
    return gone


def forget(*, person: int) -> None:
    """Erase the private monitors of somebody who leaves Footnote, in the workspace of this thread; stop the others."""
    for row in Monitor.objects.filter(owner=person):
        row.state = "paused"
        timetables.write(row)
        if row.visibility == "private":
            row.delete()
        else:
            row.save()

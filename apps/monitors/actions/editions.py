"""One time of a monitor: begin it, look whether anything is new, ask again, say what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import tenancy
from apps.billing import entitlements
from apps.lib import clock, ports
from apps.lib.errors import Conflict, Exhausted, NotFound, ProductError
from apps.library import queries as library
from apps.monitors import queries
from apps.monitors.actions import timetables
from apps.monitors.models import Edition, Monitor
from apps.monitors.rules import comparing, timetable
from apps.monitors.rules.statements import claims as as_statements
from apps.policy import queries as policy
from apps.research.actions import rechecks, runs
from apps.research.actions.runs import Request
from apps.research.queries import rechecks as looks

MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class News:
    """Something that a monitor's owner is told. kind: changed or held. run: the run whose report says it, or none."""

    kind: str
    workspace: str
    owner: int
    monitor: str
    run: str
    ways: tuple[str, ...]
    at: datetime


# Who tells people hears `news(event=…)`, in the transaction of what happened.
news = ports.declare("monitors.news", many=True)


class OverCap(Exhausted):
    """The monitor's budget of this month does not cover another time."""

    code = "over_cap"


def request_of(row: Monitor) -> Request:
    """Return what a run of a monitor is asked now: all documents there are, or the newest versions of those chosen."""
    given = dict(row.request)
    whole = given.pop("scope", "chosen") == "all"
    documents = runs.documents_of() if whole else library.newest_of(given.get("documents", []))
    kept: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Request(**kept | {
        "question": row.question, "documents": documents, "visibility": row.visibility, "named": tuple(row.named),
        "team": row.team,
    })  # fmt: skip


def begin(row: Monitor, *, due_at: datetime) -> Edition | None:
    """Begin one time of a monitor; None where that time was begun already. The row is locked by the caller.

    What the plan, the payment or the monitor's own cap does not cover holds the monitor, and its owner is told once.
    """
    with transaction.atomic():
        edition, new = Edition.objects.get_or_create(
            monitor=row, due_at=due_at, defaults={"created_at": clock.now()}
        )  # fmt: skip
        if not new:
            return None
        try:
            with transaction.atomic():
                _look_or_ask(row, edition)
        except ProductError as error:
            _refused(row, edition, error)
        return edition


def _look_or_ask(row: Monitor, edition: Edition) -> None:
    check_place(row)
    request = request_of(row)
    last = queries.last_report(row.pk)
    if last is None or not looks.is_as_before(last, request.documents):
        _ask(row, edition, request)
        return
    if "web" not in request.kinds and looks.has_read_newest(last):
        _succeeded(row, edition, "unchanged")  # the very versions that were read then: there is nothing to look at
        return
    there, most = rechecks.price(last), runs.estimate(request).most
    check_cap(row, edition, most + there)
    if not there:
        _ask(row, edition, request)
        return
    edition.look = rechecks.start(by=row.owner, run=last, name=str(edition.pk))
    edition.held = there
    edition.save()


def _ask(row: Monitor, edition: Edition, request: Request) -> None:
    most = runs.estimate(request).most
    check_cap(row, edition, most)
    edition.run = runs.start(by=row.owner, request=request)
    edition.held = most
    edition.save()


def check_place(row: Monitor) -> None:
    """Check that the plan has room for this monitor and was paid. Raises BeyondPlan, Unpaid.

    Of more than the plan has, the oldest go on.
    """
    entitlements.demand(tenancy.current())
    older = Monitor.objects.in_use().filter(created_at__lt=row.created_at).exclude(pk=row.pk).count()
    entitlements.demand_room(tenancy.current(), "monitors", older)


def check_cap(row: Monitor, edition: Edition | None, credits: int) -> None:
    """Check that a month's cap covers so many credits more. Raises OverCap."""
    if row.cap is None:
        return
    taken = spent(row, leaving=edition)
    if taken + credits > row.cap:
        raise OverCap(
            _("This monitor may use %(cap)d credits a month. %(taken)d are used or set aside, and another time may "
              "take up to %(more)d. Raise its budget, or wait for the next month.")
            % {"cap": row.cap, "taken": taken, "more": credits}
        )  # fmt: skip


def spent(row: Monitor, *, leaving: Edition | None = None) -> int:
    """Return what a monitor used or set aside this month, in credits. leaving: an edition whose hold does not count."""
    editions = Edition.objects.filter(monitor=row, created_at__gte=queries.month_began(row.zone))
    both = editions.aggregate(held=Coalesce(Sum("held"), 0), credits=Coalesce(Sum("credits"), 0))
    return both["held"] + both["credits"] - (leaving.held if leaving else 0)


def _refused(row: Monitor, edition: Edition, error: ProductError) -> None:
    if isinstance(error, Conflict) or not isinstance(error, Exhausted | NotFound) and error.status >= 500:
        failed(row, edition, error.sentence)
        return
    _close(edition, "failed", reason=error.sentence)
    hold(row, error.sentence)


def hold(row: Monitor, sentence: str) -> None:
    """Hold a monitor until a person lets it go on, and tell its owner once."""
    if row.state == "held":
        return
    row.state, row.reason = "held", sentence[:500]
    row.save()
    timetables.write(row)
    _tell(row, "held", "", ("page", "mail"))


def failed(row: Monitor, edition: Edition, sentence: str) -> None:
    """Note that a time failed: the next ones are left out, more after each failure, and after five it is held."""
    _close(edition, "failed", reason=sentence)
    row.failures += 1
    row.skip = timetable.rests(row.failures)
    row.save()
    if row.failures >= timetable.MOST_FAILURES:
        hold(row, _("It failed %(n)d times in a row: %(why)s") % {"n": row.failures, "why": sentence})


def _close(edition: Edition, state: str, *, reason: str = "") -> None:
    edition.state, edition.reason, edition.held, edition.ended_at = state, reason[:500], 0, clock.now()
    edition.save()


def _tell(row: Monitor, kind: str, run: str, ways: Sequence[str]) -> None:
    news(event=News(kind, tenancy.current(), row.owner, row.pk, run, tuple(ways), clock.now()))


def looked(*, look: str, state: str, credits: int) -> None:
    """Go on after the sources were collected again, in the transaction that ended it.

    Unchanged sources end the edition there: no model was asked.
    """
    edition = Edition.objects.select_related("monitor").filter(look=look, state="running").first()
    if edition is None:
        return
    row = Monitor.objects.select_for_update().get(pk=edition.monitor_id)
    edition.credits, edition.held = edition.credits + credits, 0
    edition.save()
    found = looks.looks(look) if state == "completed" else []
    unread = [each for each in found if each.after is None]
    if any(each.after is not None and _differs(each.before, each.after) for each in found):
        _ask_on(row, edition)
    elif state != "completed" or unread:
        why = unread[0].reason if unread else _("The sources could not be collected again.")
        said = ngettext(
            "%(n)d source could not be read: %(why)s", "%(n)d sources could not be read: %(why)s", len(unread)
        )
        failed(row, edition, said % {"n": len(unread), "why": why} if unread else why)
    else:
        _succeeded(row, edition, "unchanged")


def _differs(before: str, after: str) -> bool:
    return before != after and comparing.fingerprint(before) != comparing.fingerprint(after)


def _ask_on(row: Monitor, edition: Edition) -> None:
    if row.deleted_at or row.state == "paused":
        _close(edition, "missed", reason=_("It was stopped while its sources were read."))
        return
    try:
        with transaction.atomic():
            check_place(row)
            _ask(row, edition, request_of(row))
    except ProductError as error:
        edition.run = ""
        _refused(row, edition, error)


def ended(*, run: str, state: str) -> None:
    """Say what changed once a run of a monitor has ended, in that transaction."""
    edition = Edition.objects.filter(run=run, state="running").first()
    if edition is None:
        return
    row = Monitor.objects.select_for_update().get(pk=edition.monitor_id)
    edition.credits += policy.used(run).credits
    edition.held = 0
    if state != "completed":
        failed(row, edition, _("The run ended as %(state)s. Its page says why.") % {"state": state})
        return
    before = queries.last_report(row.pk, without=edition.pk)
    fresh = between(before, run) if before else []
    if row.viewed is None or before is None:
        seen, edition.against = fresh, before or ""
    else:
        edition.against = queries.report_of(row.pk, row.viewed) or before
        seen = fresh if edition.against == before else between(edition.against, run)
    edition.changes = seen
    if before is None:
        row.viewed = None
    told = bool(fresh and seen)
    _succeeded(row, edition, "changed" if told or before is None else "unchanged")
    if told:
        _tell(row, "changed", run, row.ways)


def _succeeded(row: Monitor, edition: Edition, state: str) -> None:
    _close(edition, state)
    if row.failures or row.skip:
        row.failures = row.skip = 0
    row.save()


def between(before: str, after: str) -> list[dict[str, Any]]:
    """Return what the report of a run says otherwise than another's, as JSON; nothing where one is erased."""
    mine, theirs = looks.claims(before), looks.claims(after)
    if mine is None or theirs is None:
        return []
    found = comparing.compare(as_statements(c.text for c in mine), as_statements(c.text for c in theirs))
    return [
        {
            "kind": change.kind, "old": change.old, "new": change.new,
            "before": [asdict(_span(s, before)) for s in mine[change.before.ref].spans] if change.before else [],
            "after": [asdict(_span(s, after)) for s in theirs[change.after.ref].spans] if change.after else [],
        }
        for change in found[:MOST_CHANGES]
    ]  # fmt: skip


def _span(span: tuple[int, int, int, str], run: str) -> queries.Span:
    source, start, end, quote = span
    return queries.Span(run, source, start, end, quote[:400])

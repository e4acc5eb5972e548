"""The ask page: estimate and run list."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.library import queries as library
from apps.policy import queries as policy
from apps.research import pages
from apps.research.models import Inquiry, Report
from apps.research.queries import access
from apps.research.rules import Expected
from apps.runtime import queries as runtime

A_PAGE = 25


def run_list(*, member: Member, page: int = 1, mine: bool = False) -> pages.RunList:
    """List the runs that a member may see, newest first, 25 a page; three sample questions where there is none."""
    start = (page - 1) * A_PAGE
    seen = Inquiry.objects.visible_to(*access.sight(member))
    seen = seen.filter(owner=member.person) if mine else seen
    rows = list(seen.order_by("-created_at", "-run")[start : start + A_PAGE + 1])
    more, rows = len(rows) > A_PAGE, rows[:A_PAGE]
    states = runtime.runs([row.run for row in rows])
    published = set(Report.objects.filter(pk__in=list(states), state="published").values_list("run", flat=True))
    people = accounts.names(row.owner for row in rows)
    used = policy.credits_of([row.run for row in rows])
    found = tuple(
        pages.RunRow(
            public_id=row.run, question=row.question, state=states[row.run].state, created_at=row.created_at,
            credits=used.get(row.run, 0), by=people.get(row.owner, ""), has_report=row.run in published,
            visibility=row.visibility,
        )
        for row in rows if row.run in states
    )  # fmt: skip
    return pages.RunList(
        rows=found, samples=() if found else samples(), older_url=_turn(page + 1, mine) if more else "",
        newer_url=_turn(page - 1, mine) if page > 1 else "",
    )  # fmt: skip


def _turn(page: int, mine: bool) -> str:
    return f"?page={page}&show=mine" if mine else f"?page={page}"


def find(*, member: Member, word: str) -> tuple[pages.FoundRow, ...]:
    """Return the newest eight runs a member may see whose question holds a word."""
    rows = Inquiry.objects.visible_to(*access.sight(member)).filter(question__icontains=word).order_by("-created_at")
    return tuple(pages.FoundRow(row.run, row.question[:160]) for row in rows[:8])


def deleted(*, member: Member) -> tuple[pages.DeletedRow, ...]:
    """List the deleted runs that a member may bring back, the last one first."""
    rows = list(Inquiry.objects.filter(run__in=access.deleted(member)).order_by("-deleted_at")[:200])
    people = accounts.names(row.deleted_by for row in rows if row.deleted_by)
    return tuple(
        pages.DeletedRow(row.run, row.question, row.deleted_at, people.get(row.deleted_by or 0, "")) for row in rows
    )


def samples() -> tuple[str, ...]:
    """Return three questions: on the newest documents where there are some."""
    titles = [row.title for row in sorted(library.sources_offered(), key=lambda row: row.created_at)[-3:]]
    if titles:
        return tuple(_("What are the main figures in “%(title)s”?") % {"title": title} for title in titles)
    return (
        _("What do our documents say about the cost, and when was it last measured?"),
        _("Which dates and deadlines are mentioned, and do the documents agree?"),
        _("Who decided what, and when?"),
    )


def estimate(
    cost: Expected, *, documents: int, there: int, capped: bool = False, smaller: pages.SmallerPlan | None = None
) -> pages.Estimate:  # fmt: skip
    """Hold what a run will cost against the credits that it may take, `there`; capped: by a budget of its own."""
    short = max(0, cost.most - there)
    return pages.Estimate(
        state="short" if short else "fits", low=cost.low, high=cost.high, balance=there, short_by=short,
        smaller=smaller if short else None, documents=documents, capped=capped, most=cost.most, runs=cost.runs,
        note=_learned(cost) if cost.runs else None,
    )  # fmt: skip


def _learned(cost: Expected) -> pages.Note:
    """How an estimate was learned."""
    counted = ngettext("%(n)d completed run of this depth and mode", "%(n)d completed runs of this depth and mode",
                       cost.runs) % {"n": cost.runs}  # fmt: skip
    return pages.Note(
        number=1, title=_("Where this estimate comes from"),
        text=_("What like runs of this workspace cost, as a share of the most they could have cost, carried over to "
               "this one. Nine in ten end between the two figures. While there are few of them, the figures stay "
               "nearer to what the rules alone say."),
        pairs=(
            pages.Pair(_("Counted"), counted), pages.Pair(_("Most likely"), str(cost.likely)),
            pages.Pair(_("At most"), str(cost.most)),
        ),
    )  # fmt: skip


def nothing_yet() -> pages.Estimate:
    """The estimate before anything was typed."""
    return pages.Estimate(state="empty", balance=billing.balance(tenancy.current()).available)


def ask_page(*, page: int, estimate: pages.Estimate, member: Member, mine: bool = False) -> pages.InquiriesPage:
    """Return what stands around the ask box; the box itself is for roles that may ask."""
    ledger = billing.ledger(tenancy.current())
    return pages.InquiriesPage(
        documents=len(library.sources_offered()), balance=billing.balance(tenancy.current()).available,
        granted=sum(line.credits for line in ledger if line.kind in {"grant", "refund"}), estimate=estimate,
        run_list=run_list(member=member, page=page, mine=mine), may_ask=member.may("research"), mine=mine,
    )  # fmt: skip

"""What waits for a person: the inbox, one approval, and what a run is about for those who are told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts.queries import Member
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.observability import queries as observability
from apps.policy import queries as policy
from apps.policy.approvals import kinds
from apps.policy.queries import ApprovalRow
from apps.research.models import Inquiry, Report
from apps.research.pages.approvals import ApprovalPage, Colleague, InboxPage, Moment, Tab, WaitingRow
from apps.research.pages.plan import ApprovalCard
from apps.research.queries import access, approvals, calls

A_PAGE = 20
SOON = timedelta(hours=24)
SHOWS = ("mine", "team", "expiring")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about."""

    run: str
    question: str
    owner: int
    deleted: bool


def subject(run: str) -> Subject | None:
    """Return what a run is about, or None where research does not know it."""
    row = Inquiry.objects.filter(pk=run).first()
    return Subject(row.run, row.question, row.owner, row.deleted_at is not None) if row else None


def newest(*, limit: int) -> list[Subject]:
    """List what the newest runs of this workspace are about, whoever may see them; for staff with a reason."""
    rows = Inquiry.objects.order_by("-created_at", "-run")[:limit]
    return [Subject(row.run, row.question, row.owner, row.deleted_at is not None) for row in rows]


def questions(runs: Iterable[str]) -> dict[str, str]:
    """Return the questions of several runs."""
    return dict(Inquiry.objects.filter(pk__in=list(runs)).values_list("run", "question"))


def waiting(member: Member) -> int:
    """Count what waits in this workspace and this member may decide."""
    return len(_decidable(member, _pending(member)))


def _pending(member: Member) -> list[ApprovalRow]:
    """What waits in runs that the member may see, the one that expires first on top."""
    now = clock.now()
    rows = [row for row in policy.approvals(state="pending") if row.expires_at > now]
    seen = access.visible(member) if rows else frozenset()
    return sorted((row for row in rows if row.run in seen), key=lambda row: row.expires_at)


def _decidable(member: Member, rows: list[ApprovalRow]) -> list[ApprovalRow]:
    return [row for row in rows if _may_decide(member, row)]


def _may_decide(member: Member, row: ApprovalRow) -> bool:
    may = member.may(kinds.act_for(row.rule, row.approver_role))
    return may and row.approver_role != kinds.STAFF and not _asked_myself(member, row)


def _asked_myself(member: Member, row: ApprovalRow) -> bool:
    """Tell whether somebody else has to decide because this member asked."""
    return bool(row.subject.get("four_eyes")) and row.asked_for == member.person


def inbox(*, member: Member, show: str = "mine", page: int = 1) -> InboxPage:
    """List what waits: `mine` (handed to me, or of my own runs), `team` (all I may decide), `expiring` (in a day)."""
    every = _pending(member)
    team = _decidable(member, every)
    own = {row.run for row in Inquiry.objects.filter(pk__in=[row.run for row in team], owner=member.person)}
    soon = clock.now() + SOON
    found = {
        "mine": [row for row in team if row.assigned_to == member.person or row.run in own],
        "team": team,
        "expiring": [row for row in team if row.expires_at <= soon],
    }
    show = show if show in SHOWS else "mine"
    start = (page - 1) * A_PAGE
    rows = found[show][start : start + A_PAGE + 1]
    labels = {"mine": _("Mine"), "team": _("Everybody’s"), "expiring": _("Expire within a day")}
    return InboxPage(
        show=show,
        tabs=tuple(Tab(labels[key], f"?show={key}", key == show, len(found[key])) for key in SHOWS),
        rows=_rows(member, rows[:A_PAGE]),
        newer_url=f"?show={show}&page={page - 1}" if page > 1 else "",
        older_url=f"?show={show}&page={page + 1}" if len(rows) > A_PAGE else "",
    )


def _rows(member: Member, rows: list[ApprovalRow]) -> tuple[WaitingRow, ...]:
    inquiries = Inquiry.objects.in_bulk([row.run for row in rows])
    titles = dict(Report.objects.filter(pk__in=list(inquiries)).values_list("run", "title"))
    people = accounts.names({row.asked_for for row in rows} | {row.assigned_to for row in rows if row.assigned_to})
    colleagues = accounts.members_of(member.schema) if rows else []
    return tuple(
        _row(member, row, inquiries[row.run], titles.get(row.run, ""), people, colleagues)
        for row in rows if row.run in inquiries
    )  # fmt: skip


def _row(
    member: Member, row: ApprovalRow, inquiry: Inquiry, title: str, people: dict[int, str], colleagues: list[Member]
) -> WaitingRow:  # fmt: skip
    said = _what(row, inquiry, title)
    act = kinds.act_for(row.rule, row.approver_role)
    others = (one for one in colleagues if one.may(act) and one.person not in {member.person, row.assigned_to})
    return WaitingRow(
        id=row.id, run_id=row.run, question=inquiry.question, title=said.title, text=said.text, why=why(row.rule),
        lines=said.lines, tally=said.tally, asked_myself=_asked_myself(member, row),
        asked_by=people.get(row.asked_for, ""), asked_at=row.created_at, left_ms=approvals.left(row.expires_at),
        expires_at=row.expires_at, credits=inquiry.most, assigned_to=people.get(row.assigned_to or 0, ""),
        may_decide=_may_decide(member, row), by_staff=row.approver_role == kinds.STAFF,
        needs_reason=row.rule != "plan", escalated=row.escalated_at is not None,
        plan_url=f"/research/{row.run}/plan" if row.rule == "plan" and row.state == "pending" else "",
        draft_url=f"/research/{row.run}/draft" if row.rule == "publish" and row.state == "pending" else "",
        to=tuple(Colleague(one.person, one.name) for one in others), state=row.state,
    )  # fmt: skip


def _what(row: ApprovalRow, inquiry: Inquiry, title: str) -> ApprovalCard:
    """Say what an approval would change: its title, a sentence, and lines as in a plan."""
    card = approvals.card(row, inquiry, "", release=0)
    if row.rule == "plan":
        return replace(card, title=_("Accept a plan"))
    return replace(card, title=_("Publish: %(title)s") % {"title": title}) if row.rule == "publish" else card


def why(rule: str) -> str:
    """Say in plain words which rule stopped a run."""
    known = {
        "plan": _("Whoever asked wanted to accept the plan before anything is read."),
        "publish": _("Whoever asked wanted somebody to read the draft before it is published."),
    }
    asked = _("The rule “%(rule)s” asks a person first.") % {"rule": rule.removeprefix("policy:")}
    return known.get(rule) or asked


def approval_page(
    *, member: Member, approval: str, sentence: str = "", kept: str = "", typed: str | None = None, problem: str = ""
) -> ApprovalPage:  # fmt: skip
    """Return one approval with its history. Raises NotFound, for somebody who may not see its run as well.

    typed, problem: arguments of a call that were sent and refused, and why.
    """
    row = policy.approval(approval)
    if row is None or not access.opens(member, row.run):
        raise NotFound(_("There is no such approval."))
    by = accounts.names([row.decided_by]).get(row.decided_by, "") if row.decided_by else ""
    return ApprovalPage(
        row=_rows(member, [row])[0], history=_history(member, approval), reason=row.reason,
        edited=row.edited is not None, decided_by=by, decided_at=row.decided_at, sentence=sentence, kept=kept,
        call=calls.asked(row, typed=typed, problem=problem),
        may_hand_over=member.may("oversee") and row.state == "pending" and row.approver_role != kinds.STAFF,
    )  # fmt: skip


def _history(member: Member, approval: str) -> tuple[Moment, ...]:
    rows = observability.about(member.schema, approval)
    people = accounts.names({row.by for row in rows if row.by})
    return tuple(
        Moment(row.did.partition(".")[2], people.get(row.by or 0, ""), row.reason, row.at) for row in rows
    )  # fmt: skip

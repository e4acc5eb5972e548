"""What a person was told, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, When

from apps.accounts import queries as accounts
from apps.accounts.queries import Member
from apps.messaging import rules
from apps.messaging.models import Notice, Preference
from apps.policy import queries as policy
from apps.research.queries import access, inbox
from apps.runtime import queries as runtime

A_PAGE = 25
# Where a notice about no run leads, and who may go there.
PLACES = {
    "budget": ("/billing/budgets", ("billing", "settings")), "credits": ("/billing", ("billing",)),
    "retention": ("/settings/general", ("belong",)), "held": ("/monitors", ("read",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice; `outcome` says what has become of the approval since, `why` the reason of an end."""

    id: int
    kind: str
    run: str
    question: str
    by: str
    at: datetime
    unread: bool
    url: str
    outcome: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    why: str = ""
    mark: int = 0


@dataclass(frozen=True, slots=True)
class NoticesPage:
    rows: tuple[NoticeRow, ...]
    unread: int
    newer_url: str = ""
    older_url: str = ""


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """One kind; `wanted` holds an answer for each of rules.CHANNELS."""

    kind: str
    page: bool
    mail: bool


def place(member: Member, kind: str) -> str:
    """Return the page of what a notice about no run tells, or nothing where the member may not see it."""
    path, acts = PLACES[kind]
    return path if any(member.may(act) for act in acts) else ""


def unread(member: Member) -> int:
    """Count what a member has not read, of runs that they may see."""
    rows = Notice.objects.filter(workspace=member.schema, person=member.person, read_at=None)
    runs = list(rows.values_list("run", flat=True)[:500])
    seen = access.visible(member) if runs else frozenset()
    return sum(not run or run in seen for run in runs)


def notices_page(member: Member, *, page: int = 1) -> NoticesPage:
    """List what a member was told, unread first, then newest first, 25 a page; only of runs that they may see."""
    # A notice of a budget, of the credits or of the plan is about no run.
    about = Q(run__in=access.visible(member)) | Q(run="")
    rows = Notice.objects.filter(about, workspace=member.schema, person=member.person)
    start = (page - 1) * A_PAGE
    unread_first = Case(When(read_at=None, then=0), default=1)
    found = rows.order_by(unread_first, "-created_at", "-id")[start : start + A_PAGE + 1]
    return _page(member, list(found), page)


def _page(member: Member, found: list[Notice], page: int) -> NoticesPage:
    more, found = len(found) > A_PAGE, found[:A_PAGE]
    questions = inbox.questions({row.run for row in found})
    approvals = policy.approvals_of({row.approval for row in found if row.approval})
    states = runtime.runs([row.run for row in found])
    people = accounts.names(
        {row.by for row in found if row.by} | {a.decided_by for a in approvals.values() if a.decided_by}
    )  # fmt: skip
    rows = []
    for row in found:
        about = approvals.get(row.approval)
        run = states.get(row.run)
        rows.append(
            NoticeRow(
                id=row.pk, kind=row.kind, run=row.run, question=questions.get(row.run, ""),
                by=people.get(row.by or 0, ""), at=row.created_at, unread=row.read_at is None,
                url=f"/approvals/{row.approval}" if row.approval
                else f"/monitors/of/{row.run}" if row.kind == "changed"
                else f"/research/{row.run}" if row.run else place(member, row.kind),
                mark=row.mark,
                outcome=about.state if about else "",
                decided_by=people.get(about.decided_by or 0, "") if about else "",
                decided_at=about.decided_at if about else None,
                why=_why(row.kind, run),
            )
        )  # fmt: skip
    return NoticesPage(
        tuple(rows), unread(member), f"?page={page - 1}" if page > 1 else "", f"?page={page + 1}" if more else ""
    )  # fmt: skip


def _why(kind: str, run: runtime.RunRow | None) -> str:
    if run is None or not run.error or kind not in {"fails", "rejected"}:
        return ""
    return str(run.error.get("sentence") or run.error.get("reason") or "")


def preferences(member: Member) -> tuple[PreferenceRow, ...]:
    """Return what a member wants to be told, kind by kind."""
    rows = Preference.objects.filter(workspace=member.schema, person=member.person)
    said = {(row.kind, row.channel): row.wanted for row in rows}
    return tuple(
        PreferenceRow(kind, rules.wants(kind, "page", said), rules.wants(kind, "mail", said)) for kind in rules.KINDS
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaffRun:
    """A run as staff see it: to read."""

    run: str
    question: str
    state: str
    owner: str
    credits: int
    created_at: datetime


def staff_runs() -> list[StaffRun]:
    """List the newest 100 runs of the workspace this thread works in."""
    rows = inbox.newest(limit=100)
    states, used = runtime.runs([row.run for row in rows]), policy.credits_of([row.run for row in rows])
    people = accounts.names({row.owner for row in rows})
    return [
        StaffRun(
            row.run, row.question, states[row.run].state, people.get(row.owner, ""), used.get(row.run, 0),
            states[row.run].created_at,
        )
        for row in rows if row.run in states
    ]  # fmt: skip

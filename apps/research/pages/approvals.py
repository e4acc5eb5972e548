"""The inbox of approvals, and one approval's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.research.pages.shared import PlanLine, PlanTally


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody an approval can be handed to."""

    person: int
    name: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One approval: what changes, why it stopped, who asked, what it costs, by when; and what this member may do.

    why: the rule in plain words. credits: what the run holds. assigned_to: a name, or empty. plan_url,
    draft_url: where it can be read whole and edited. to: who it can be handed to.
    """

    id: str
    run_id: str
    question: str
    title: str
    text: str
    why: str
    lines: tuple[PlanLine, ...]
    asked_by: str
    asked_at: datetime
    left_ms: int
    expires_at: datetime
    credits: int
    assigned_to: str
    may_decide: bool
    by_staff: bool
    needs_reason: bool
    escalated: bool
    plan_url: str = ""
    draft_url: str = ""
    to: tuple[Colleague, ...] = ()
    state: str = "pending"
    asked_myself: bool = False  # and somebody else has to decide
    tally: PlanTally | None = None


@dataclass(frozen=True, slots=True)
class CallAsked:
    """A single call to decide about. exactly: its arguments as JSON; edited: as an approver changed them, or empty.

    typed: what stands in the box, with what is wrong with it. policies: the version of the workspace's own policies
    that asked. An approval holds for this version, this definition, these policies and these arguments alone.
    """

    exactly: str
    edited: str
    typed: str
    problem: str
    may_edit: bool
    version: str
    definition: str
    policies: int


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """`page`, for `approvals.html`. show: mine, team or expiring."""

    show: str
    tabs: tuple[Tab, ...]
    rows: tuple[WaitingRow, ...]
    newer_url: str = ""
    older_url: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of an approval's history: `did` without its room, who, whom or why, when."""

    did: str
    by: str
    about: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """`page`, for `approval.html`. sentence: why what was sent did not count; kept: the reason that was typed."""

    row: WaitingRow
    history: tuple[Moment, ...]
    reason: str
    edited: bool
    decided_by: str
    decided_at: datetime | None
    may_hand_over: bool
    sentence: str = ""
    kept: str = ""
    call: CallAsked | None = None

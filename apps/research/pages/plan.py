"""A plan to read before anything happens, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.research.pages.shared import Note, PlanLine, PlanTally


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """A part of the question and the searches for it."""

    text: str
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """A document that the plan may read: left out or pinned by a person."""

    ref: str
    title: str
    read: bool = True
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class PlanPage:
    """`page`, for `plan.html`."""

    public_id: str
    question: str
    lines: tuple[PlanLine, ...]
    subquestions: tuple[SubQuestion, ...]
    assumptions: tuple[str, ...]
    undo: tuple[str, ...]
    approval_points: tuple[str, ...]
    low: int
    high: int
    most: int
    learned_from: int
    balance: int
    adds: int
    changes: int
    removes: int
    documents: int
    depth: str
    mode: str
    source_cap: int
    short_by: int = 0
    notes: tuple[Note, ...] = ()
    may_decide: bool = True
    approval: str = ""
    asks: tuple[str, ...] = ()  # open questions, which a person may answer or skip
    answers: tuple[str, ...] = ()
    choices: tuple[DocumentChoice, ...] = ()
    sites: tuple[str, ...] = ()
    web: bool = False
    most_parts: int = 0
    most_queries: int = 0
    open: bool = False  # the plan is shown open for changes
    tally: PlanTally | None = None

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """Each open question with the answer typed so far."""
        answers = (*self.answers, *("" for _ask in self.asks))
        return tuple(zip(self.asks, answers, strict=False))

    @property
    def spare(self) -> range:
        """Empty rows for sub-questions that a person may add."""
        return range(max(0, min(2, self.most_parts - len(self.subquestions))))


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """What is to be decided; `decided_by` is set when somebody was first."""

    public_id: str
    title: str
    text: str
    lines: tuple[PlanLine, ...]
    asked_by: str
    left_ms: int
    expires_at: datetime
    release: int  # credits that come back on reject
    note: int | None = None
    may_decide: bool = True
    decided_by: str = ""
    draft_of: str = ""  # the run whose draft can be edited
    plan_of: str = ""  # the run whose plan can be read whole, where the card is about a plan
    call_of: str = ""  # the approval whose arguments can be read and edited, where the card is about a single call
    tally: PlanTally | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A line of the inbox."""

    run_id: str
    question: str
    title: str
    asked_by: str
    asked_at: datetime
    left_ms: int
    credits: int


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """`page`, for `approvals.html`."""

    rows: tuple[ApprovalRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A sentence of a draft that a person may strike out."""

    number: int
    text: str
    verdict: str
    section: str
    sources: tuple[str, ...]
    kept: bool = True


@dataclass(frozen=True, slots=True)
class DraftPage:
    """`page`, for `draft.html`."""

    public_id: str
    question: str
    title: str
    approval: str
    lines: tuple[DraftLine, ...]

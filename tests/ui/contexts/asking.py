"""The ask box, the run list, the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.ui.contexts.shared import Note


@dataclass(frozen=True)
class SmallerPlan:
    """What would fit the balance."""

    depth: str  # quick, standard, deep
    source_cap: int
    low: int
    high: int


@dataclass(frozen=True)
class Estimate:
    """`estimate`, for `_estimate.html`."""

    state: str  # empty, fits, short
    low: int = 0
    high: int = 0
    balance: int = 0
    short_by: int = 0
    smaller: SmallerPlan | None = None
    documents: int = 0


@dataclass(frozen=True)
class RunRow:
    """A line of the run list."""

    public_id: str
    question: str
    state: str
    created_at: datetime
    credits: int
    by: str
    steps_done: int = 0
    steps: int = 0
    has_report: bool = False


@dataclass(frozen=True)
class RunList:
    """`run_list`, for `_run_list.html`."""

    rows: tuple[RunRow, ...] = ()
    samples: tuple[str, ...] = ()
    older_url: str = ""
    newer_url: str = ""


@dataclass(frozen=True)
class InquiriesPage:
    """`page`, for `inquiries.html`, beside `form`."""

    documents: int
    balance: int
    granted: int
    estimate: Estimate
    run_list: RunList
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class PlanLine:
    """What the run will do; a denied line names its rule."""

    kind: str  # add, change, remove, read
    text: str
    detail: str = ""
    credits: int | None = None
    note: int | None = None
    denied_by: str = ""


@dataclass(frozen=True)
class SubQuestion:
    """A part of the question and the searches for it."""

    text: str
    queries: tuple[str, ...] = ()


@dataclass(frozen=True)
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

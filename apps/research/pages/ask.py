"""The ask page: estimate and run list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.research.pages.shared import Note


@dataclass(frozen=True, slots=True)
class SmallerPlan:
    """What would fit the balance."""

    depth: str  # quick, standard, deep
    source_cap: int
    low: int
    high: int
    most: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """`estimate`, for `_estimate.html`."""

    state: str  # empty, fits, short
    low: int = 0
    high: int = 0
    balance: int = 0
    short_by: int = 0
    smaller: SmallerPlan | None = None
    documents: int = 0
    capped: bool = False  # `balance` is the run's own budget
    most: int = 0  # what is held
    runs: int = 0  # so many past runs say so; 0: the rules alone
    note: Note | None = None


@dataclass(frozen=True, slots=True)
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
    visibility: str = "workspace"


@dataclass(frozen=True, slots=True)
class RunList:
    """`run_list`, for `_run_list.html`."""

    rows: tuple[RunRow, ...] = ()
    samples: tuple[str, ...] = ()
    older_url: str = ""
    newer_url: str = ""


@dataclass(frozen=True, slots=True)
class InquiriesPage:
    """`page`, for `inquiries.html`, beside `form`."""

    documents: int
    balance: int
    granted: int
    estimate: Estimate
    run_list: RunList
    notes: tuple[Note, ...] = ()
    may_ask: bool = True
    mine: bool = False


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A deleted run that can be brought back."""

    public_id: str
    question: str
    deleted_at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A run that a word was found in."""

    public_id: str
    question: str

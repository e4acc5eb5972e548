"""The values that the pages of research read: what `queries` return, page by page.

Times are aware datetimes, lengths milliseconds, sizes bytes, money credits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value in a note or a list of facts."""

    label: str
    value: str
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A red numeral in a text; `first` is true where the note's back link should lead."""

    number: int
    about: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: of a sentence, a cost, a version or a decision. One component shows them all."""

    number: int
    title: str
    text: str = ""
    before: str = ""
    quote: str = ""
    after: str = ""
    verdict: str = ""  # sourced, calculated, inferred, unsupported, contradicted
    pairs: tuple[Pair, ...] = ()
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class SmallerPlan:
    """What would fit the balance."""

    depth: str  # quick, standard, deep
    source_cap: int
    low: int
    high: int


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


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What the run will do; a denied line names its rule."""

    kind: str  # add, change, remove, read
    text: str
    detail: str = ""
    credits: int | None = None
    note: int | None = None
    denied_by: str = ""


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """A part of the question and the searches for it."""

    text: str
    queries: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class RunFacts:
    """`facts`, for `_run_facts.html`."""

    public_id: str
    state: str
    started_at: datetime | None
    took_ms: int | None
    credits: int
    held: int
    mode: str  # mock, live
    depth: str
    by: str
    version: str = ""
    cost_note: int | None = None
    version_note: int | None = None
    can_cancel: bool = False
    release: int = 0  # credits that come back on cancel
    kept: int | None = None
    read: int | None = None


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
    plan_of: str = ""  # the run whose plan can be read whole, where the card is about a plan


@dataclass(frozen=True, slots=True)
class RunNotice:
    """`notice`, for `_run_notice.html`: what matters now, with what to do about it."""

    public_id: str
    state: str
    approval: ApprovalCard | None = None
    reason: str = ""
    throttled_until: datetime | None = None
    resume_step: int | None = None  # "resume from step 5, 0 credits for steps 1–4"
    steps_done: int = 0
    can_resume: bool = False
    decided_by: str = ""
    released: int = 0
    kept: int = 0  # sources that are kept although the run ended


@dataclass(frozen=True, slots=True)
class Step:
    """A station of the task graph."""

    key: str
    label: str
    state: str  # pending, queued, running, retrying, waiting, succeeded, failed, skipped, cancelled
    needs: tuple[str, ...] = ()
    sub: str = ""


@dataclass(frozen=True, slots=True)
class RunGraph:
    """`graph`, for `_run_graph.html`."""

    steps: tuple[Step, ...] = ()
    done: int = 0


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One task; `start_ms` counts from the start of the run."""

    key: str
    label: str
    by: str  # model, tool, rule, person
    state: str
    start_ms: int = 0
    took_ms: int | None = None
    credits: int | None = None
    note: int | None = None
    detail: str = ""
    attempts: int = 1
    again: bool = False  # taken from the ledger, nothing paid


@dataclass(frozen=True, slots=True)
class RunTimeline:
    """`timeline`, for `_run_timeline.html`."""

    rows: tuple[TimelineRow, ...] = ()
    total_ms: int = 0
    credits: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and its footnotes."""

    public_id: str
    text: str
    verdict: str = "sourced"
    marks: tuple[Mark, ...] = ()
    opens: bool = False  # a new paragraph begins here


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report or the draft; `notes` stand beside it."""

    key: str
    title: str
    claims: tuple[Claim, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class RunDraft:
    """`draft`, for `_run_draft.html`."""

    sections: tuple[Section, ...] = ()
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class RunPage:
    """`page`, for `run.html`; each part is also a fragment of its own."""

    public_id: str
    question: str
    facts: RunFacts
    notice: RunNotice
    graph: RunGraph
    timeline: RunTimeline
    draft: RunDraft
    notes: tuple[Note, ...]
    status: str  # the sentence for screen readers and the line under the facts
    stream_url: str = ""  # empty when the run has ended


@dataclass(frozen=True, slots=True)
class RunEvent:
    """`event`, for `run_event.html`: the body of one message of the stream; what did not change is None."""

    status: str
    facts: RunFacts | None = None
    notice: RunNotice | None = None
    graph: RunGraph | None = None
    timeline: RunTimeline | None = None
    draft: RunDraft | None = None
    notes: tuple[Note, ...] | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the sources that disagree."""

    value: str
    text: str
    source: str
    mark: Mark
    published: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What sources say differently."""

    about: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A sub-question without an answer, and why."""

    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source, kept or dropped."""

    public_id: str
    title: str
    where: str  # host and path, or file name
    url: str = ""
    reason: str = ""
    before: str = ""
    quote: str = ""
    after: str = ""
    published: str = ""
    fetched_at: datetime | None = None
    sha256: str = ""
    cited: int = 0
    pages: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A file of the report."""

    label: str
    url: str
    icon: str
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`page`, for `report.html`."""

    public_id: str
    question: str
    title: str
    published_at: datetime
    by: str
    credits: int
    sentences: int
    sourced: int
    summary: Section
    sections: tuple[Section, ...]
    disagreements: tuple[Disagreement, ...]
    unanswered: tuple[Unanswered, ...]
    sources: tuple[SourceRow, ...]
    downloads: tuple[Download, ...]
    mode: str = "mock"
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """`page`, for `sources.html`."""

    public_id: str
    question: str
    kept: tuple[SourceRow, ...]
    dropped: tuple[SourceRow, ...]
    show: str = "kept"  # kept, dropped


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

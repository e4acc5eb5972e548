"""A run and its fragments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.ui.contexts.asking import PlanLine
from tests.ui.contexts.shared import Mark, Note


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Step:
    """A station of the task graph."""

    key: str
    label: str
    state: str  # pending, queued, running, retrying, waiting, succeeded, failed, skipped, cancelled
    needs: tuple[str, ...] = ()
    sub: str = ""


@dataclass(frozen=True)
class RunGraph:
    """`graph`, for `_run_graph.html`."""

    steps: tuple[Step, ...] = ()
    done: int = 0


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class RunTimeline:
    """`timeline`, for `_run_timeline.html`."""

    rows: tuple[TimelineRow, ...] = ()
    total_ms: int = 0
    credits: int = 0


@dataclass(frozen=True)
class Claim:
    """A sentence and its footnotes."""

    public_id: str
    text: str
    verdict: str = "sourced"
    marks: tuple[Mark, ...] = ()
    opens: bool = False  # a new paragraph begins here


@dataclass(frozen=True)
class Section:
    """A part of the report or the draft; `notes` stand beside it."""

    key: str
    title: str
    claims: tuple[Claim, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class RunDraft:
    """`draft`, for `_run_draft.html`."""

    sections: tuple[Section, ...] = ()
    is_final: bool = False


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class RunEvent:
    """`event`, for `run_event.html`: the body of one message of the stream; what did not change is None."""

    status: str
    facts: RunFacts | None = None
    notice: RunNotice | None = None
    graph: RunGraph | None = None
    timeline: RunTimeline | None = None
    draft: RunDraft | None = None
    notes: tuple[Note, ...] | None = None

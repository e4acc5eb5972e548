"""One run, live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.research.pages.plan import ApprovalCard
from apps.research.pages.shared import Note, Section


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
class EventLine:
    """One event of a task, for the list beside its error."""

    at: datetime
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RunNotice:
    """`notice`, for `_run_notice.html`: what matters now, with what to do about it."""

    public_id: str
    state: str
    approval: ApprovalCard | None = None
    reason: str = ""
    slowed: int = 0  # per cent of the month's budget that are used, where that makes the run go slowly
    may_see_budgets: bool = False
    resume_step: int | None = None  # "resume from step 5, 0 credits for steps 1–4"
    steps_done: int = 0
    can_resume: bool = False
    supply_key: str = ""  # the failed task that a person can do instead
    failed_step: str = ""
    events: tuple[EventLine, ...] = ()  # the failed task's last events
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
class RunDraft:
    """`draft`, for `_run_draft.html`."""

    sections: tuple[Section, ...] = ()
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class RunActs:
    """`acts`, for `_run_acts.html`: what this viewer can do with the run."""

    public_id: str
    ended: bool
    published: bool
    may_ask: bool
    may_change: bool
    visibility: str  # workspace, team, named, private
    links: int = 0
    copied_from: str = ""


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
    acts: RunActs
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
    acts: RunActs | None = None


@dataclass(frozen=True, slots=True)
class SupplyPage:
    """`page`, for `supply.html`: the failed task that a person does instead."""

    public_id: str
    question: str
    key: str
    step: str
    label: str
    why: str
    about: str = ""
    documents: tuple[tuple[str, str], ...] = ()
    credits: int = 0

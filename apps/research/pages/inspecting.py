"""A run taken apart: its tasks with input, output, attempts and calls; a source's stored text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from apps.research.pages.run import EventLine, RunGraph, RunTimeline
from apps.research.pages.shared import Pair


@dataclass(frozen=True, slots=True)
class CallLine:
    """One row of the call ledger."""

    id: str
    name: str
    tool: str
    provider: str
    model: str
    state: str
    outcome: str
    credits: int
    micro_dollars: int
    tokens_in: int
    tokens_out: int
    took_ms: int | None
    decision: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task. `given` and `made` are JSON texts, cut after some thousand characters."""

    key: str
    label: str
    role: str
    queue: str
    state: str
    attempt: int
    claims: int
    took_ms: int | None
    credits: int
    given: str
    made: str
    error: str
    events: tuple[EventLine, ...]
    calls: tuple[CallLine, ...]


@dataclass(frozen=True, slots=True)
class InspectPage:
    """`page`, for `inspect.html`."""

    public_id: str
    question: str
    facts: tuple[Pair, ...]
    graph: RunGraph
    timeline: RunTimeline
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a source; `mark` is the number of the footnote that cites it, 0 for what no sentence cites."""

    text: str
    mark: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """`page`, for `snapshot.html`: what was stored of a source, with what is cited of it."""

    public_id: str
    question: str
    number: int
    title: str
    where: str
    url: str
    published: date | None
    fetched_at: datetime | None
    sha256: str
    text_sha256: str
    characters: int
    cited: int
    pieces: tuple[Piece, ...]
    erased: bool = False

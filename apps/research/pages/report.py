"""The report and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.memory.grounding.accuracy import BESIDE_PAGES, BESIDE_PASSAGES, Accuracy
from apps.research.pages.shared import Mark, Section


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
    stored: bool = False


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
    may_rate: bool = False
    rated: int = 0
    checked: Accuracy = BESIDE_PASSAGES
    checked_pages: Accuracy = BESIDE_PAGES


@dataclass(frozen=True, slots=True)
class ProofPage:
    """`page`, for `proof.html`. state: none, working, failed or ready. size: of the zip, in bytes."""

    public_id: str
    question: str
    published: bool
    state: str
    error: str = ""
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """`page`, for `sources.html`."""

    public_id: str
    question: str
    kept: tuple[SourceRow, ...]
    dropped: tuple[SourceRow, ...]
    show: str = "kept"  # kept, dropped

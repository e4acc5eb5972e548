"""The report, sources, documents, approvals, workspaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.ui.contexts.running import Section
from tests.ui.contexts.shared import Mark, WorkspaceLink


@dataclass(frozen=True)
class Side:
    """One of the sources that disagree."""

    value: str
    text: str
    source: str
    mark: Mark
    published: str = ""


@dataclass(frozen=True)
class Disagreement:
    """What sources say differently."""

    about: str
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class Unanswered:
    """A sub-question without an answer, and why."""

    question: str
    reason: str


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Download:
    """A file of the report."""

    label: str
    url: str
    icon: str
    bytes: int | None = None


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class SourcesPage:
    """`page`, for `sources.html`."""

    public_id: str
    question: str
    kept: tuple[SourceRow, ...]
    dropped: tuple[SourceRow, ...]
    show: str = "kept"  # kept, dropped


@dataclass(frozen=True)
class DocumentRow:
    """A document of the workspace."""

    public_id: str
    title: str
    filename: str
    kind: str
    bytes: int
    added_at: datetime
    by: str
    sha256: str
    pages: int | None = None
    words: int | None = None


@dataclass(frozen=True)
class RejectedFile:
    """A file that could not be read, and what to do."""

    filename: str
    reason: str


@dataclass(frozen=True)
class DocumentsPage:
    """`page`, for `documents.html`, beside `form`."""

    rows: tuple[DocumentRow, ...] = ()
    rejected: tuple[RejectedFile, ...] = ()
    added: int = 0
    total_bytes: int = 0
    may_add: bool = True
    older_url: str = ""
    newer_url: str = ""


@dataclass(frozen=True)
class ApprovalRow:
    """A line of the inbox."""

    run_id: str
    question: str
    title: str
    asked_by: str
    asked_at: datetime
    left_ms: int
    credits: int


@dataclass(frozen=True)
class ApprovalsPage:
    """`page`, for `approvals.html`."""

    rows: tuple[ApprovalRow, ...] = ()


@dataclass(frozen=True)
class WorkspacesPage:
    """`page`, for `workspaces.html`."""

    person: str
    workspaces: tuple[WorkspaceLink, ...] = ()
    preparing: tuple[str, ...] = ()

"""The values that the templates read: research's own, and twins of those that live beside views.

The preview runs without our apps, so it can't import a module that has models beside it; `test_contexts` holds the
twins to their originals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.research.pages import (
    ApprovalCard,
    ApprovalRow,
    ApprovalsPage,
    Claim,
    Disagreement,
    Download,
    Estimate,
    InquiriesPage,
    Mark,
    Note,
    Pair,
    PlanLine,
    PlanPage,
    ReportPage,
    RunDraft,
    RunEvent,
    RunFacts,
    RunGraph,
    RunList,
    RunNotice,
    RunPage,
    RunRow,
    RunTimeline,
    Section,
    Side,
    SmallerPlan,
    SourceRow,
    SourcesPage,
    Step,
    SubQuestion,
    TimelineRow,
    Unanswered,
)

__all__ = [
    "ApprovalCard",
    "ApprovalRow",
    "ApprovalsPage",
    "Choice",
    "Claim",
    "Disagreement",
    "DocumentLine",
    "DocumentsPage",
    "Download",
    "Estimate",
    "InquiriesPage",
    "Mark",
    "Note",
    "Pair",
    "PlanLine",
    "PlanPage",
    "RejectedFile",
    "ReportPage",
    "RunDraft",
    "RunEvent",
    "RunFacts",
    "RunGraph",
    "RunList",
    "RunNotice",
    "RunPage",
    "RunRow",
    "RunTimeline",
    "Section",
    "Side",
    "SmallerPlan",
    "SourceRow",
    "SourcesPage",
    "Step",
    "SubQuestion",
    "TimelineRow",
    "TopBar",
    "Unanswered",
    "WorkspaceLink",
    "WorkspacesPage",
]


@dataclass(frozen=True)
class DocumentLine:
    """A document of the workspace."""

    public_id: str
    title: str
    filename: str
    kind: str
    bytes: int
    added_at: datetime
    by: str
    sha256: str
    pages: int | None
    words: int


@dataclass(frozen=True)
class RejectedFile:
    """A file that could not be read, and what to do."""

    filename: str
    reason: str


@dataclass(frozen=True)
class DocumentsPage:
    """`page`, for `documents.html`, beside `form`."""

    rows: tuple[DocumentLine, ...] = ()
    rejected: tuple[RejectedFile, ...] = ()
    added: int = 0
    total_bytes: int = 0
    may_add: bool = True
    older_url: str = ""
    newer_url: str = ""


@dataclass(frozen=True)
class Choice:
    """A workspace of this person, for the chooser."""

    name: str
    url: str
    role: str = ""
    current: bool = False
    runs: int = 0
    last_run_at: datetime | None = None


@dataclass(frozen=True)
class WorkspacesPage:
    """`page`, for `workspaces.html`."""

    person: str
    workspaces: tuple[Choice, ...] = ()
    preparing: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkspaceLink:
    """A workspace of this person, for the switcher."""

    name: str
    url: str
    role: str = ""
    current: bool = False


@dataclass(frozen=True)
class TopBar:
    """`bar`, from a context processor, on every page of a workspace host."""

    workspace: str
    current: str
    person: str
    email: str
    credits: int
    waiting: int = 0
    workspaces: tuple[WorkspaceLink, ...] = ()
    chooser_url: str = ""
    logout_url: str = ""
    language_url: str = ""

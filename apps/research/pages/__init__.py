"""The values that the pages of research read: what `queries` return, page by page.

Times are aware datetimes, lengths milliseconds, sizes bytes, money credits.
"""

from apps.research.pages.ask import DeletedRow, Estimate, FoundRow, InquiriesPage, RunList, RunRow, SmallerPlan
from apps.research.pages.asking import Asked, Asking, AskPage
from apps.research.pages.inspecting import CallLine, InspectPage, Piece, SnapshotPage, TaskLine
from apps.research.pages.plan import (
    ApprovalCard,
    ApprovalRow,
    ApprovalsPage,
    DocumentChoice,
    DraftLine,
    DraftPage,
    PlanPage,
    SubQuestion,
)
from apps.research.pages.report import Disagreement, Download, ReportPage, Side, SourceRow, SourcesPage, Unanswered
from apps.research.pages.run import (
    EventLine,
    RunActs,
    RunDraft,
    RunEvent,
    RunFacts,
    RunGraph,
    RunNotice,
    RunPage,
    RunTimeline,
    Step,
    SupplyPage,
    TimelineRow,
)
from apps.research.pages.shared import CallPreview, Claim, Mark, Note, Pair, PlanLine, PlanTally, Section

__all__ = [
    "ApprovalCard",
    "ApprovalRow",
    "ApprovalsPage",
    "AskPage",
    "Asked",
    "Asking",
    "CallLine",
    "CallPreview",
    "Claim",
    "DeletedRow",
    "Disagreement",
    "EventLine",
    "DocumentChoice",
    "Download",
    "DraftLine",
    "DraftPage",
    "Estimate",
    "FoundRow",
    "InquiriesPage",
    "InspectPage",
    "Mark",
    "Note",
    "Pair",
    "Piece",
    "PlanLine",
    "PlanPage",
    "PlanTally",
    "ReportPage",
    "RunActs",
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
    "SnapshotPage",
    "SourceRow",
    "SourcesPage",
    "Step",
    "SubQuestion",
    "SupplyPage",
    "TaskLine",
    "TimelineRow",
    "Unanswered",
]

"""The values that the templates read: what `queries` return, page by page.

Every page gets one of these as `page` (and a Django form as `form` where it has one); every fragment gets its own
part under the name written beside it. Times are aware datetimes, lengths milliseconds, sizes bytes, money credits.
"""

from __future__ import annotations

from tests.ui.contexts.asking import (
    Estimate,
    InquiriesPage,
    PlanLine,
    PlanPage,
    RunList,
    RunRow,
    SmallerPlan,
    SubQuestion,
)
from tests.ui.contexts.reading import (
    ApprovalRow,
    ApprovalsPage,
    Disagreement,
    DocumentRow,
    DocumentsPage,
    Download,
    RejectedFile,
    ReportPage,
    Side,
    SourceRow,
    SourcesPage,
    Unanswered,
    WorkspacesPage,
)
from tests.ui.contexts.running import (
    ApprovalCard,
    Claim,
    RunDraft,
    RunEvent,
    RunFacts,
    RunGraph,
    RunNotice,
    RunPage,
    RunTimeline,
    Section,
    Step,
    TimelineRow,
)
from tests.ui.contexts.shared import Mark, Note, Pair, TopBar, WorkspaceLink

__all__ = [
    "ApprovalCard",
    "ApprovalRow",
    "ApprovalsPage",
    "Claim",
    "Disagreement",
    "DocumentRow",
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

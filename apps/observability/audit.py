"""Write the audit log: one line for each decision and each look behind a wall."""

from __future__ import annotations

from datetime import datetime

from apps.lib import clock
from apps.observability.models import AuditEntry


def record(
    *, by: int | None, did: str, to: str, reason: str = "", workspace: str = "", at: datetime | None = None
) -> None:  # fmt: skip
    """Append an entry inside the caller's transaction.

    by: a person's id, None for Footnote itself. did: `room.verb`, such as `approval.rejected`. to: an id.
    workspace: schema name; empty for the platform's own.
    """
    AuditEntry.objects.create(
        workspace=workspace, by=by, did=did, to=to[:120], reason=reason[:1000], at=at or clock.now()
    )  # fmt: skip

"""Reads of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.observability.models import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    by: int | None
    did: str
    to: str
    reason: str
    at: datetime


def about(workspace: str, to: str) -> list[AuditRow]:
    """List what was done to one thing of a workspace, oldest first."""
    rows = AuditEntry.objects.filter(workspace=workspace, to=to).order_by("at", "id")[:200]
    return [AuditRow(row.pk, row.by, row.did, row.to, row.reason, row.at) for row in rows]


def entries(workspace: str, *, before: int = 0, limit: int = 50) -> list[AuditRow]:
    """List the newest entries of a workspace; with `before`, those older than that entry's id."""
    rows = AuditEntry.objects.filter(workspace=workspace).order_by("-id")
    rows = rows.filter(pk__lt=before) if before else rows
    return [AuditRow(row.pk, row.by, row.did, row.to, row.reason, row.at) for row in rows[:limit]]

"""Settings of a workspace: what was decided, shared, erased and looked at, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts import queries
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.observability import queries as observability

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. by: a name, empty for Footnote itself."""

    at: datetime
    by: str
    did: str
    to: str
    reason: str


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever may change the settings may read the record."""
    return layout.SettingsPage("entry:audit", _("Record"), _("Workspace")) if member.may("settings") else None


@require_safe
@require("settings")
def audit(request: MemberRequest) -> HttpResponse:
    """The record of the workspace, newest first, 50 a page."""
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0
    rows = observability.entries(request.member.schema, before=before, limit=A_PAGE + 1)
    people = queries.names(row.by for row in rows if row.by)
    lines = [Line(row.at, people.get(row.by or 0, ""), row.did, row.to, row.reason) for row in rows[:A_PAGE]]
    older = f"?before={rows[A_PAGE - 1].id}" if len(rows) > A_PAGE else ""
    return layout.show(request, "settings/audit.html", {"lines": lines, "older_url": older, "is_first": not before})

"""Settings of a workspace: what was decided, shared, erased and called, by whom, for whom, by which rule, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts import queries, tenancy
from apps.accounts.actions import record
from apps.accounts.forms import RecordForm
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.observability import queries as observability
from apps.observability.queries import AuditRow, Wanted

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. by: a name, empty for Footnote itself; agent, person: the agent that acted, and for whom."""

    at: datetime
    by: str
    agent: str
    person: str
    did: str
    to: str
    rule: str
    outcome: str
    reason: str


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever may change the settings may read the record."""
    return layout.SettingsPage("entry:audit", _("Record"), _("Workspace")) if member.may("settings") else None


@require_safe
@require("settings")
def audit(request: MemberRequest) -> HttpResponse:
    """The record of the workspace, newest first, 50 a page, of what the filters leave."""
    form = _form(request)
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0
    found: list[AuditRow] = []
    if form.is_valid():
        found = observability.entries(request.member.schema, before=before, limit=A_PAGE + 1, wanted=form.wanted())
    people = queries.names(record.people(found))
    kept = record.kept(request.member, found)
    lines = [_line(row, people, row.id in kept) for row in found[:A_PAGE]]
    chosen = {name: value for name, value in request.GET.items() if value and name in form.fields}
    older = f"?{urlencode({**chosen, 'before': found[A_PAGE - 1].id})}" if len(found) > A_PAGE else ""
    context = {
        "lines": lines, "older_url": older, "is_first": not before, "form": form, "filter_query": urlencode(chosen),
        "filtered": bool(chosen),
    }  # fmt: skip
    return layout.show(request, "settings/audit.html", context, 200 if form.is_valid() else 422)


@require_safe
@require("settings")  # type: ignore[arg-type]  # a stream is an answer too
def export(request: MemberRequest) -> HttpResponse | StreamingHttpResponse:
    """The same entries, all of them, as JSON lines: one object a line, the newest first."""
    form = _form(request)
    if not form.is_valid():
        return audit(request)
    name = f"footnote-record-{request.member.slug}.jsonl"
    return StreamingHttpResponse(
        _export(request.member, form.wanted()), content_type="application/jsonl; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )  # fmt: skip


def _export(member: Member, wanted: Wanted) -> Iterator[str]:
    """One look at the table a portion: each in its workspace, and no connection is held between two of them."""
    before = None
    while before != 0:
        with tenancy.in_workspace(member.schema):
            text, before = record.portion(member, wanted, before=before or 0)
        tenancy.close()
        yield text


def _form(request: MemberRequest) -> RecordForm:
    schema = request.member.schema
    agents, outcomes = observability.choices(schema)
    return RecordForm(request.GET, people=queries.members_of(schema), agents=agents, outcomes=outcomes)


def _line(row: AuditRow, people: dict[int, str], hidden: bool) -> Line:
    return Line(
        row.at, people.get(row.by or 0, ""), row.agent, people.get(row.on_behalf_of or 0, ""), row.did,
        record.kind(row) if hidden else row.to, row.rule, row.outcome,
        _("about a run that you may not see") if hidden and row.reason else row.reason,
    )  # fmt: skip

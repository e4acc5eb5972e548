"""Settings of a workspace: what was decided, shared, erased and called, by whom, for whom, by which rule, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts import queries, tenancy
from apps.accounts.forms import RecordForm
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.lib import ports
from apps.observability import queries as observability
from apps.observability.queries import AuditRow, Wanted

# `withheld(member=…, to=…)`: those of some subjects of entries that are runs this member may not see, or belong to one.
# What people wrote about them is not shown.
withheld = ports.declare("accounts.withheld")

A_PAGE = 50
PORTION = 500


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
    people = queries.names(_people(found))
    kept = _kept(request.member, found)
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
    before = 0
    while True:
        with tenancy.in_workspace(member.schema):
            rows = observability.entries(member.schema, before=before, limit=PORTION, wanted=wanted)
            kept = _kept(member, rows)
        people = queries.names(_people(rows))
        tenancy.close()
        yield "".join(f"{_json(row, people, withheld=row.id in kept)}\n" for row in rows)
        if len(rows) < PORTION:
            return
        before = rows[-1].id


def _kept(member: Member, rows: list[AuditRow]) -> frozenset[int]:
    """Return the entries that are about a run which this member may not see, or that name one in their reason."""
    about = {row.id: {row.to, *_RUN.findall(row.reason)} for row in rows}
    hidden = withheld(member=member, to=set().union(*about.values()))
    return frozenset(entry for entry, subjects in about.items() if subjects & hidden)


_RUN = re.compile(r"\brun_\w+")


def _json(row: AuditRow, people: dict[int, str], *, withheld: bool) -> str:
    told = {
        "id": row.id, "at": row.at.isoformat(), "by": row.by, "by_name": people.get(row.by or 0, ""),
        "agent": row.agent, "on_behalf_of": row.on_behalf_of,
        "on_behalf_of_name": people.get(row.on_behalf_of or 0, ""), "did": row.did, "to": _kind(row) if withheld else row.to,
        "rule": row.rule,
        "outcome": row.outcome, "reason": "" if withheld else row.reason, "withheld": withheld,
        "digest": row.digest,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def _form(request: MemberRequest) -> RecordForm:
    schema = request.member.schema
    agents, outcomes = observability.choices(schema)
    return RecordForm(request.GET, people=queries.members_of(schema), agents=agents, outcomes=outcomes)


def _people(rows: list[AuditRow]) -> set[int]:
    return {person for row in rows for person in (row.by, row.on_behalf_of) if person}


def _kind(row: AuditRow) -> str:
    """Say of what kind it was that it was done to; which one is not for this member."""
    return f"{row.to.partition('_')[0]}_…"


def _line(row: AuditRow, people: dict[int, str], hidden: bool) -> Line:
    return Line(
        row.at, people.get(row.by or 0, ""), row.agent, people.get(row.on_behalf_of or 0, ""), row.did,
        _kind(row) if hidden else row.to, row.rule, row.outcome,
        _("about a run that you may not see") if hidden and row.reason else row.reason,
    )  # fmt: skip

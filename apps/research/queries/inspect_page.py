"""A run taken apart, and the stored text of one of its sources."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from apps.lib.errors import NotFound
from apps.library import queries as library
from apps.policy import queries as policy
from apps.policy.queries import CallRow
from apps.research import pages
from apps.research.models import Inquiry
from apps.research.queries import documents, steps
from apps.research.queries.documents import Citation
from apps.runtime import queries as runtime
from apps.runtime.queries import EventRow, TaskRow

MOST_SHOWN = 4000


def page(*, run: str) -> pages.InspectPage:
    """Return what every task of a run was given, made, tried and called. Raises NotFound."""
    inquiry = Inquiry.objects.filter(pk=run).first()
    if inquiry is None:
        raise NotFound(_("There is no such run."))
    row, tasks, events, calls = runtime.run(run), runtime.tasks(run), runtime.events(run), policy.calls(run)
    made = runtime.outputs_by_key(run)
    groups = steps.apart(tasks)
    costs = steps.credits_by_group(groups, calls)
    facts = (
        pages.Pair(_("Workflow"), f"{row.workflow} {row.version}", mono=True),
        pages.Pair(_("Agent"), str(inquiry.versions.get("agent", "")), mono=True),
        pages.Pair(_("Tasks"), str(len(tasks))), pages.Pair(_("Events"), str(len(events))),
        pages.Pair(_("Calls"), str(len(calls))),
    )  # fmt: skip
    return pages.InspectPage(
        run, inquiry.question, facts, steps.graph(steps.groups(tasks), costs),
        steps.timeline(groups, row.started_at, events, costs),
        tuple(_task(group.tasks[0], made, events, calls, costs.get(group.key, 0)) for group in groups),
    )  # fmt: skip


def _task(
    task: TaskRow, made: dict[str, Any], events: list[EventRow], calls: list[CallRow], credits: int
) -> pages.TaskLine:  # fmt: skip
    error = task.error or {}
    own = [event for event in events if event.task == task.key]
    return pages.TaskLine(
        key=task.key, label=steps.label(task), role=task.role, queue=task.queue, state=task.state,
        attempt=task.attempt, claims=task.claims, took_ms=_took(task.started_at, task.ended_at), credits=credits,
        given=_json(task.input), made=_json(made.get(task.key)),
        error=" ".join(filter(None, [str(error.get("sentence", "")), str(error.get("trace", ""))])).strip(),
        events=tuple(pages.EventLine(e.at, steps.told(e.kind), _json(e.body, 300)) for e in own),
        calls=tuple(_call(call) for call in calls if call.task == task.id),
    )  # fmt: skip


def _call(call: CallRow) -> pages.CallLine:
    return pages.CallLine(
        id=call.id, name=call.name, tool=call.tool, provider=call.provider, model=call.model, state=call.state,
        outcome=call.outcome, credits=call.credits, micro_dollars=call.micro_dollars, tokens_in=call.input_tokens,
        tokens_out=call.output_tokens, took_ms=_took(call.started_at, call.ended_at),
        decision=" ".join(filter(None, [call.decision, call.decided_by])),
    )  # fmt: skip


def _took(began: Any, ended: Any) -> int | None:
    return max(0, round((ended - began).total_seconds() * 1000)) if began and ended else None


def _json(value: Any, most: int = MOST_SHOWN) -> str:
    if value in (None, {}, []):
        return ""
    text = json.dumps(value, ensure_ascii=False, indent=None if most < MOST_SHOWN else 2)
    return text if len(text) <= most else text[:most] + " …"


def snapshot(*, run: str, number: int) -> pages.SnapshotPage:
    """Return the stored text of a source, cut where footnotes cite it. Raises NotFound."""
    inquiry = Inquiry.objects.filter(pk=run).first()
    rows = library.sources(run)
    source = next((row for row in rows if row.number == number), None)
    if inquiry is None or source is None or not source.snapshot:
        raise NotFound(_("Nothing was stored of this source."))
    body = documents.body(run, rows=rows)
    cited = [c for s in (body.sentences if body else ()) for c in s.citations if c.source == number]
    try:
        text, erased = library.stored_text(source.text_sha256), False
    except NotFound:
        text, erased = "", True
    return pages.SnapshotPage(
        public_id=run, question=inquiry.question, number=number, title=source.title, where=source.where,
        url=source.ref if source.kind == "web" else "", published=source.published_date,
        fetched_at=source.fetched_at, sha256=source.sha256, text_sha256=source.text_sha256, characters=len(text),
        cited=len(cited), pieces=_pieces(text, cited), erased=erased,
    )  # fmt: skip


def _pieces(text: str, cited: list[Citation]) -> tuple[pages.Piece, ...]:
    """Cut a text at its citations; of two that overlap, the one that begins first is marked whole."""
    pieces, at = [], 0
    for citation in sorted(cited, key=lambda c: (c.start, -c.end)):
        if citation.end <= at:
            continue
        start = max(citation.start, at)
        if start > at:
            pieces.append(pages.Piece(text[at:start]))
        pieces.append(pages.Piece(text[start : citation.end], citation.number))
        at = citation.end
    if at < len(text):
        pieces.append(pages.Piece(text[at:]))
    return tuple(pieces)

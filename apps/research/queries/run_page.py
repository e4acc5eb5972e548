"""The page of one run, and the same state as one message of its stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import queries as accounts
from apps.accounts import rules as roles
from apps.accounts import tenancy
from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.library import queries as library
from apps.policy import queries as policy
from apps.policy.budgets import standing as budgets
from apps.policy.queries import ApprovalRow, CallRow
from apps.research import pages
from apps.research.models import Inquiry, ShareLink
from apps.research.queries import access, approvals, documents, notes, steps
from apps.research.queries.documents import Body
from apps.runtime import queries as runtime
from apps.runtime import rules as states
from apps.runtime.queries import EventRow, RunRow, TaskRow

COST_NOTE, VERSION_NOTE = 1, 2
LAST_EVENTS = 8
# Steps whose result a person can give (actions.supplying has a maker for each).
SUPPLIABLE = frozenset({"plan", "search", "collect", "summarize", "synthesize"})


class Viewer(NamedTuple):
    """As whom a page is made: viewers who are alike share a stream."""

    role: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is read once for the page."""

    run: RunRow
    inquiry: Inquiry
    tasks: list[TaskRow]
    events: list[EventRow]
    calls: list[CallRow]
    sources: list[library.SourceRow]
    pending: ApprovalRow | None
    report: Body | None
    ledger: list[billing.LedgerLine]
    links: int
    viewer: Viewer
    slowed: int = 0


def viewer(member: Member, run: str) -> Viewer:
    """Return as whom a member sees a run. Raises NotFound for one they may not see."""
    return Viewer(member.role, access.of(member, run).may_change)


def _read(run: str, viewer: Viewer) -> Facts:
    """Read what the page needs. Raises NotFound."""
    inquiry = Inquiry.objects.filter(pk=run).first()
    if inquiry is None:
        raise NotFound(_("There is no such run."))
    # The run first: its event number must not be newer than what is shown with it.
    row, sources, now = runtime.run(run), library.sources(run), clock.now()
    at_work = row.state in {"queued", "running"}
    return Facts(
        run=row, inquiry=inquiry, tasks=runtime.tasks(run), events=runtime.events(run), calls=policy.calls(run),
        sources=sources, pending=policy.pending_approval(run), report=documents.body(run, rows=sources),
        ledger=billing.ledger(tenancy.current(), run=run), viewer=viewer,
        links=ShareLink.objects.filter(run=run, revoked_at=None, expires_at__gt=now).count(),
        slowed=budgets.slowed_at(run=run, person=inquiry.owner, mode=inquiry.mode, at=now) if at_work else 0,
    )  # fmt: skip


class Parts(NamedTuple):
    """What a run's page is made of; a message of its stream has the same parts."""

    status: str
    facts: pages.RunFacts
    notice: pages.RunNotice
    graph: pages.RunGraph
    timeline: pages.RunTimeline
    draft: pages.RunDraft
    notes: tuple[pages.Note, ...]
    acts: pages.RunActs


def page(*, run: str, viewer: Viewer) -> pages.RunPage:
    """Return the whole page. Raises NotFound."""
    facts = _read(run, viewer)
    return pages.RunPage(
        public_id=run, question=facts.inquiry.question,
        stream_url="" if facts.run.state in states.ENDED else f"/live/runs/{run}", **_parts(facts)._asdict(),
    )  # fmt: skip


def event(*, run: str, viewer: Viewer) -> tuple[int, bool, pages.RunEvent]:
    """Return (number of the last event, whether the run has ended, the whole state) for a stream."""
    facts = _read(run, viewer)
    whole = pages.RunEvent(**_parts(facts)._asdict())
    return facts.run.event_seq, facts.run.state in states.ENDED, whole


def _parts(facts: Facts) -> Parts:
    groups = steps.groups(facts.tasks)
    costs = steps.credits_by_group(groups, facts.calls)
    draft, source_notes = _draft(facts)
    own = (notes.cost(facts.calls, number=COST_NOTE), notes.version(facts.inquiry.versions, number=VERSION_NOTE))
    return Parts(
        status=_status(facts, groups), facts=_facts(facts), notice=_notice(facts, groups),
        graph=steps.graph(groups, costs),
        timeline=steps.timeline(groups, facts.run.started_at, facts.events, costs), draft=draft,
        notes=own + source_notes, acts=_acts(facts),
    )  # fmt: skip


def _used(facts: Facts) -> int:
    return sum(call.credits for call in facts.calls if call.state == "done")


def _held(facts: Facts) -> int:
    total = {kind: sum(e.credits for e in facts.ledger if e.kind == kind) for kind in ("hold", "charge", "release")}
    return total["hold"] - total["charge"] - total["release"]


def _facts(facts: Facts) -> pages.RunFacts:
    row, live = facts.run, facts.run.state not in states.ENDED
    took = row.ended_at - row.created_at if row.ended_at else None
    read_count = sum(source.snapshot is not None for source in facts.sources)
    return pages.RunFacts(
        public_id=row.id, state=row.state, started_at=row.started_at or row.created_at,
        took_ms=_milliseconds(took) if took else None, credits=_used(facts), held=_held(facts) if live else 0,
        mode=facts.inquiry.mode, depth=facts.inquiry.depth,
        by=accounts.names([facts.inquiry.owner]).get(facts.inquiry.owner, ""),
        version=str(facts.inquiry.versions.get("agent", "")), cost_note=COST_NOTE, version_note=VERSION_NOTE,
        can_cancel=live and facts.viewer.may_change, release=max(0, _held(facts) - _used(facts)),
        kept=sum(source.kept and source.snapshot is not None for source in facts.sources) if facts.sources else None,
        read=read_count if facts.sources else None,
    )  # fmt: skip


def _notice(facts: Facts, groups: list[steps.Group]) -> pages.RunNotice:
    row = facts.run
    done = sum(group.state == "succeeded" for group in groups)
    last = next((e for e in reversed(facts.events) if e.kind.startswith("run.")), None)
    decided = last.body.get("by") if last else None
    reason = (row.error or {}).get("reason" if row.state == "rejected" else "sentence", "")
    if row.state == "completed" and facts.report:
        reason = _ready(facts.report) if facts.report.state == "published" else facts.report.reason
    withdrawn = facts.report is not None and facts.report.state == "withdrawn"
    return pages.RunNotice(
        public_id=row.id, state="withdrawn" if withdrawn else "throttled" if facts.slowed else row.state,
        slowed=facts.slowed, may_see_budgets=any(roles.may(facts.viewer.role, act) for act in ("billing", "settings")),
        approval=_card(facts) if row.state == "waiting_approval" else None,
        reason=reason, resume_step=done + 1 if row.state == "failed" else None, steps_done=done,
        can_resume=row.state == "failed" and facts.viewer.may_change, **_failure(facts),
        decided_by=accounts.names([decided]).get(decided, "") if decided else "",
        released=sum(line.credits for line in facts.ledger if line.kind == "release"),
        kept=sum(source.kept and source.snapshot is not None for source in facts.sources),
    )  # fmt: skip


def _card(facts: Facts) -> pages.ApprovalCard | None:
    release = max(0, _held(facts) - _used(facts))
    pending = facts.pending
    return approvals.card(pending, facts.inquiry, facts.viewer.role, release=release) if pending else None


def _failure(facts: Facts) -> dict[str, Any]:
    """What is told of the task that failed: its name, its last events, whether a person can do it instead."""
    failed = next((task for task in facts.tasks if task.state == "failed"), None)
    if facts.run.state != "failed" or failed is None:
        return {}
    own = [event for event in facts.events if event.task == failed.key][-LAST_EVENTS:]
    return {
        "failed_step": steps.label(failed),
        "supply_key": failed.key if facts.viewer.may_change and failed.step in SUPPLIABLE else "",
        "events": tuple(pages.EventLine(e.at, steps.told(e.kind), _detail(e)) for e in own),
    }


def _detail(event: EventRow) -> str:
    said = [str(event.body[key]) for key in ("sentence", "reason", "title", "query") if event.body.get(key)]
    return " · ".join(said)[:300]


def _acts(facts: Facts) -> pages.RunActs:
    return pages.RunActs(
        public_id=facts.run.id, ended=facts.run.state in states.ENDED,
        published=facts.report is not None and facts.report.state == "published",
        may_ask=roles.may(facts.viewer.role, "research"), may_change=facts.viewer.may_change,
        visibility=facts.inquiry.visibility, links=facts.links, copied_from=facts.inquiry.copied_from,
    )  # fmt: skip


def _ready(report: Body) -> str:
    if not report.answered:
        return _("The sources do not answer the question; the report says so.")
    sourced = sum(sentence.verdict == "sourced" for sentence in report.sentences)
    sources = sum(source.cited for source in report.sources)
    said = ngettext(
        "%(sourced)d of %(all)d sentences are sourced, from %(sources)d source.",
        "%(sourced)d of %(all)d sentences are sourced, from %(sources)d sources.", sources,
    )  # fmt: skip
    return said % {"sourced": sourced, "all": len(report.sentences), "sources": sources}


def _draft(facts: Facts) -> tuple[pages.RunDraft, tuple[pages.Note, ...]]:
    if facts.report is None:
        return pages.RunDraft(), ()
    marks = notes.Footnotes(facts.report, after=VERSION_NOTE)
    parts = [("summary", _("Summary"), facts.report.summary)]
    parts += [(f"s{n}", section.heading, section.sentences) for n, section in enumerate(facts.report.sections)]
    sections = tuple(marks.section(key, title, sentences) for key, title, sentences in parts if sentences)
    draft = pages.RunDraft(sections, facts.report.state == "published")
    return draft, tuple(note for section in sections for note in section.notes)


def _status(facts: Facts, groups: list[steps.Group]) -> str:
    state = facts.run.state
    at_work = next((group.label for group in groups if group.state in {"running", "retrying"}), "")
    sentences = {
        "queued": _("Waiting for a free worker."),
        "running": _("At work: %(step)s.") % {"step": at_work} if at_work else _("At work."),
        "waiting_approval": _("Waiting for a person. Waiting costs nothing."),
        "completed": _("Finished. The report is ready."),
        "failed": _("Stopped: a step failed."),
        "rejected": _("Rejected. Nothing was published."),
        "cancelled": _("Cancelled."),
        "expired": _("Expired: nobody decided in time."),
    }
    slowly = _("It goes slowly: the month's budget is at %(n)d %%.") % {"n": facts.slowed} if facts.slowed else ""
    return f"{sentences[state]} {slowly}".strip()


def _milliseconds(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def supply(*, run: str, key: str) -> pages.SupplyPage:
    """Return what the page says on which a person does a failed task. Raises NotFound."""
    inquiry = Inquiry.objects.filter(pk=run).first()
    task = next((row for row in runtime.tasks(run) if row.key == key), None)
    if inquiry is None or task is None or task.state != "failed" or task.step not in SUPPLIABLE:
        raise NotFound(_("There is no failed task here that a person can do."))
    about = next((str(task.input[name]) for name in ("sub_question", "query", "ref") if task.input.get(name)), "")
    rows = library.documents(versions=inquiry.documents) if task.step == "search" else []
    return pages.SupplyPage(
        public_id=run, question=inquiry.question, key=key, step=task.step, label=steps.label(task),
        why=str((task.error or {}).get("sentence", "")), about=about,
        documents=tuple((row.id, row.title) for row in rows),
        credits=max(1, inquiry.most - policy.used(run).credits),
    )  # fmt: skip

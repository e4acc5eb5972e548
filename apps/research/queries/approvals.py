"""What waits for a person: the card on a run's page, the plan's page, the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import queries as accounts
from apps.accounts import rules as roles
from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.lib import clock
from apps.lib.errors import Forbidden
from apps.library import queries as library
from apps.policy import queries as policy
from apps.policy.approvals import kinds
from apps.policy.queries import ApprovalRow
from apps.research import pages
from apps.research.models import Inquiry
from apps.research.queries import calls, documents, intents
from apps.runtime import queries as runtime


def may_decide(rule: str, role: str, approver_role: str = "") -> bool:
    """Tell whether a role may decide at an approval point."""
    return approver_role != kinds.STAFF and roles.may(role, kinds.act_for(rule, approver_role))


class Said(NamedTuple):
    """What a card says."""

    title: str
    text: str
    lines: tuple[pages.PlanLine, ...]
    tally: pages.PlanTally | None = None


def card(pending: ApprovalRow, inquiry: Inquiry, role: str, *, release: int) -> pages.ApprovalCard:
    """Return the approval card of a run."""
    said = _said(pending, inquiry)
    return pages.ApprovalCard(
        public_id=pending.id, title=said.title, text=said.text, lines=said.lines, tally=said.tally,
        asked_by=accounts.names([pending.asked_for]).get(pending.asked_for, ""), left_ms=left(pending.expires_at),
        expires_at=pending.expires_at, release=release,
        may_decide=bool(role) and may_decide(pending.rule, role, pending.approver_role),
        plan_of=pending.run if pending.rule == "plan" else "",
        draft_of=pending.run if pending.rule == "publish" else "",
        call_of=pending.id if calls.is_call(pending) else "",
    )  # fmt: skip


def _said(pending: ApprovalRow, inquiry: Inquiry) -> Said:
    if pending.rule == "plan":
        return _plan(pending, inquiry)
    publishing = pending.rule == "publish"
    return _publish(pending, inquiry.visibility) if publishing else Said(*calls.card(pending, inquiry.mode))


def left(until: datetime) -> int:
    """Milliseconds from now until a time, at least 0."""
    return max(0, round((until - clock.now()).total_seconds() * 1000))


def _plan(pending: ApprovalRow, inquiry: Inquiry) -> Said:
    plan = pending.subject["plan"]
    parts = "; ".join(sub["text"] for sub in plan["sub_questions"])
    intended = intents.lines(inquiry, plan)
    return Said(
        _("Accept the plan before anything is read"),
        ngettext(
            "The question has %(n)d part. If you accept, Footnote searches and reads; nothing is published yet.",
            "The question has %(n)d parts. If you accept, Footnote searches and reads; nothing is published yet.",
            len(plan["sub_questions"]),
        )
        % {"n": len(plan["sub_questions"])},
        (pages.PlanLine("read", _("Answer: %(parts)s") % {"parts": parts}), *plan_lines(inquiry, plan),
         *intents.notable(intended)),
        intents.tally(intended, inquiry),
    )  # fmt: skip


def plan_lines(inquiry: Inquiry, plan: dict) -> tuple[pages.PlanLine, ...]:
    """What a run will do once its plan is accepted: read, search, write."""
    queries = sum(len(sub["queries"]) for sub in plan["sub_questions"])
    count = len(inquiry.documents)
    lines = [pages.PlanLine("read", ngettext("Run %(n)d search", "Run %(n)d searches", queries) % {"n": queries})]
    if "library" in plan["kinds"]:
        found = ngettext("Read the best of %(n)d document", "Read the best of %(n)d documents", count) % {"n": count}
        lines.append(pages.PlanLine("read", found, _("at most %(cap)d sources") % {"cap": inquiry.source_cap}))
    if "web" in plan["kinds"]:
        lines.append(pages.PlanLine("read", _("Read pages of the public web"), _("by the fetch rules")))
    lines.append(pages.PlanLine("add", _("Write a draft in which every sentence cites its source")))
    return tuple(lines)


def _publish(pending: ApprovalRow, visibility: str) -> Said:
    verdicts = pending.subject["verdicts"]
    total = sum(verdicts.values())
    text = ngettext(
        "The draft has %(all)d sentence; %(sourced)d is sourced. If you approve, it does what follows. "
        "Nothing has been published yet.",
        "The draft has %(all)d sentences; %(sourced)d are sourced. If you approve, it does what follows. "
        "Nothing has been published yet.",
        total,
    ) % {"all": total, "sourced": verdicts.get("sourced", 0)}
    if not total:
        text = _("The sources do not answer the question. If you approve, the report says so.")
    lines = [pages.PlanLine("add", _("Publish the report"), _("as a page, PDF, Markdown, HTML and JSON"), 0)]
    if visibility == "workspace":
        where = _("of the dataset “Reports”, which everybody here sees")
        shelve = pages.PlanLine("add", _("Keep it as a document"), where, 1)
        lines.append(shelve)
    if total:
        remember = pages.PlanLine("add", _("Remember its sentences in this workspace"), _("each with its source"), 0)
        lines.append(remember)
    return Said(_("Approve the draft before anything is published"), text, tuple(lines))


def plan_page(*, run: str, role: str) -> pages.PlanPage | None:
    """Return the plan of a run that waits for its acceptance, or None."""
    pending = policy.pending_approval(run)
    inquiry = Inquiry.objects.filter(pk=run).first()
    if inquiry is None or pending is None or pending.rule != "plan":
        return None
    plan, caps = pending.subject["plan"], runtime.input_of(run)
    lines = intents.lines(inquiry, plan)
    return pages.PlanPage(
        public_id=run, question=inquiry.question, lines=lines, tally=intents.tally(lines, inquiry),
        subquestions=tuple(pages.SubQuestion(s["text"], tuple(s["queries"])) for s in plan["sub_questions"]),
        assumptions=tuple(plan["assumptions"]),
        undo=(
            _("Discarding the plan releases everything but what planning cost."),
            _("A run can be cancelled at any time; what it has not spent comes back."),
        ),
        approval_points=tuple(_point(point) for point in inquiry.approval_points),
        low=inquiry.low, high=inquiry.high, most=inquiry.most, learned_from=inquiry.learned_from,
        balance=billing.balance(tenancy.current()).available,
        adds=sum(line.kind == "add" for line in lines), changes=0, removes=0, documents=len(inquiry.documents),
        depth=inquiry.depth, mode=inquiry.mode, source_cap=inquiry.source_cap, may_decide=may_decide("plan", role),
        approval=pending.id, asks=tuple(plan["ambiguities"]), choices=_choices(inquiry), web="web" in plan["kinds"],
        most_parts=caps["max_sub_questions"], most_queries=caps["max_queries"],
    )  # fmt: skip


def _choices(inquiry: Inquiry) -> tuple[pages.DocumentChoice, ...]:
    rows = library.documents(versions=inquiry.documents)
    return tuple(pages.DocumentChoice(row.id, row.title) for row in rows)


def _point(point: str) -> str:
    return _("Here, before anything is read.") if point == "plan" else _("Before the report is published.")


def draft_page(*, run: str, role: str) -> pages.DraftPage | None:
    """Return the draft of a run that waits for its approval, sentence by sentence; None where nothing waits so."""
    pending = policy.pending_approval(run)
    inquiry = Inquiry.objects.filter(pk=run).first()
    body = documents.body(run, rows=library.sources(run))
    if inquiry is None or body is None or pending is None or pending.rule != "publish":
        return None
    if not may_decide("publish", role):
        raise Forbidden(_("Your role may read the draft, but not change it."))
    parts = [(_("Summary"), body.summary), *((s.heading, s.sentences) for s in body.sections)]
    parts += [(_("Sources disagree: %(about)s") % {"about": d.about}, d.positions) for d in body.disagreements]
    titles = {source.number: source.title for source in body.sources}
    lines = [
        (heading, sentence) for heading, sentences in parts for sentence in sentences
    ]  # fmt: skip
    return pages.DraftPage(
        run, inquiry.question, body.title, pending.id,
        tuple(
            pages.DraftLine(
                n, sentence.text, sentence.verdict, heading,
                tuple(dict.fromkeys(titles.get(c.source, "") for c in sentence.citations)),
            )
            for n, (heading, sentence) in enumerate(lines)
        ),
    )  # fmt: skip

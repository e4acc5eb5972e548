"""Wait for a person where the run has an approval point: before the sources are read, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.policy.approvals import request
from apps.research.steps import drafts
from apps.research.steps.contracts import Accepted, Plan, Verified
from apps.runtime.context import StepContext
from apps.runtime.workflow import Addition, Done, Stop, Waiting


@dataclass(frozen=True, slots=True)
class Yes:
    """The run may go on; `edited` is the subject where a person changed it, `about` the event that says so."""

    by: int | None = None
    reason: str = "no approval point"
    edited: Mapping[str, Any] | None = None
    about: Mapping[str, Any] | None = None

    @property
    def events(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """What the timeline says of it: nothing where nobody was asked."""
        return (("approval.accepted", dict(self.about)),) if self.about else ()


def accept(context: StepContext) -> Done | Waiting | Stop:
    """Have the plan accepted, then add a search a query and place, and a summary a sub-question."""
    plan: Plan = context.one("plan")
    answer = _ask(context, "plan", {"plan": plan.model_dump()})
    if not isinstance(answer, Yes):
        return answer
    changed = Plan.model_validate(answer.edited["plan"]) if answer.edited else None
    output = Accepted(by=answer.by, reason=answer.reason, plan=changed)
    return Done(output, add=_tasks(changed or plan), events=answer.events)


def _tasks(plan: Plan) -> tuple[Addition, ...]:
    queries = list(dict.fromkeys(query for sub in plan.sub_questions for query in sub.queries))
    limits = {"exclude": plan.exclude, "pin": plan.pin}
    searches = [
        Addition("search", {"query": query, "kind": kind, **limits}) for query in queries for kind in plan.kinds
    ]
    return (
        *searches,
        *(
            Addition("summarize", {"sub_question": s.text, "queries": s.queries, "assumptions": plan.assumptions})
            for s in plan.sub_questions
        ),
    )


def publish(context: StepContext) -> Done | Waiting | Stop:
    """Have the draft approved before anything is remembered or published."""
    verified: Verified = context.one("verify")
    subject = {"draft": verified.draft_hash, "verdicts": verified.verdicts}
    answer = _ask(context, "publish", subject, always=verified.ask)
    if not isinstance(answer, Yes):
        return answer
    changed = answer.edited or {}
    struck = list(changed.get("struck", []))
    output = Accepted(by=answer.by, reason=answer.reason, struck=struck)
    if not changed:
        return Done(output, events=answer.events)
    title = str(changed.get("title", ""))
    return Done(output, save=lambda: drafts.edit(run=context.run, title=title, struck=struck), events=answer.events)


def _ask(context: StepContext, point: str, subject: Mapping[str, Any], *, always: bool = False) -> Yes | Waiting | Stop:
    if not always and point not in context.run_input["approval_points"]:
        return Yes()
    answer = request.answer(
        run=context.run, task=context.claim.task, name=point, subject=subject, rule=point, asked_for=context.person
    )
    about = {"point": point, "approval": answer.approval, "by": answer.decided_by, "reason": answer.reason}
    if answer.state == "pending":
        return Waiting(answer.expires_at, about)
    if answer.state == "accepted":
        return Yes(answer.decided_by, answer.reason, answer.edited, about)
    return Stop(answer.state, about)

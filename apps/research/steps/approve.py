"""Wait for a person where the run has an approval point: before the sources are read, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.policy.approvals import request
from apps.research.steps.contracts import Accepted, Plan, Verified
from apps.runtime.context import StepContext
from apps.runtime.workflow import Addition, Done, Stop, Waiting


def accept(context: StepContext) -> Done | Waiting | Stop:
    """Have the plan accepted, then add a search a query and place, and a summary a sub-question."""
    plan: Plan = context.one("plan")
    queries = list(dict.fromkeys(query for sub in plan.sub_questions for query in sub.queries))
    add = [Addition("search", {"query": query, "kind": kind}) for query in queries for kind in plan.kinds]
    add += [
        Addition("summarize", {"sub_question": sub.text, "queries": sub.queries}) for sub in plan.sub_questions
    ]  # fmt: skip
    return _ask(context, "plan", {"plan": plan.model_dump()}, tuple(add))


def publish(context: StepContext) -> Done | Waiting | Stop:
    """Have the draft approved before anything is remembered or published."""
    verified: Verified = context.one("verify")
    return _ask(context, "publish", {"draft": verified.draft_hash, "verdicts": verified.verdicts}, ())


def _ask(
    context: StepContext, point: str, subject: Mapping[str, Any], add: tuple[Addition, ...]
) -> Done | Waiting | Stop:  # fmt: skip
    if point not in context.run_input["approval_points"]:
        return Done(Accepted(by=None, reason="no approval point"), add=add)
    answer = request.answer(
        run=context.run, task=context.claim.task, name=point, subject=subject, rule=point, asked_for=context.person
    )
    about = {"point": point, "approval": answer.approval, "by": answer.decided_by, "reason": answer.reason}
    if answer.state == "pending":
        return Waiting(answer.expires_at, about)
    if answer.state == "accepted":
        return Done(
            Accepted(by=answer.decided_by, reason=answer.reason), add=add, events=(("approval.accepted", about),)
        )  # fmt: skip
    return Stop(answer.state, about)

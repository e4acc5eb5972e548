"""A rule that asks for a person: the call waits at no cost, bound to exactly what was asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import BaseModel

from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Forbidden
from apps.policy import queries as policy
from apps.policy.actions import policies
from apps.policy.approvals import decide as approvals
from apps.policy.identity import delegation
from apps.policy.models import Call
from apps.policy.registry import capabilities
from apps.runtime import actions, workflow
from apps.runtime import queries as runtime
from apps.runtime.workflow import Done, Step, Workflow
from tests.conftest import Cast
from tests.gate.test_contract import PLAN


class Answer(BaseModel):
    parts: int


def ask(context: object) -> Done:
    reply = context.call("plan", "model_complete", PLAN)
    return Done(Answer(parts=len(reply["data"]["sub_questions"])))


workflow.register(Workflow("asking", "1", (Step("ask", "analyst", ask, Answer),)))


ASK_FIRST = """
@id("ask-first")
@says("Every plan of a model needs a yes.")
@approver("approve")
forbid (principal, action == Action::"model_complete", resource)
unless { context.approved };
"""


def adopt(cast: Cast, text: str) -> int:
    """Let a text of a workspace's own policies decide from now on; return its version."""
    with tenancy.in_workspace(cast.acme):
        number = policies.save(by=cast.alice, text=text)
        policies.adopt(by=cast.alice, number=number)
    return number


@pytest.fixture
def asks(committed: Cast) -> None:
    """A workspace that wants every model call approved."""
    adopt(committed, ASK_FIRST)


def start(cast: Cast) -> str:
    run = ids.new("run")
    delegation.lend(
        run=run, person=cast.alice, scopes=frozenset({"model"}), mode="mock", credits=5, plan_hash="",
        agent_version="t",
    )  # fmt: skip
    actions.admit(by=cast.alice, run=run, name="asking", input={})
    actions.drive()
    return run


def test_a_call_waits_for_a_person_at_no_cost_and_then_goes_on(committed: Cast, asks: None) -> None:
    with tenancy.in_workspace(committed.acme):
        run = start(committed)
        assert runtime.run(run).state == "waiting_approval"
        assert policy.used(run).credits == 0
        pending = policy.pending_approval(run)
        with pytest.raises(Forbidden):
            approvals.decide(by=committed.bob, approval=pending.id, verdict="accept")
        with pytest.raises(Forbidden):
            approvals.decide(by=committed.charlie, approval=pending.id, verdict="accept")
        task = approvals.decide(by=committed.alice, approval=pending.id, verdict="accept")
        with pytest.raises(Conflict, match="Alice"):
            approvals.decide(by=committed.alice, approval=pending.id, verdict="reject")
        actions.wake(run=run, task=task)
        actions.drive()
        assert runtime.run(run).state == "completed"
        assert policy.used(run).credits == 1
        assert Call.objects.get(run=run, state="done").decided_by == "ask-first"


def test_a_call_that_a_person_refused_is_denied_and_the_run_says_so(committed: Cast, asks: None) -> None:
    with tenancy.in_workspace(committed.acme):
        run = start(committed)
        pending = policy.pending_approval(run)
        task = approvals.decide(by=committed.alice, approval=pending.id, verdict="reject", reason="too dear")
        actions.wake(run=run, task=task)
        actions.drive()
        row = runtime.run(run)
        assert row.state == "failed"
        assert "too dear" in row.error["sentence"]
        assert policy.used(run).credits == 0


def test_a_capability_covers_so_many_calls_and_the_next_one_asks(committed: Cast) -> None:
    adopt(committed, ASK_FIRST.replace("context.approved", "context.approved || context.capability"))
    with tenancy.in_workspace(committed.acme):
        capability = capabilities.grant(
            by=committed.alice, tool="model_complete", calls=1, micro_dollars=1_000_000, reason="a trial",
            until=clock.now() + timedelta(hours=1),
        )  # fmt: skip
        covered = start(committed)
        assert runtime.run(covered).state == "completed"
        row = Call.objects.get(run=covered, state="done")
        assert (row.decision, row.decided_by) == ("allow", f"capability:{capability}")
        assert runtime.run(start(committed)).state == "waiting_approval"

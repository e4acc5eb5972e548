"""A rule that asks for a person: the call waits at no cost, bound to exactly what was asked."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from apps.accounts import tenancy
from apps.lib import ids
from apps.lib.errors import Conflict, Forbidden
from apps.policy import queries as policy
from apps.policy.approvals import decide as approvals
from apps.policy.decisions import decide as decisions
from apps.policy.identity import delegation
from apps.policy.models import Call
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


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Policy data of a workspace that wants every model call approved."""
    rules = [{"id": "ask-first", "tool": "model_complete", "verdict": "require_approval"}]
    monkeypatch.setattr(decisions, "rulebook", lambda: {"rules": rules, "guardrails": {"input": [], "output": []}})


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

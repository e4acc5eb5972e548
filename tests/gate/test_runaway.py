"""The circuit breaker: a task that calls or spends without end is stopped by the gate."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.policy.gate.client import LocalGate, Reply
from apps.policy.identity import delegation
from apps.policy.models import Call
from apps.runtime import leases, statements
from apps.runtime.models import Task
from tests.conftest import Cast
from tests.engine import workflows

SEARCH = {"query": "dam", "documents": []}


@pytest.fixture
def task(committed: Cast) -> tuple[str, str, str, int]:
    """A claimed task of a run that was lent plenty: (schema, run, task, epoch)."""
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        delegation.lend(
            run=run, person=committed.alice, scopes=frozenset({"library"}), mode="mock", credits=50, plan_hash="",
            agent_version="test-1",
        )  # fmt: skip
        row = Task.objects.get(run=run, key="first")
        claim = statements.claim(run=run, task=row.pk, now=clock.now(), lease=leases.length(), mode="inline")
    assert claim is not None
    return committed.acme, run, row.pk, claim.epoch


def search(task: tuple[str, str, str, int], name: str) -> Reply:
    schema, _run, id_, epoch = task
    gate = LocalGate()
    token = gate.exchange(workspace=schema, task=id_, epoch=epoch, role="planner_retriever")
    return gate.call(token=token, name=name, tool="library_search", arguments=SEARCH, version="", number=0)


def test_a_task_that_has_spent_its_most_makes_no_further_call(task: tuple[str, str, str, int], settings: Any) -> None:
    schema, run, id_, epoch = task
    assert search(task, "before").state == "done"
    with tenancy.in_workspace(schema, gate=True):
        Call.objects.create(
            id=ids.new("call"), key=ids.new("key"), state="done", run=run, task=id_, epoch=epoch, name="dear", number=0,
            tool="model_complete", tool_version="1", mode="live", person=1, agent="x", agent_version="x",
            arguments_sha="", micro_dollars=settings.MAX_MICRO_DOLLARS_PER_TASK, gate=0, started_at=clock.now(),
        )  # fmt: skip
    reply = search(task, "after")
    assert (reply.state, reply.outcome) == ("denied", "runaway")
    assert str(settings.MAX_MICRO_DOLLARS_PER_TASK) in reply.sentence


def test_a_task_that_calls_without_end_is_stopped(task: tuple[str, str, str, int], settings: Any) -> None:
    settings.MAX_CALLS_PER_TASK = 2
    assert [search(task, f"call {n}").outcome for n in range(4)] == ["ok", "ok", "runaway", "runaway"]

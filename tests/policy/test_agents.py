"""Agents: a role calls its own tools only, within its caps; who lets it act more freely says why."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts import tenancy
from apps.accounts.postgres.base import DatabaseWrapper
from apps.lib import clock, ids
from apps.lib.errors import Invalid, NotFound
from apps.observability.models import AuditEntry
from apps.policy.gate.client import LocalGate, Reply
from apps.policy.models import Call
from apps.policy.registry import agents, catalogue, standing
from apps.research.workflow import FOLLOW_UP, RESEARCH
from config.settings.engine import AGENT_ROLE_QUEUE_MAP
from tests.conftest import Cast
from tests.policy.test_pauses import SEARCH, Held, task

__all__ = ["task"]


def search(task: Held, name: str, *, role: str = "planner_retriever", tool: str = "library_search") -> Reply:
    cast, id_, epoch = task
    gate = LocalGate()
    token = gate.exchange(workspace=cast.acme, task=id_, epoch=epoch, role=role)
    return gate.call(token=token, name=name, tool=tool, arguments=SEARCH, version="", number=0)


def narrow(cast: Cast, role: str = "planner_retriever", **given: Any) -> None:
    values = {"tools": agents.ROLES[role], "calls_per_task": None, "micro_dollars_per_task": None, "reason": "a test"}
    agents.limit(by=cast.alice, role=role, **values | given)


def test_every_role_of_a_step_is_listed_with_tools_that_exist() -> None:
    of_steps = {step.role for flow in (RESEARCH, FOLLOW_UP) for step in flow.steps}
    of_lanes = {pair.partition(":")[0] for pair in AGENT_ROLE_QUEUE_MAP.split(",")}
    assert of_steps | of_lanes == set(agents.ROLES)
    assert {tool for tools in agents.ROLES.values() for tool in tools} <= set(catalogue.tools())


def test_a_role_that_nobody_knows_may_call_nothing(task: Held) -> None:
    reply = search(task, "who", role="stranger")
    assert (reply.state, reply.outcome) == ("denied", "agent") and "stranger" in reply.sentence


def test_a_tool_of_another_role_is_denied(task: Held) -> None:
    reply = search(task, "other", role="analyst")
    assert (reply.state, reply.outcome) == ("denied", "agent_tool")
    assert "analyst" in reply.sentence and "library_search" in reply.sentence


def test_a_tool_that_was_taken_away_is_denied_from_the_next_call_on_until_it_is_given_back(task: Held) -> None:
    cast = task[0]
    assert search(task, "one").outcome == "ok"
    with tenancy.in_workspace(cast.acme):
        narrow(cast, tools=["model_complete"])
    assert search(task, "two").outcome == "agent_tool"
    with tenancy.in_workspace(cast.acme):
        narrow(cast)
        assert agents.setting("planner_retriever").tools == frozenset(agents.ROLES["planner_retriever"])
    assert search(task, "three").outcome == "ok"


def test_the_workspaces_own_cap_stops_a_loop(task: Held) -> None:
    cast = task[0]
    with tenancy.in_workspace(cast.acme):
        narrow(cast, calls_per_task=2)
    assert [search(task, f"call {n}").outcome for n in range(4)] == ["ok", "ok", "runaway", "runaway"]
    with tenancy.in_workspace(cast.acme):
        narrow(cast, micro_dollars_per_task=0)
    reply = search(task, "dear")
    assert reply.outcome == "runaway" and "spend 0" in reply.sentence


def test_a_promotion_shows_what_it_was_based_on_and_is_kept(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme, gate=True):
        for state, outcome, decision in (
            ("done", "ok", "allow"), ("done", "ok", "require_approval"), ("denied", "policy", "deny"),
            ("denied", "rejected", "require_approval"), ("done", "refused", "allow"), ("lost", "lost", ""),
        ):  # fmt: skip
            Call.objects.create(
                id=ids.new("call"), key=ids.new("key"), state=state, outcome=outcome, decision=decision, run="run_a",
                task="t", epoch=1, name="n", number=0, tool="web_search", tool_version="1", mode="live", person=1,
                agent="planner_retriever", agent_version="1", arguments_sha="", gate=0, started_at=clock.now(),
            )  # fmt: skip
        assert agents.evidence("planner_retriever") == agents.Evidence(5, 2, 1, 1, 1, 1)
        assert agents.evidence("memory") == agents.Evidence(0, 0, 0, 0, 0, 0)
    with tenancy.in_workspace(cast.acme):
        agents.set_autonomy(by=cast.alice, role="planner_retriever", autonomy="suggest", reason="It is new.")
        assert agents.setting("planner_retriever").autonomy == "suggest"
        agents.set_autonomy(by=cast.alice, role="planner_retriever", autonomy="ask", reason="It did well.")
        lines = AuditEntry.objects.filter(to="planner_retriever", workspace=cast.acme).order_by("id")
        assert [line.did for line in lines] == ["agent.held_back", "agent.promoted"]
        assert "5 calls, 1 denied, 1 approved, 1 rejected: It did well." in lines[1].reason
        assert agents.setting("planner_retriever").tools == frozenset(agents.ROLES["planner_retriever"])


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"tools": ["rm_rf"]}, Invalid), ({"tools": ["web_fetch"]}, Invalid), ({"calls_per_task": -1}, Invalid),
        ({"calls_per_task": 10**6}, Invalid), ({"micro_dollars_per_task": 10**12}, Invalid), ({"reason": " "}, Invalid),
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused(cast: Cast, given: dict[str, Any], error: type[Exception]) -> None:
    with tenancy.in_workspace(cast.acme):
        with pytest.raises(error):
            narrow(cast, **given)
        assert agents.setting("planner_retriever").own


def test_an_unknown_agent_a_level_that_is_none_and_no_reason_are_refused(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        for role, autonomy, reason, error in (
            ("stranger", "act", "x", NotFound), ("analyst", "boss", "x", Invalid), ("analyst", "ask", "", Invalid),
        ):  # fmt: skip
            with pytest.raises(error):
                agents.set_autonomy(by=cast.alice, role=role, autonomy=autonomy, reason=reason)


def test_all_that_holds_for_a_call_is_read_in_one_statement(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    real, statements = DatabaseWrapper.prepared, []

    def count(wrapper: DatabaseWrapper, sql: str, values: Any) -> Any:
        statements.append(sql)
        return real(wrapper, sql, values)

    monkeypatch.setattr(DatabaseWrapper, "prepared", count)
    with tenancy.in_workspace(cast.acme, gate=True), django_assert_num_queries(0):
        now = standing.read(tool="web_search", role="planner_retriever", task="t", run="r", above=("governor",))
    assert len(statements) == 1
    assert (now.paused, now.calls, now.micro_dollars) == (None, 0, 0)

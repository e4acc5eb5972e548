"""The simulator knows what is switched off, paused, in no plan and no agent's; and says which of them decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from apps.accounts import tenancy
from apps.policy.gate import barriers, simulator
from apps.policy.models import AgentSetting, Pause, ToolSetting
from apps.policy.registry import agents, catalogue, pauses, switches
from apps.policy.views import simulate
from tests.web.conftest import House
from tests.web.reading import text

Visit = Callable[..., Client]
ASKED = {
    "tool": "library_search", "arguments": json.dumps({"query": "dam", "documents": []}), "agent": "planner_retriever",
    "role": "researcher", "mode": "mock", "autonomy": "", "budget_left_percent": "100", "version": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clean(house: House) -> Iterator[None]:
    yield
    with tenancy.in_workspace(house.cast.acme, gate=True):
        Pause.objects.all().delete()
        AgentSetting.objects.all().delete()
        ToolSetting.objects.filter(name="library_search").update(enabled=True)


def asked(house: House, visit: Visit, **changes: str) -> str:
    page = visit("bob").get("/policies/simulate", {**ASKED, "person": str(house.people["bob"]), **changes})
    assert page.status_code == 200, text(page)
    return text(page)


def told(house: House, **case: object) -> dict[str, object]:
    out = StringIO()
    given = {"tool": "library_search", "arguments": {"query": "dam", "documents": []}, "agent": "planner_retriever"}
    call_command("policy", "simulate", json.dumps(given | case), "--workspace", house.slug, stdout=out)
    return dict(json.loads(out.getvalue()))


def test_a_tool_that_is_off_is_refused_by_its_switch(house: House, visit: Visit) -> None:
    page = asked(house, visit)
    assert "allowed" in page and "Decided by the policies" in page
    assert told(house)["by"] == "policies"
    with tenancy.in_workspace(house.cast.acme):
        switches.disable(by=house.cast.alice, name="library_search")
    page = asked(house, visit)
    assert "library_search is not enabled in this workspace." in page
    assert "Decided by the tool's switch in this workspace" in page and "enables the tool." in page
    said = told(house)
    assert (said["verdict"], said["by"], said["rule"]) == ("deny", "switch", "disabled")
    assert said["would_change_it"] == ["disabled"]


@pytest.mark.parametrize(
    ("kind", "name"), [("tool", "library_search"), ("agent", "planner_retriever"), ("workspace", "")]
)
def test_a_pause_decides_and_is_told_with_its_reason(house: House, visit: Visit, kind: str, name: str) -> None:
    with tenancy.in_workspace(house.cast.acme):
        pauses.pause(by=house.cast.alice, kind=kind, name=name, reason="we look into it")
    page = asked(house, visit)
    assert "we look into it" in page and "Decided by a pause" in page and "ends the pause." in page
    assert told(house)["by"] == "pause"


def test_the_plan_decides(house: House, visit: Visit, settings: object) -> None:
    settings.WORKSPACE_PLAN = "free"  # type: ignore[attr-defined]
    look = {"query": "dam"}
    page = asked(house, visit, tool="web_search", arguments=json.dumps(look))
    assert "The plan free does not include web_search" in page and "Decided by the workspace's plan" in page
    said = told(house, tool="web_search", arguments=look)
    assert (said["by"], said["rule"], said["would_change_it"]) == ("plan", "plan", ["plan"])


def test_the_agents_own_rule_decides(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        agents.limit(
            by=house.cast.alice, role="planner_retriever", tools=["model_complete"], calls_per_task=None,
            micro_dollars_per_task=None, reason="for now",
        )  # fmt: skip
    page = asked(house, visit)
    assert "Decided by the agent's own rule" in page and "The agent may use the tool." in page
    assert told(house)["by"] == "agent"


def test_the_gates_order_decides_where_several_would(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.acme):
        pauses.pause(by=house.cast.alice, kind="workspace", name="", reason="we look into it")
    assert "Decided by a pause" in asked(house, visit, arguments="{}")
    with tenancy.in_workspace(house.cast.acme):
        switches.disable(by=house.cast.alice, name="library_search")
    assert "Decided by the tool's switch" in asked(house, visit)


def test_a_case_of_no_workspace_knows_no_switch(house: House) -> None:
    with tenancy.in_workspace(house.cast.acme):
        switches.disable(by=house.cast.alice, name="library_search")
    out = StringIO()
    case = {"tool": "library_search", "arguments": {"query": "dam", "documents": []}, "agent": "planner_retriever"}
    call_command("policy", "simulate", json.dumps(case), stdout=out)
    assert json.loads(out.getvalue())["verdict"] == "allow"


def test_every_refusal_before_the_policies_has_a_place_and_words() -> None:
    for place in {*barriers.PLACES.values(), "policies"}:
        assert simulate._by(place).words
    assert set(simulator.CURES) <= set(barriers.PLACES)
    assert set(catalogue.tools()) >= {"library_search"}

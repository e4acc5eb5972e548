"""The pages of budgets and agents: who sees them, what a wrong form says, what a right one changes."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.lib import clock
from apps.policy.budgets import holds, limits
from apps.policy.models import Capability, GrantUse
from apps.policy.registry import agents, pauses
from apps.policy.rules import Amount
from tests.conftest import Cast


def browser(cast: Cast, person: int) -> Client:
    client = Client(headers={"host": cast.acme_host})
    with tenancy.as_platform("a test signs in"):
        client.force_login(get_user_model().objects.get(pk=person))
    return client


@pytest.fixture
def alice(cast: Cast) -> Client:
    return browser(cast, cast.alice)


def test_budgets_are_for_owners_admins_and_whoever_pays(cast: Cast) -> None:
    paula = workspaces.join(by=cast.alice, schema=cast.acme, email="paula-pays@example.test", role="billing")
    assert browser(cast, cast.alice).get("/billing/budgets").status_code == 200
    assert browser(cast, paula).get("/billing/budgets").status_code == 200
    assert browser(cast, cast.bob).get("/billing/budgets").status_code == 403
    assert browser(cast, cast.charlie).get("/billing/budgets").status_code == 404
    sent = {"whom": "workspace:", "tokens": "5", "reason": "x"}
    assert browser(cast, cast.bob).post("/billing/budgets/set", sent).status_code == 403
    with tenancy.in_workspace(cast.acme):
        assert limits.listing() == []


def test_agents_may_be_seen_by_readers_and_changed_by_admins(cast: Cast) -> None:
    bob = browser(cast, cast.bob)
    page = bob.get("/policies/agents")
    assert page.status_code == 200 and b"planner_retriever" in page.content and b"Pause every agent" not in page.content
    for url in (
        "pause", "resume", "tools/pause", "tools/resume", "capabilities/grant", "capabilities/cap_x/revoke",
        "analyst/autonomy", "analyst/limit", "analyst/pause", "analyst/resume",
    ):  # fmt: skip
        assert bob.post(f"/policies/agents/{url}", {}).status_code == 403, url
    assert browser(cast, cast.charlie).get("/policies/agents").status_code == 404


def test_a_month_without_a_limit_says_so(alice: Client) -> None:
    page = alice.get("/billing/budgets").content.decode()
    assert "No limit is set" in page and "begins anew on" in page


def test_a_budget_is_set_shown_with_its_marks_excepted_and_removed(cast: Cast, alice: Client) -> None:
    sent = {"whom": "workspace:", "tokens": "100000", "dollars": "12.50", "reason": "the year's plan"}
    assert alice.post("/billing/budgets/set", sent).status_code == 302
    with tenancy.in_workspace(cast.acme, gate=True):
        GrantUse.objects.create(run="run_a")
        holds.hold(run="run_a", person=cast.alice, amount=Amount(60_000, 0), at=clock.now())
    page = alice.get("/billing/budgets").content.decode()
    assert "80,000 set aside by runs under way, of 100,000. Agents go slowly now." in page
    assert 'x1="75%"' in page and 'x1="90%"' in page and "$12.50" in page and "Alice" in page
    assert "run_a" not in page  # no run that this member may see
    more = {"more-workspace--tokens": "20000", "more-workspace--reason": "a fair"}
    assert alice.post("/billing/budgets/workspace/except", more).status_code == 302
    assert "of 120,000" in alice.get("/billing/budgets").content.decode()
    refused = alice.post("/billing/budgets/workspace/remove", {"gone-workspace--reason": ""})
    assert refused.status_code == 422 and "One thing needs a change" in refused.content.decode()
    assert alice.post("/billing/budgets/workspace/remove", {"gone-workspace--reason": "over"}).status_code == 302
    assert alice.post("/billing/budgets/workspace/remove", {"gone-workspace--reason": "over"}).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [{"tokens": "-1"}, {"tokens": "many"}, {"dollars": "0.001"}, {"dollars": "NaN"}, {"whom": "planet:"},
     {"reason": ""}, {"tokens": "9" * 30}, {"whom": "person:999999"}, {"reason": "x" * 501}],
)  # fmt: skip
def test_a_wrong_budget_is_said_at_its_field_and_nothing_is_kept(cast: Cast, alice: Client, wrong: dict) -> None:
    sent = {"whom": "workspace:", "tokens": "5", "dollars": "", "reason": "x"} | wrong
    page = alice.post("/billing/budgets/set", sent)
    assert page.status_code == 422 and b'id="error-summary"' in page.content
    with tenancy.in_workspace(cast.acme):
        assert limits.listing() == []


@pytest.mark.parametrize("path", ["planet/except", "person/9999/except", "run/run_none/remove", "workspace/7/remove"])
def test_a_budget_that_is_none_is_not_found(alice: Client, path: str) -> None:
    kind, *subject, act = path.split("/")
    prefix = f"{'more' if act == 'except' else 'gone'}-{kind}-{''.join(subject)}"
    sent = {f"{prefix}-tokens": "5", f"{prefix}-reason": "x"}
    assert alice.post(f"/billing/budgets/{path}", sent).status_code == 404


def test_an_agent_is_limited_held_back_paused_and_let_go_from_its_card(cast: Cast, alice: Client) -> None:
    base = "/policies/agents/analyst"
    sent = {"limit-analyst-tools": ["model_complete"], "limit-analyst-calls_per_task": "7", "limit-analyst-reason": "x"}
    assert alice.post(f"{base}/limit", sent).status_code == 302
    sent = {"autonomy-analyst-autonomy": "suggest", "autonomy-analyst-reason": "It is new."}
    assert alice.post(f"{base}/autonomy", sent).status_code == 302
    assert alice.post(f"{base}/pause", {"pause-analyst-reason": "It wanders."}).status_code == 302
    with tenancy.in_workspace(cast.acme):
        rule = agents.setting("analyst")
        assert (rule.calls_per_task, rule.autonomy, rule.own) == (7, "suggest", False)
        assert pauses.standing("model_complete", "analyst")
    page = alice.get("/policies/agents").content.decode()
    assert "Alice paused it on" in page and "It wanders." in page and "at most 7 calls" in page
    twice = alice.post(f"{base}/pause", {"pause-analyst-reason": "It wanders."})
    assert twice.status_code == 409
    assert alice.post(f"{base}/resume", {"resume-analyst-reason": "ok"}).status_code == 302
    assert alice.post("/policies/agents/stranger/autonomy", {}).status_code in {404, 422}
    assert alice.post("/policies/agents/stranger/limit", {}).status_code == 404


def test_the_workspace_and_a_tool_are_paused_and_let_go(cast: Cast, alice: Client) -> None:
    assert alice.post("/policies/agents/pause", {"workspace-reason": ""}).status_code == 422
    assert alice.post("/policies/agents/pause", {"workspace-reason": "A drill."}).status_code == 302
    assert alice.post("/policies/agents/tools/pause", {"tool-tool": "rm", "tool-reason": "x"}).status_code == 422
    sent = {"tool-tool": "web_search", "tool-reason": "It leaks."}
    assert alice.post("/policies/agents/tools/pause", sent).status_code == 302
    page = alice.get("/policies/agents").content.decode()
    assert "Alice paused every agent here." in page and "A drill." in page and "It leaks." in page
    assert alice.post("/policies/agents/resume", {"resume-workspace-reason": "over"}).status_code == 302
    sent = {"name": "web_search", "resume-web_search-reason": "over"}
    assert alice.post("/policies/agents/tools/resume", sent).status_code == 302
    with tenancy.in_workspace(cast.acme):
        assert pauses.listing() == []


def test_a_capability_is_granted_and_taken_back(cast: Cast, alice: Client) -> None:
    sent = {f"capability-{name}": value for name, value in {
        "tool": "web_search", "agent": "", "calls": "3", "days": "2", "dollars": "0.50", "reason": "a trial",
    }.items()}  # fmt: skip
    assert alice.post("/policies/agents/capabilities/grant", sent | {"capability-calls": "0"}).status_code == 422
    assert alice.post("/policies/agents/capabilities/grant", sent).status_code == 302
    with tenancy.in_workspace(cast.acme):
        row = Capability.objects.get()
        assert (row.calls_left, row.micro_dollars_left, row.by) == (3, 500_000, cast.alice)
    assert "3 calls and $0.50 left" in alice.get("/policies/agents").content.decode()
    gone = {f"revoke-{row.pk}-reason": "enough"}
    assert alice.post(f"/policies/agents/capabilities/{row.pk}/revoke", gone).status_code == 302
    assert "Taken back" in alice.get("/policies/agents").content.decode()

"""The plan's page: each call that a run intends, with what would be decided about it now, by which line, and why."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from apps.accounts import tenancy
from apps.policy import queries as policy
from apps.policy.actions import policies
from apps.policy.gate import preview
from apps.policy.gate.preview import Intended
from apps.policy.models import AgentSetting, Call, Grant, Pause, PolicyVersion, ShadowDecision, ToolSetting
from apps.policy.registry import pauses, switches
from apps.research.models import Inquiry
from apps.research.queries import intents
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from tests.web.conftest import House
from tests.web.reading import text

Visit = Callable[..., Client]
# The statement that decides begins in line 2.
NO_WATER = """// Ours.
@id("no-water")
@says("Nobody asks about water here.")
forbid (principal, action == Action::"library_search", resource)
when { context.arguments.query like "*water*" };"""
ASK_FIRST = """@id("ask-first")
@says("Somebody looks at each search first.")
@approver("oversee")
@four_eyes("yes")
forbid (principal, action == Action::"library_search", resource)
unless { context.approved };"""
NO_WRITING = """@id("no-writing")
@says("Nothing is written this week.")
forbid (principal, action == Action::"model_complete", resource)
when { context.arguments.task == "synthesize" };"""


@pytest.fixture(autouse=True)
def clean(house: House) -> Iterator[None]:
    """Begin and end with the shipped rules, every tool enabled, nothing paused."""
    yield
    with tenancy.in_workspace(house.cast.acme, gate=True):
        for model in (PolicyVersion, ShadowDecision, Pause, AgentSetting):
            model.objects.all().delete()
        ToolSetting.objects.filter(name="library_read").update(enabled=True)


def adopt(house: House, words: str) -> None:
    """Let a text of the workspace's own decide from now on."""
    with tenancy.in_workspace(house.cast.acme):
        policies.adopt(by=house.cast.alice, number=policies.save(by=house.cast.alice, text=words))


def plan_of(client: Client, run: str) -> str:
    answer = client.get(f"/research/{run}/plan")
    assert answer.status_code == 200
    return text(answer)


def lines(client: Client, run: str) -> list[str]:
    """Return the lines of the plan's list, as they are read."""
    body = client.get(f"/research/{run}/plan").content.decode()
    whole = re.search(r'<ul class="plan-list">(.*?)\n</ul>', body, re.S)
    assert whole
    found = re.split(r"<li class=\"(?:read|add|change|remove)\">", whole[1])[1:]
    return [" ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", each, flags=re.S).split()) for each in found]


def test_each_intended_call_is_a_line_with_decision_scope_data_and_undo(house: House, visit: Visit) -> None:
    found = lines(visit("bob"), house.planned)
    assert sum(line.startswith("· Read: Search the documents") for line in found) >= 2
    assert sum("Summarise what the sources say" in line for line in found) >= 1
    for line in found:
        assert "allowed" in line
        undone = "To undo it each version stays" if "Publish the report" in line else "To undo it nothing is changed"
        for word in ("Rule base , shipped rules, line", "Tool", "Scope", "Touches", undone):
            assert word in line, (word, line)
    search, read = found[0], next(line for line in found if "Read the best of" in line)
    assert "Scope library" in search and "documents that the run was given" in search and "1 credit" in search
    assert "at most 2 sources" in read and "2 credits" in read
    page = plan_of(visit("bob"), house.planned)
    assert re.search(r"\d+ calls at most, \d+ to \d+ credits , 0 ask a person, 0 denied", page), page[:900]
    assert "will be denied" not in page


def test_a_search_that_an_own_policy_denies_names_statement_and_line_and_warns(house: House, visit: Visit) -> None:
    run, bob = house.start("plan"), visit("bob")
    adopt(house, NO_WATER)
    denied = [line for line in lines(bob, run) if " denied " in line]
    assert denied
    for line in denied:
        assert "water" in line and "Nobody asks about water here." in line
        assert "Rule no-water , your policies, line 2" in line
        assert "another plan, or another policy" in line
    page = plan_of(bob, run)
    assert f"{len(denied)} denied" in page and "of this plan will be denied" in page
    assert "A search that is denied is left out; the run goes on with the others." in page
    assert "Accept all the same" in page
    for where in (f"/research/{run}", "/approvals", f"/approvals/{pending(house, run)}"):
        said = text(bob.get(where))
        assert "Nobody asks about water here." in said and "will be denied" in said, where
    # With the warning in front of them they may; what was foretold comes.
    assert bob.post(f"/research/{run}/plan", {"decision": "start", "approval": pending(house, run)}).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        calls = Call.objects.filter(run=run, tool="library_search")
        assert calls.filter(state="denied", decided_by="no-water").count() == len(denied)
        assert calls.filter(state="done").exists()
        assert runs.run(run).state == "completed"


def pending(house: House, run: str) -> str:
    with tenancy.in_workspace(house.cast.acme):
        row = policy.pending_approval(run)
    assert row is not None
    return row.id


def test_a_search_that_asks_names_who_is_asked(house: House, visit: Visit) -> None:
    adopt(house, ASK_FIRST)
    bob = visit("bob")
    asking = [line for line in lines(bob, house.planned) if " asks a person " in line]
    assert asking and all("an owner or admin, not whoever asked" in line for line in asking)
    assert all("Somebody looks at each search first." in line and "ask-first" in line for line in asking)
    assert all("A person approves the call." in line for line in asking)
    page = plan_of(bob, house.planned)
    assert f"{len(asking)} ask a person, 0 denied" in page
    assert "will be denied" not in page and "Accept and start" in page


def test_a_change_of_policy_shows_when_the_page_is_loaded_again(house: House, visit: Visit) -> None:
    bob = visit("bob")
    assert " denied " not in " ".join(lines(bob, house.planned))
    adopt(house, NO_WRITING)
    said = plan_of(bob, house.planned)
    assert "Nothing is written this week." in said and "the run fails at that step" in said
    with tenancy.in_workspace(house.cast.acme):
        policies.retire(by=house.cast.alice)
    assert "Nothing is written this week." not in plan_of(bob, house.planned)


def test_switches_of_the_registry_are_foretold(house: House, visit: Visit) -> None:
    bob = visit("bob")
    with tenancy.in_workspace(house.cast.acme):
        pauses.pause(by=house.cast.alice, kind="agent", name="analyst", reason="we look into it")
        switches.disable(by=house.cast.alice, name="library_read")
    found = lines(bob, house.planned)
    writes = [line for line in found if "Tool model_complete" in line]
    reads = [line for line in found if "Tool library_read" in line]
    assert writes and all("Alice paused the agent analyst" in line and "we look into it" in line for line in writes)
    assert all("Whoever may change the settings ends the pause." in line for line in writes)
    assert reads and all("library_read is not enabled in this workspace." in line for line in reads)
    assert "Nothing may be read" in plan_of(bob, house.planned)


def test_documents_about_which_something_else_is_decided_have_lines_of_their_own(house: House, visit: Visit) -> None:
    adopt(
        house,
        f'''@id("not-this")
forbid (principal, action == Action::"library_read", resource)
when {{ context.arguments.document == "{house.documents[0]}" }};''',
    )
    reads = [line for line in lines(visit("bob"), house.planned) if "Tool library_read" in line]
    assert len(reads) == 2
    assert [" denied " in line for line in reads] == [False, True]
    assert "Read “" in reads[0] and "not-this" in reads[1]


def test_a_plan_of_the_most_calls_is_decided_quickly(house: House) -> None:
    with tenancy.in_workspace(house.cast.acme):
        inquiry = Inquiry.objects.get(pk=house.planned)
        subs = [{"text": f"Part {n}", "queries": [f"dam {n} {m}" for m in range(4)]} for n in range(6)]
        plan = {"sub_questions": subs, "kinds": ["library"], "exclude": []}
        intents.lines(inquiry, plan)
        began = time.perf_counter()
        found = intents.lines(inquiry, plan)
        took = time.perf_counter() - began
    assert len(found) == 24 + 1 + 6 + 2 + 1
    assert took < 0.5, f"{took * 1000:.0f} ms"


def test_containment_is_foretold_where_it_is_known_and_nowhere_else(house: House) -> None:
    run = house.start("plan")
    with tenancy.in_workspace(house.cast.acme):
        inquiry = Inquiry.objects.get(pk=run)
        pending = policy.pending_approval(run)
        assert pending is not None
        plan = pending.subject["plan"]
        made = intents.lines(inquiry, plan)
        assert not [line for line in made if line.call and line.call.rule == "outside_plan"]
        # As if somebody had put a query there that no planner answered and nobody typed.
        first, *others = plan["sub_questions"]
        forged = plan | {"sub_questions": [first | {"queries": [*first["queries"], "what page 3 ordered"]}, *others]}
        denied = [line.call for line in intents.lines(inquiry, forged) if line.call and line.call.verdict == "deny"]
        assert [(call.rule, call.says) for call in denied] == [("outside_plan", "This query is not part of the plan.")]
        assert "A person words it themselves" in denied[0].cures[0]
        # A document that the run was not given is known too; what a search will find is not.
        said = preview.of_run(run=run, calls=[
            Intended("evidence_scraper", "library_read", {"document": "dv_other"}),
            Intended("evidence_scraper", "library_read", {"document": house.documents[0]}),
            Intended("evidence_scraper", "web_fetch", {"url": "https://example.org/"}),
        ], left_out=[house.documents[0]])  # fmt: skip
        sentences = [each.decision.sentence for each in said]
    assert sentences[0] == "Not every one of these documents was given to the run."
    assert sentences[1] == "The plan leaves this document out."
    assert said[2].decision.rule != "outside_plan"


def test_a_query_of_a_planner_that_saw_documents_is_foretold_not_to_go_out(house: House) -> None:
    run = house.start("plan")
    with tenancy.in_workspace(house.cast.acme):
        grant = Grant.objects.get(run=run)
        Grant.objects.filter(run=run).update(bounds=grant.bounds | {"kinds": ["library", "web"]}, mode="live")
        pending = policy.pending_approval(run)
        assert pending is not None
        query = pending.subject["plan"]["sub_questions"][0]["queries"][0]
        (said,) = preview.of_run(run=run, calls=[Intended("planner_retriever", "web_search", {"query": query})])
    assert said.decision.rule == "outside_plan" and "had seen documents" in said.decision.sentence


def test_what_changes_something_and_is_no_report_is_foretold_to_ask(house: House) -> None:
    with tenancy.in_workspace(house.cast.acme):
        words = {"action": "create", "name": "n", "content": "c"}
        plain, report = preview.of_run(run=house.planned, calls=[
            Intended("publisher", "document_write", words),
            Intended("publisher", "document_write", words | {"dataset": "ds_reports"}),
        ])  # fmt: skip
    assert (plain.decision.verdict, plain.decision.rule) == ("require_approval", "outside-plan")
    assert (report.decision.verdict, report.decision.rule) == ("allow", "base")

"""Policies: written, checked at their line, tried, adopted, replayed; a change binds the next call."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts import tenancy
from apps.observability import queries as observability
from apps.policy.decisions import rulebook
from apps.policy.gate import simulator
from apps.policy.models import Call, PolicyVersion, ShadowDecision
from apps.policy.registry import catalogue
from apps.runtime import queries as runtime
from tests.web.conftest import House

Visit = Callable[..., Client]
NO_SUMMARIES = """@id("no-summaries")
@says("This workspace lets nobody summarise.")
forbid (principal, action == Action::"model_complete", resource)
when { context.arguments.task == "summarize" };"""


@pytest.fixture(autouse=True)
def clean(house: House) -> Iterator[None]:
    """Begin and end with the shipped rules alone."""
    yield
    with tenancy.in_workspace(house.cast.acme, gate=True):
        PolicyVersion.objects.all().delete()
        ShadowDecision.objects.all().delete()


def text_of(answer: object) -> str:
    """Return what a page says, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def save(client: Client, text: str, **more: str) -> object:
    return client.post("/policies", {"text": text, "note": "for the test", **more})


def adopted(alice: Client, text: str) -> int:
    number = int(save(alice, text).url.rsplit("/", 1)[-1])
    assert alice.post(f"/policies/versions/{number}/adopt").status_code == 302
    return number


def test_whoever_reads_sees_the_rules_and_only_who_may_changes_them(house: House, visit: Visit) -> None:
    page = text_of(visit("vera").get("/policies"))
    assert "Nothing of another workspace may be reached." in page
    assert "Save as a draft" not in page
    assert save(visit("vera"), "").status_code == 403
    assert save(visit("bob"), "").status_code == 403
    assert visit("paula").get("/policies").status_code == 403
    assert visit("charlie").get("/policies").status_code == 404
    with tenancy.in_workspace(house.cast.acme):
        assert PolicyVersion.objects.count() == 0


def test_a_wrong_text_is_refused_at_its_line_and_comes_back_whole(house: House, visit: Visit) -> None:
    wrong = "// mine\nforbid (principal, action, resource)\nwhen { context.arguments.nothing == 1 };"
    answer = save(visit("alice"), wrong)
    assert answer.status_code == 422
    assert '<span class="wrong"><span class="n">3</span>' in answer.content.decode()
    assert "Nothing was saved" in text_of(answer)
    assert html.escape(wrong.splitlines()[2], quote=False).split("when")[1].strip("; }") in answer.content.decode()
    with tenancy.in_workspace(house.cast.acme):
        assert PolicyVersion.objects.count() == 0


def test_a_text_is_checked_without_being_saved(house: House, visit: Visit) -> None:
    assert "This text is right" in text_of(visit("alice").post("/policies/check", {"text": NO_SUMMARIES}))
    assert visit("alice").post("/policies/check", {"text": "x"}).status_code == 422
    with tenancy.in_workspace(house.cast.acme):
        assert PolicyVersion.objects.count() == 0


def test_a_second_writer_is_told_and_loses_nothing(house: House, visit: Visit) -> None:
    alice = visit("alice")
    assert save(alice, NO_SUMMARIES, after="0").status_code == 302
    second = save(alice, NO_SUMMARIES + "\n// more", after="0")
    assert second.status_code == 409
    assert "Version 1 was saved meanwhile" in text_of(second)
    assert "// more" in second.content.decode()


def test_an_adopted_version_binds_the_next_call_and_is_named_in_the_run(house: House, visit: Visit) -> None:
    alice = visit("alice")
    number = adopted(alice, NO_SUMMARIES)
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        denied = Call.objects.filter(run=run, state="denied")
        assert {(c.decided_by, c.policy_version, c.outcome) for c in denied} == {("no-summaries", number, "policy")}
        assert runtime.run(run).state == "failed"
        assert "lets nobody summarise" in runtime.run(run).error["sentence"]
    assert "lets nobody summarise" in text_of(visit("bob").get(f"/research/{run}"))
    assert alice.post(f"/policies/versions/{number}/retire").status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        assert runtime.run(house.start()).state == "completed"
    acts = [
        row.did for row in observability.entries(house.cast.acme, before=0, limit=50) if row.did.startswith("polic")
    ]
    assert acts[:3] == ["policies.retired", "policies.adopted", "policies.saved"]


def test_a_version_on_trial_decides_nothing_and_says_what_it_would(house: House, visit: Visit) -> None:
    alice = visit("alice")
    number = int(save(alice, NO_SUMMARIES).url.rsplit("/", 1)[-1])
    assert alice.post(f"/policies/versions/{number}/try").status_code == 302
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        assert runtime.run(run).state == "completed"
        summaries = Call.objects.filter(run=run, tool="model_complete", name__startswith="summar").count()
        assert ShadowDecision.objects.filter(was="allow", would="deny", rule="no-summaries").count() == summaries > 0
    assert "no-summaries" in text_of(alice.get(f"/policies/versions/{number}"))


def test_a_replay_lists_every_flip_with_its_cause(house: House, visit: Visit) -> None:
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        recorded = Call.objects.filter(run=run, tool="model_complete", state="done").count()
        result = simulator.replay(text=NO_SUMMARIES, last=1000)
        assert [flip for flip in simulator.replay(text=None, last=1000).flips if flip.run == run] == []
    flips = [flip for flip in result.flips if flip.run == run]
    assert 0 < len(flips) < recorded
    assert {(flip.tool, flip.was, flip.would, flip.decision.rule, flip.decision.line) for flip in flips} == {
        ("model_complete", "allow", "deny", "no-summaries", 1)
    }
    page = text_of(visit("vera").post("/policies/replay", {"text": NO_SUMMARIES, "last": "1000"}))
    assert f"{len(result.flips)} come out otherwise" in page
    assert visit("vera").post("/policies/replay", {"text": "permit("}).status_code == 422


CALL = {"tool": "library_search", "agent": "planner_retriever", "mode": "mock", "approved": ""}


def test_the_simulator_says_decision_rule_line_and_what_would_change_it(house: House, visit: Visit) -> None:
    vera = visit("vera")
    asked = CALL | {"person": str(house.people["bob"]), "arguments": json.dumps({"query": "x", "documents": []})}
    assert "allowed" in text_of(vera.get("/policies/simulate", asked))
    refused = text_of(vera.get("/policies/simulate", asked | {"role": "viewer"}))
    assert "denied" in refused
    assert "roles" in refused
    assert "has a role that allows research" in refused
    wrong = vera.get("/policies/simulate", asked | {"arguments": '{"query": }'})
    assert wrong.status_code == 422
    assert "line 1, place 11" in text_of(wrong)
    short = text_of(vera.get("/policies/simulate", asked | {"arguments": "{}"}))
    assert "does not take these arguments" in short
    assert vera.get("/policies/simulate", asked | {"tool": "nothing"}).status_code == 422


def test_the_command_line_runs_cases_for_a_customers_ci(tmp_path: object, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "own.cedar").write_text(NO_SUMMARIES)
    cases = tmp_path / "cases.yaml"
    good = """policies: own.cedar
cases:
  - {name: plans go, verdict: allow, tool: model_complete, role: researcher,
      arguments: {task: plan, instructions: x, input: {}, reply_schema: {}}}
  - {name: summaries do not, verdict: deny, rule: no-summaries, tool: model_complete, role: researcher,
      arguments: {task: summarize, instructions: x, input: {}, reply_schema: {}}}
"""
    cases.write_text(good)
    call_command("policy", "test", str(cases))
    assert capsys.readouterr().out.count("ok  ") == 2
    cases.write_text(good.replace("verdict: allow", "verdict: deny"))
    with pytest.raises(CommandError, match="1 of 2 cases failed"):
        call_command("policy", "test", str(cases))
    assert "verdict is allow, not deny" in capsys.readouterr().out
    for bad, said in (("cases: 3", "must be a list"), ("cases: [{tool: x}]", "say which verdict"), ("{", "not YAML"),
                      ("cases: [{verdict: deny, tool: x, colour: red}]", "unknown word"),
                      ("policies: none.cedar\ncases: []", "cannot be read")):  # fmt: skip
        cases.write_text(bad)
        with pytest.raises(CommandError, match=said):
            call_command("policy", "test", str(cases))


def test_the_shipped_rules_fit_the_tools() -> None:
    assert len(rulebook.checked("", catalogue.tools()).statements) == len(rulebook.shipped())

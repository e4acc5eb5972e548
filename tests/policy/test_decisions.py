"""The rules that are shipped and a workspace's own: allow, deny, require approval, each with its reason."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache

import pytest

from apps.policy.decisions import cedar, decide, rulebook
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Version
from apps.policy.registry import catalogue

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
FACTS = Facts(
    workspace="acme", person=7, role="researcher", agent="analyst", agent_version="r1", mode="live", at=MONDAY,
    scopes=frozenset({"search", "fetch", "library", "model"}), tools=frozenset(catalogue.tools()), plan="pro",
)  # fmt: skip
SEARCH = {"query": "How high is the dam?"}


def verdict(
    text: str = "", tool: str = "web_search", arguments: dict | None = None, **changes: object
) -> decide.Decision:
    given = SEARCH if arguments is None else arguments
    return decide.decide(catalogue.tools()[tool], given, FACTS.but(**changes), written(text))


@cache
def written(text: str) -> Version:
    return Version(1, rulebook.checked(text, catalogue.tools()))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, "base"),
        ({"scopes": frozenset({"library"})}, "lent"),
        ({"role": "viewer"}, "roles"),
        ({"role": "billing"}, "roles"),
        ({"role": ""}, "roles"),
        ({"tools": frozenset({"library_read"})}, "agent-tools"),
        ({"plan": "free"}, "plans"),
        ({"plan": ""}, "plans"),
        ({"budget_left_percent": 9, "under_way": False}, "low-budget"),
        ({"budget_left_percent": 9}, "base"),
        ({"budget_left_percent": 10, "under_way": False}, "base"),
    ],
)
def test_the_shipped_rules_decide(changes: dict, rule: str) -> None:
    decision = verdict(**changes)
    assert (decision.verdict, decision.rule) == ("allow" if rule == "base" else "deny", rule)
    assert decision.sentence
    assert decision.line > 0


@pytest.mark.parametrize(
    ("autonomy", "verdicts"), [("act", "allow"), ("ask", "allow"), ("suggest", "require_approval")]
)
def test_autonomy_decides_who_acts(autonomy: str, verdicts: str) -> None:
    decision = verdict(autonomy=autonomy)
    assert decision.verdict == verdicts
    assert verdict(autonomy=autonomy, approved=True).verdict == "allow"
    assert (
        verdict(tool="library_search", arguments={"query": "x", "documents": []}, autonomy=autonomy).verdict == "allow"
    )


def test_an_own_rule_takes_away_and_is_named_with_its_line() -> None:
    text = """// no secrets
@id("secret")
@says("Nothing secret goes out.")
forbid (principal, action == Action::"web_search", resource)
when { context.arguments.query like "*dam*" };"""
    decision = verdict(text)
    assert (decision.verdict, decision.rule, decision.line, decision.origin) == ("deny", "secret", 2, "own")
    assert decision.sentence == "Nothing secret goes out."
    assert verdict(text, arguments={"query": "height"}).verdict == "allow"


def test_an_own_permit_gives_nothing_that_a_shipped_rule_forbids() -> None:
    everything = '@id("all") permit (principal, action, resource);'
    for changes in ({"scopes": frozenset()}, {"role": "viewer"}, {"plan": "free"}, {"tools": frozenset()}):
        assert verdict(everything, **changes).verdict == "deny"


def test_require_approval_names_the_strictest_approver_and_four_eyes() -> None:
    text = """
@id("a") @approver("approve") forbid (principal, action, resource) unless { context.approved };
@id("b") @approver("oversee") @four_eyes("yes") forbid (principal, action, resource) unless { context.approved };
"""
    decision = verdict(text)
    assert (decision.verdict, decision.approver, decision.four_eyes) == ("require_approval", "oversee", True)
    assert {decision.rule, *decision.others} == {"a", "b"}


def test_what_a_yes_does_not_cure_is_a_deny_by_that_rule() -> None:
    text = '@id("a") forbid (principal, action, resource) unless { context.approved };'
    decision = verdict(text, role="viewer")
    assert (decision.verdict, decision.rule) == ("deny", "roles")


def test_a_capability_cures_only_where_the_rule_says_so() -> None:
    assert verdict(autonomy="suggest").capability
    assert not verdict('@id("a") forbid (principal, action, resource) unless { context.approved };').capability


def test_people_are_related_by_teams_and_roles() -> None:
    text = """@id("team") forbid (principal, action, resource)
unless { principal.person in Team::"4" || principal.person in Role::"owner" };"""
    assert verdict(text).rule == "team"
    assert verdict(text, teams=frozenset({4})).verdict == "allow"
    assert verdict(text, role="owner").verdict == "allow"


@pytest.mark.parametrize(("at", "allowed"), [
    ("2026-11-23T08:59", False), ("2026-11-23T09:00", True), ("2026-11-23T16:59", True), ("2026-11-23T17:00", False),
    ("2026-11-22T12:00", False), ("2026-11-28T12:00", False), ("2026-11-27T12:00", True),
])  # fmt: skip
def test_business_hours_are_an_own_rule_in_three_lines(at: str, allowed: bool) -> None:
    text = """@id("hours") forbid (principal, action, resource)
unless { context.now.hour >= 9 && context.now.hour < 17 &&
  ["Mon", "Tue", "Wed", "Thu", "Fri"].contains(context.now.weekday) };"""
    decided = verdict(text, at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert (decided.verdict == "allow") == allowed


def test_a_policy_that_errs_denies_and_says_so() -> None:
    text = 'forbid (principal, action, resource) when { context.arguments.nothing == "x" };'
    version = Version(1, rulebook.together(text))
    decision = decide.decide(catalogue.tools()["web_search"], SEARCH, FACTS, version)
    assert (decision.verdict, decision.rule) == ("deny", "policy-error")
    assert "nothing" in decision.sentence


def test_a_shipped_id_can_not_be_taken() -> None:
    with pytest.raises(cedar.BadPolicies, match="Line 2"):
        rulebook.checked('\n@id("isolation") permit (principal, action, resource);', catalogue.tools())


def test_own_rules_only_ever_take_away(full: bool) -> None:
    """Whatever a workspace writes, no call is allowed that the shipped rules alone would not allow."""
    dice, parts = random.Random(5), (
        "permit (principal, action, resource);",
        'permit (principal is Agent, action in Action::"call", resource is Tool);',
        'forbid (principal, action, resource) when { principal.autonomy == "ask" };',
        'permit (principal, action, resource) when { context.approved || context.capability };',
        'forbid (principal, action == Action::"web_search", resource) unless { context.approved };',
    )  # fmt: skip
    for _try in range(2000 if full else 150):
        changes = {
            "role": dice.choice(["owner", "viewer", "researcher", ""]),
            "autonomy": dice.choice(["act", "ask", "suggest"]),
            "scopes": frozenset(dice.sample(sorted(FACTS.scopes), dice.randrange(5))), "approved": dice.random() < 0.5,
            "capability": dice.random() < 0.5, "plan": dice.choice(["", "pro", "free"]),
            "tools": frozenset(dice.sample(sorted(FACTS.tools), dice.randrange(len(FACTS.tools) + 1))),
            "budget_left_percent": dice.randrange(101), "under_way": dice.random() < 0.5,
        }  # fmt: skip
        text = "\n".join(sorted(dice.sample(parts, dice.randrange(1, 4))))
        if verdict(text, **changes).verdict == "allow":
            assert verdict("", **changes).verdict == "allow", (text, changes)

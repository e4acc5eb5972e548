"""A yes holds for exactly what was asked: change anything that gives it its meaning, and it is another question."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from apps.accounts import tenancy
from apps.lib import ids
from apps.policy.actions import policies
from apps.policy.approvals import decide as approvals
from apps.policy.approvals.request import Answer
from apps.policy.decisions import rulebook
from apps.policy.decisions.decide import ASK, Decision
from apps.policy.decisions.rulebook import Rulebook, Version
from apps.policy.gate import ledger, verdicts
from apps.policy.models import Approval
from apps.policy.registry import catalogue, definitions
from apps.policy.registry.catalogue import Tool
from apps.runtime import actions
from apps.runtime import queries as runtime
from tests.conftest import Cast
from tests.gate.test_approval import ASK_FIRST, adopt, start

ARGUMENTS = {"query": "Harrow dam", "documents": ["d1", "d2"], "max_results": 5}
ENTRY = dict(catalogue.tools()["library_search"].definition)


def tool(**changes: Any) -> Tool:
    """Return the tool of a file in which its entry was changed."""
    import yaml

    return definitions.parse(yaml.safe_dump({"tools": {"library_search": {**ENTRY, **changes}}}))["library_search"]


def book(number: int = 3, digest: str = "a" * 64) -> Rulebook:
    return Rulebook(Version(number, rulebook.together(""), digest))


DECISION = Decision(ASK, "look-first", "Look first.", line=2, origin="own", approver="approve", version=3)
# What a call is asked with.
BASE: dict[str, Any] = {"tool": tool(), "arguments": ARGUMENTS, "decision": DECISION, "book": book(), "name": "search"}
CHANGES: dict[str, Callable[[], dict[str, Any]]] = {
    "an argument": lambda: {"arguments": {**ARGUMENTS, "query": "Harrow dams"}},
    "an argument's case": lambda: {"arguments": {**ARGUMENTS, "query": "harrow dam"}},
    "an argument's spelling": lambda: {"arguments": {**ARGUMENTS, "query": "Harrow\u00a0dam"}},
    "an argument's type": lambda: {"arguments": {**ARGUMENTS, "max_results": "5"}},
    "an argument more": lambda: {"arguments": {**ARGUMENTS, "more": None}},
    "an argument less": lambda: {"arguments": {"query": "Harrow dam", "documents": ["d1", "d2"]}},
    "the order of a list": lambda: {"arguments": {**ARGUMENTS, "documents": ["d2", "d1"]}},
    "the tool's version": lambda: {"tool": tool(version="1.0.1")},
    "the tool's definition, by a price": lambda: {"tool": tool(credits=2)},
    "the tool's definition, by its input": lambda: {"tool": tool(input={**ENTRY["input"], "maxProperties": 9})},
    "the tool's definition, by a word": lambda: {"tool": tool(summary="search everything")},
    "the tool": lambda: {"tool": replace(tool(), name="library_seek")},
    "the policies' version": lambda: {"book": book(number=4)},
    "the policies' text": lambda: {"book": book(digest="b" * 64)},
    "the rule": lambda: {"decision": replace(DECISION, rule="look-twice")},
    "what the rule says": lambda: {"decision": replace(DECISION, sentence="Look twice.")},
    "the rule's line": lambda: {"decision": replace(DECISION, line=3)},
    "who approves": lambda: {"decision": replace(DECISION, approver="oversee")},
    "whether who asked may": lambda: {"decision": replace(DECISION, four_eyes=True)},
    "the call within the task": lambda: {"name": "search.2"},
}  # fmt: skip


class Asker:
    """Asks as the gate does, for one task of one run."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.run, self.task = cast, ids.new("run"), ids.new("task")

    def ask(self, **changes: Any) -> Answer:
        given = BASE | changes
        row = ledger.new_row(run=self.run, task=self.task, name=given["name"])
        asker: Any = SimpleNamespace(person=self.cast.bob)
        return verdicts.ask(row, given["tool"], given["arguments"], asker, given["decision"], given["book"])

    def accept(self, answer: Answer) -> None:
        approvals.decide(by=self.cast.alice, approval=answer.approval, verdict="accept")


@pytest.fixture
def asker(cast: Cast) -> Any:
    with tenancy.in_workspace(cast.acme):
        yield Asker(cast)


def test_asked_again_with_nothing_changed_the_yes_holds(asker: Asker) -> None:
    first = asker.ask()
    asker.accept(first)
    again = asker.ask(arguments=dict(reversed(list(copy.deepcopy(ARGUMENTS).items()))), tool=tool(), book=book())
    assert (again.state, again.approval) == ("accepted", first.approval)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_voids_the_yes(asker: Asker, change: str) -> None:
    first = asker.ask()
    asker.accept(first)
    changed = asker.ask(**CHANGES[change]())
    assert changed.state == "pending" and changed.approval != first.approval, change
    assert asker.ask().state == "accepted"  # and what was asked first still holds


def test_no_change_of_arguments_at_any_place_keeps_the_yes(
    asker: Asker, proof: Callable[[str, int, str], None]
) -> None:
    first = asker.ask()
    asker.accept(first)
    pick, seen = random.Random(4), 0
    for _n in range(200):
        changed = mutated(ARGUMENTS, pick)
        if changed == ARGUMENTS:
            continue
        answer = asker.ask(arguments=changed)
        assert (answer.state, answer.approval == first.approval) == ("pending", False), changed
        seen += 1
    proof("changed arguments ask again", seen, "100 %")
    assert seen > 150


def mutated(value: Any, pick: random.Random) -> Any:
    """Return a value with something changed somewhere in it."""
    if isinstance(value, dict) and value:
        key = pick.choice(sorted(value))
        how = pick.randrange(4)
        rest = {name: each for name, each in value.items() if name != key}
        if how == 0:
            return rest
        return {**rest, f"{key}x": value[key]} if how == 1 else {**value, key: mutated(value[key], pick)}
    if isinstance(value, list) and value:
        place = pick.randrange(len(value))
        changed = [*value[:place], mutated(value[place], pick), *value[place + 1 :]]
        return pick.choice([changed, value[:-1], [*value, value[-1]]])
    if isinstance(value, str):
        place = pick.randrange(len(value) + 1)
        return value[:place] + pick.choice([" ", "x", "\u200b", "é"]) + value[place:]
    return value + pick.choice([-1, 1]) if isinstance(value, int) else None


@pytest.mark.parametrize("how", ["another text", "the same text saved anew", "who approves", "the rule's name"])
def test_policies_that_change_while_a_call_waits_ask_again_through_the_gate(committed: Cast, how: str) -> None:
    adopt(committed, ASK_FIRST)
    with tenancy.in_workspace(committed.acme):
        run = start(committed)
        first = Approval.objects.get(run=run)
    texts = {
        "another text": ASK_FIRST + "// a word\n", "the same text saved anew": ASK_FIRST,
        "who approves": ASK_FIRST.replace('@approver("approve")', '@approver("oversee")'),
        "the rule's name": ASK_FIRST.replace("ask-first", "ask-once"),
    }  # fmt: skip
    adopt(committed, texts[how])
    with tenancy.in_workspace(committed.acme):
        task = approvals.decide(by=committed.alice, approval=first.pk, verdict="accept")
        actions.wake(run=run, task=task)
        actions.drive()
        assert runtime.run(run).state == "waiting_approval"
        second = Approval.objects.get(run=run, state="pending")
        assert second.pk != first.pk and second.subject["policies"] != first.subject["policies"]
        task = approvals.decide(by=committed.alice, approval=second.pk, verdict="accept")
        actions.wake(run=run, task=task)
        actions.drive()
        assert runtime.run(run).state == "completed"


def test_a_policy_that_forbids_meanwhile_is_stronger_than_the_yes(committed: Cast) -> None:
    adopt(committed, ASK_FIRST)
    with tenancy.in_workspace(committed.acme):
        run = start(committed)
        first = Approval.objects.get(run=run)
        never = ASK_FIRST.replace("ask-first", "never").replace("unless { context.approved };", ";").replace("\n;", ";")
        policies.adopt(by=committed.alice, number=policies.save(by=committed.alice, text=never))
        task = approvals.decide(by=committed.alice, approval=first.pk, verdict="accept")
        actions.wake(run=run, task=task)
        actions.drive()
        assert runtime.run(run).state == "failed"

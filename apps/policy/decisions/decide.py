"""Allow, deny, or require approval; by which rule, at which line, and what would change it.

"Require approval" is pure Cedar: a request that is forbidden, and is not once `context.approved` is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from apps.policy.decisions import cedar, requests, vocabulary
from apps.policy.decisions.cedar import Answer, Policies, Statement
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Version
from apps.policy.registry import catalogue
from apps.policy.registry.catalogue import Tool

ALLOW, DENY, ASK = "allow", "deny", "require_approval"
# From the mildest to the strictest: any approver, or an owner or admin.
APPROVERS = ("approve", "oversee")


@dataclass(frozen=True, slots=True)
class Decision:
    """verdict: allow, deny or require_approval. rule, line, origin: the deciding statement (line 0: none did).

    approver: whose yes cures it (a key of who may do what). four_eyes: whoever asked may not say it. capability:
    whether a capability would do in place of a yes. version: of the workspace's own policies.
    """

    verdict: str
    rule: str
    sentence: str = ""
    line: int = 0
    origin: str = ""
    approver: str = ""
    four_eyes: bool = False
    capability: bool = False
    version: int = 0
    others: tuple[str, ...] = ()


def decide(tool: Tool, arguments: Mapping[str, Any], facts: Facts, version: Version) -> Decision:
    """Decide about one call whose arguments fit the tool's schema. Deny on any error and where nothing matched."""
    answer = _ask(tool, arguments, facts, version.policies)
    if answer.allowed:
        return _decision(ALLOW, answer.reasons[-1:], version)
    if answer.errors:
        return Decision(DENY, "policy-error", _failed(answer), version=version.number)
    if not answer.reasons:
        return Decision(DENY, "no-rule", "No rule allows this.", version=version.number)
    cured = _ask(tool, arguments, facts.but(approved=True), version.policies)
    if facts.approved or not cured.allowed:
        # With a yes these would still forbid it: they are what decides.
        left = answer.reasons if facts.approved or cured.errors or not cured.reasons else cured.reasons
        return _decision(DENY, left, version)
    spent = _ask(tool, arguments, facts.but(capability=True), version.policies)
    return _decision(ASK, answer.reasons, version, capability=spent.allowed)


def _ask(tool: Tool, arguments: Mapping[str, Any], facts: Facts, policies: Policies) -> Answer:
    question = requests.about(tool, arguments, facts)
    return policies.evaluate(question.request, question.entities, schema=_schema(tool))


def _schema(tool: Tool) -> Any:
    return _schema_of(tool.name, tool.hash) if tool.name in catalogue.tools() else _schema_for(tool)


@lru_cache(maxsize=512)
def _schema_of(name: str, hash: str) -> Any:
    return _schema_for(catalogue.tools()[name])


def _schema_for(tool: Tool) -> Any:
    # The words of the one tool that is called: a hundred others would be parsed for nothing.
    return cedar.schema(vocabulary.schema_of([tool]))


def _decision(verdict: str, reasons: Sequence[Statement], version: Version, *, capability: bool = False) -> Decision:
    first = reasons[0]
    sentence = first.notes.get("says", "") or ("" if verdict == ALLOW else f"The policy “{first.id}” forbids this.")
    return Decision(
        verdict, first.id, sentence, first.line, first.origin, _strictest(reasons) if verdict == ASK else "",
        verdict == ASK and any(each.notes.get("four_eyes") == "yes" for each in reasons), capability, version.number,
        tuple(each.id for each in reasons[1:]),
    )  # fmt: skip


def _strictest(reasons: Sequence[Statement]) -> str:
    asked = [each.notes.get("approver", APPROVERS[0]) for each in reasons]
    return max(asked, key=lambda each: APPROVERS.index(each) if each in APPROVERS else len(APPROVERS))


def _failed(answer: Answer) -> str:
    return f"A policy could not be evaluated, so the answer is no: {answer.errors[0]}"

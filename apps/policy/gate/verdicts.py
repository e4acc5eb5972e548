"""What the rules say about a call, written into its row; and a person's yes to exactly that call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.accounts import tenancy
from apps.lib import blobs, clock, jsonschema
from apps.lib.errors import Invalid
from apps.policy import rules
from apps.policy.approvals import request as approvals
from apps.policy.decisions import decide as decisions
from apps.policy.decisions.decide import Decision
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Rulebook
from apps.policy.identity.delegation import Principal
from apps.policy.models import Call, ShadowDecision
from apps.policy.registry import capabilities
from apps.policy.registry.catalogue import Tool


def decide(row: Call, tool: Tool, arguments: Mapping[str, Any], known: Facts, book: Rulebook) -> Decision:
    """Decide about a call; its row learns verdict, rule and version, and a version on trial what it would have said."""
    decision = decisions.decide(tool, arguments, known, book.live)
    if known.approved and decision.verdict == decisions.ALLOW:
        return decision  # the row keeps the rule that asked
    row.decision, row.decided_by, row.policy_version = decision.verdict, decision.rule[:80], decision.version
    if book.trial:
        would = decisions.decide(tool, arguments, known, book.trial)
        if would.verdict != decision.verdict:
            ShadowDecision.objects.create(
                call=row.pk, version=book.trial.number, was=decision.verdict, would=would.verdict,
                rule=would.rule[:80], at=clock.now(),
            )  # fmt: skip
    return decision


def ask(
    row: Call, tool: Tool, arguments: Mapping[str, Any], principal: Principal, decision: Decision, book: Rulebook
) -> approvals.Answer:  # fmt: skip
    """Return a person's answer to this very call, asking where nobody has yet.

    Bound to the tool, its version and definition, the exact arguments, the policies' version, the rule and who may
    say yes: when any of them changes, it is another question, and an earlier yes does not count.
    """
    subject = {
        "tool": tool.name, "version": tool.version, "definition": tool.hash, "arguments": dict(arguments),
        "policies": [book.live.number, book.live.digest], "rule": decision.rule, "says": decision.sentence,
        "line": decision.line, "approver": decision.approver, "four_eyes": decision.four_eyes,
    }  # fmt: skip
    return approvals.answer(
        run=row.run, task=row.task, name=row.name, subject=subject, rule=(RULE + decision.rule)[:80],
        asked_for=principal.person, approver_role=decision.approver,
    )  # fmt: skip


# In front of the rule's id, so that nobody's policy is taken for a plan, a publication or a matter of staff.
RULE = "policy:"


def spend(row: Call) -> bool:
    """Use up a call of a capability that covers this one; the row says which. Tell whether there was one."""
    used = capabilities.consume(
        tool=row.tool, agent=row.agent, run=row.run, micro_dollars=row.held_micro_dollars
    )  # fmt: skip
    if used:
        row.decision, row.decided_by = decisions.ALLOW, f"capability:{used}"[:80]
    return bool(used)


def as_edited(
    row: Call, tool: Tool, arguments: Mapping[str, Any], answer: approvals.Answer
) -> Mapping[str, Any]:  # fmt: skip
    """Return the arguments as the approver changed them, and let the row hold those. Raises Invalid."""
    if not answer.edited or "arguments" not in answer.edited:
        return arguments
    edited: dict[str, Any] = answer.edited["arguments"]
    try:
        jsonschema.check(edited, tool.input)
    except jsonschema.SchemaMismatch as error:
        raise Invalid(f"{tool.name} does not take the edited arguments: {error.sentence}") from error
    row.arguments_sha = rules.digest(edited)
    keep(row, edited)
    return edited


def keep(row: Call, arguments: Mapping[str, Any]) -> None:
    """Keep a call's arguments by their hash, for the record and for replays; retention erases them with the run's."""
    blobs.put(tenancy.current(), rules.canonical(arguments).encode())

"""The guardrails around one call: what goes in, what comes out, and what its row keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.lib.errors import Unavailable
from apps.policy import rules
from apps.policy.budgets import estimate, holds
from apps.policy.gate import ledger, limits, tools, verdicts
from apps.policy.guardrails import choices, pipeline, topic
from apps.policy.guardrails.choices import Chosen
from apps.policy.guardrails.findings import Findings
from apps.policy.guardrails.pipeline import Stage
from apps.policy.identity.delegation import Principal
from apps.policy.models import Call
from apps.policy.registry import catalogue
from apps.policy.registry.definitions import Tool


class NotJudged(Unavailable):
    """The model that a guardrail asks gave no answer."""

    code = "not_judged"


def on_input(
    row: Call, principal: Principal, tool: Tool, arguments: Mapping[str, Any], chosen: Chosen | None = None
) -> Findings:  # fmt: skip
    """Examine the arguments; the row keeps what was noticed, and what goes in where something was blacked out.

    chosen: what the workspace chose, where the caller has read it already.
    """
    chosen = chosen or choices.current()
    ask = _completer(row, principal) if principal.mode == "live" else None
    found = pipeline.examine(Stage("input", tool), arguments, chosen, ask)
    row.signals = [*row.signals, *({"in": "input", **signal} for signal in found.signals())][:MOST]
    if found.redacts and not found.stops:
        row.arguments_sha = rules.digest(found.value)
        verdicts.keep(row, found.value)
    return found


def on_output(
    row: Call, tool: Tool, arguments: Mapping[str, Any], result: dict[str, Any], chosen: Chosen
) -> Findings:  # fmt: skip
    """Examine the result; the row keeps what was noticed."""
    found = pipeline.examine(Stage("output", tool, arguments), result, chosen)
    row.signals = [*row.signals, *({"in": "output", **signal} for signal in found.signals())][:MOST]
    return found


# So many signals a row: a page full of orders is one page.
MOST = 30


def _completer(row: Call, principal: Principal) -> topic.Ask:
    """Let a guardrail ask a model: a call of its own in the ledger, which runs no guardrails and costs no credits."""

    def ask(
        task: str, instructions: str, given: Mapping[str, Any], shape: Mapping[str, Any]
    ) -> Mapping[str, Any]:  # fmt: skip
        tool = catalogue.tools()["model_complete"]
        arguments = {
            "task": task, "instructions": instructions, "input": dict(given), "reply_schema": dict(shape),
            "max_output_tokens": 500,
        }  # fmt: skip
        nested = _nested(row, tool, arguments)
        try:
            nested, ours = ledger.begin(nested, wait_seconds=tool.deadline_seconds)
        except (ledger.NotCovered, holds.Spent) as error:
            raise NotJudged("Nothing covers asking a model.") from error
        if ours:
            nested = _make(nested, principal, tool, arguments)
        if nested.outcome != "ok":
            raise NotJudged(nested.sentence or "A model gave no answer.")
        answer: Mapping[str, Any] = ledger.load(nested)["data"]
        return answer

    return ask


def _nested(row: Call, tool: Tool, arguments: Mapping[str, Any]) -> Call:
    most = estimate.amount(tool, arguments, row.mode)
    name = f"{row.name}/{arguments['task']}"[:80]
    key = rules.call_key(
        run=row.run, task=row.task, name=name, tool=tool.name, arguments=arguments, version="guardrail",
        agent_version=row.agent_version, number=row.number,
    )  # fmt: skip
    return ledger.new_row(
        held_tokens=most.tokens, held_micro_dollars=most.micro_dollars, key=key, run=row.run, task=row.task,
        epoch=row.epoch, name=name, number=row.number, tool=tool.name, tool_version=tool.version, mode=row.mode,
        person=row.person, agent=row.agent, agent_version=row.agent_version, prompt_version="guardrail",
        arguments_sha=rules.digest(arguments), credits=0, decision="allow", decided_by="guardrail",
    )  # fmt: skip


def _make(nested: Call, principal: Principal, tool: Tool, arguments: Mapping[str, Any]) -> Call:
    verdicts.keep(nested, arguments)
    asked = tools.Asked(principal, tool, arguments, nested.key)
    try:
        with limits.slot(
            kind=tools.kind(tool), workspace=principal.workspace, wait_seconds=tool.deadline_seconds, slow=False
        ):
            result, spent = tools.perform(asked)
        return ledger.record(nested, state="done", outcome="ok", result=result, spent=spent)
    except Exception as error:
        code, said = getattr(error, "code", "bug"), getattr(error, "sentence", type(error).__name__)
        return ledger.record(nested, state="done", outcome=code[:20], sentence=said)
    finally:
        ledger.land(nested)

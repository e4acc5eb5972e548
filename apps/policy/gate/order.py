"""One call outward: the whole order of checks, to be read from top to bottom.

Where a later release has more to say, the place is here and the first release's answer is data that allows all:
`tools.yaml` (plans, rate limits, approval) and `policies/base.yaml` (rules, guardrails).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.integrations.contracts.outcomes import AdapterError
from apps.lib import clock, jsonschema, signing
from apps.policy import rules
from apps.policy.approvals import request as approvals
from apps.policy.budgets import reserve
from apps.policy.decisions import decide as decisions
from apps.policy.gate import ledger, limits, tools
from apps.policy.guardrails import pipeline
from apps.policy.identity import delegation
from apps.policy.identity.delegation import Principal
from apps.policy.models import Call
from apps.policy.registry import catalogue
from apps.policy.registry.catalogue import Tool


@dataclass(frozen=True, slots=True)
class Reply:
    """What a caller gets. state: done, failed, denied, waiting; outcome and sentence say how and why."""

    state: str
    call: str
    outcome: str
    sentence: str
    result: dict[str, Any]
    approval: str = ""
    until: str = ""


def call(
    *, token: str, name: str, tool: str, arguments: Mapping[str, Any], version: str = "", number: int = 0
) -> Reply:  # fmt: skip
    """Take one call through every check, make it at most once, and leave exactly one row in the ledger.

    name: the call's name within its task. number: the try. version: the prompt's hash. Raises: BadToken (nothing
    is recorded: nobody is known to have asked), Busy, Crowded.
    """
    principal = delegation.verify(token)  # 1 identity
    with tenancy.in_workspace(principal.workspace, gate=True):
        if not agenda.holds(
            workspace=principal.workspace, task=principal.task, epoch=principal.epoch, at=clock.now()
        ):  # fmt: skip
            raise signing.BadToken("This task is not held under this epoch any more.")
        found = catalogue.resolve(tool)
        row = _intent(principal, found, name, tool, arguments, version, number)
        wait = found.deadline_seconds if found else 5.0
        try:
            row, ours = ledger.begin(row, wait_seconds=wait)  # 2 journal; 6 reservation against what the run was lent
        except ledger.NotCovered:
            return _unpaid(principal, row)
        if not ours:
            return _recorded(row)
        try:
            return _decide_and_make(row, principal, found, arguments)
        finally:
            ledger.land(row)


def _decide_and_make(row: Call, principal: Principal, tool: Tool | None, arguments: Mapping[str, Any]) -> Reply:
    if refusal := _refusal(row, principal, tool, arguments):  # 3 registry
        return _recorded(ledger.record(row, state="denied", outcome=refusal[0], sentence=refusal[1]))
    assert tool is not None
    decision = decisions.decide(principal, tool)  # 4 decision
    row.decision, row.decided_by = decision.verdict, decision.rule
    if decision.verdict == "deny":
        return _recorded(ledger.record(row, state="denied", outcome="policy", sentence=decision.sentence))
    rails = decisions.rulebook()["guardrails"]
    if objection := pipeline.objection(rails["input"], rules.canonical(arguments)):  # 5 guardrails on the input
        return _recorded(ledger.record(row, state="denied", outcome=objection[0], sentence=objection[1]))
    if decision.verdict == "require_approval":  # 7 approval, bound to tool, version, arguments and rule
        subject = {"tool": tool.name, "version": tool.version, "arguments": rules.digest(arguments)}
        answer = approvals.answer(
            run=row.run, task=row.task, name=row.name, subject=subject, rule=decision.rule, asked_for=principal.person
        )  # fmt: skip
        if answer.state != "accepted":
            return _put_down(row, answer)
    return _make(row, principal, tool, arguments, rails)


def _make(row: Call, principal: Principal, tool: Tool, arguments: Mapping[str, Any], rails: Mapping[str, Any]) -> Reply:
    asked = tools.Asked(principal, tool, arguments, row.key)  # 8 credentials: the adapters read them here, in the gate
    credits = row.credits
    try:
        if tool.protocol == "builtin":
            with transaction.atomic():
                result, spent = tools.perform(asked)
                return _answered(row, result, spent, credits)
        with limits.slot(
            kind=tools.KIND[tool.name], workspace=principal.workspace, wait_seconds=tool.deadline_seconds
        ):  # fmt: skip
            result, spent = tools.perform(asked)  # 9 the call itself; 10 its output schema
        if objection := pipeline.objection(rails["output"], rules.canonical(result)):
            return _recorded(ledger.record(row, state="denied", outcome=objection[0], sentence=objection[1]))
        return _answered(row, result, spent, credits)
    except AdapterError as error:
        return _recorded(ledger.record(row, state="done", outcome=error.code, sentence=error.sentence))
    except Exception as error:
        ledger.record(row, state="done", outcome="bug", sentence=f"{type(error).__name__}: {error}")
        raise


def _answered(row: Call, result: dict[str, Any], spent: ledger.Spent, credits: int) -> Reply:
    spent = ledger.Spent(
        spent.input_tokens, spent.output_tokens, spent.cached_input_tokens, spent.micro_dollars, credits, spent.model,
        spent.provider,
    )  # fmt: skip
    return _recorded(ledger.record(row, state="done", outcome="ok", result=result, spent=spent))  # settle and audit


def _intent(
    principal: Principal, tool: Tool | None, name: str, tool_name: str, arguments: Mapping[str, Any], version: str,
    number: int,
) -> Call:  # fmt: skip
    key = rules.call_key(
        run=principal.run, task=principal.task, name=name, tool=tool_name, arguments=arguments, version=version,
        agent_version=principal.agent_version, number=number,
    )  # fmt: skip
    return ledger.new_row(
        key=key, run=principal.run, task=principal.task, epoch=principal.epoch, name=name[:80], number=number,
        tool=tool_name[:60], tool_version=tool.version if tool else "", mode=principal.mode, person=principal.person,
        agent=principal.agent, agent_version=principal.agent_version, prompt_version=version[:64],
        arguments_sha=rules.digest(arguments), credits=_price(tool, arguments),
    )  # fmt: skip


def _price(tool: Tool | None, arguments: Mapping[str, Any]) -> int:
    try:
        return tool.credits(arguments) if tool else 0
    except (KeyError, TypeError):
        return 0


def _refusal(
    row: Call, principal: Principal, tool: Tool | None, arguments: Mapping[str, Any]
) -> tuple[str, str] | None:  # fmt: skip
    if tool is None:
        return "unregistered", f"{row.tool} is not a registered tool."
    try:
        jsonschema.check(arguments, tool.input)
    except jsonschema.SchemaMismatch as error:
        return "arguments", f"{tool.name} does not take these arguments: {error.sentence}"
    if principal.mode == "mock" and tool.name in {"web_search", "web_fetch"}:
        return "mode", "A run in mock mode reads the workspace's own documents and nothing outside."
    made = Call.objects.filter(task=principal.task).exclude(state="lost").aggregate(
        calls=Count("id"), micro_dollars=Sum("micro_dollars")
    )  # fmt: skip
    if made["calls"] > settings.MAX_CALLS_PER_TASK:
        return "runaway", f"A task may make {settings.MAX_CALLS_PER_TASK} calls; this one tried more."
    if made["micro_dollars"] >= settings.MAX_MICRO_DOLLARS_PER_TASK:
        return "runaway", f"A task may spend {settings.MAX_MICRO_DOLLARS_PER_TASK} micro-dollars; this one has."
    return None


def _put_down(row: Call, answer: approvals.Answer) -> Reply:
    if answer.state == "pending":
        with transaction.atomic():
            Call.objects.filter(pk=row.pk, state="intent").update(state="lost", outcome="waiting", credits=0)
            reserve.settle(run=row.run, reserved=row.credits, spent=0, micro_dollars=0)
        return Reply(
            "waiting", row.pk, "waiting", "A person has to approve this call first.", {}, answer.approval,
            answer.expires_at.isoformat(),
        )  # fmt: skip
    sentence = f"A person said no: {answer.reason}" if answer.state == "rejected" else "Nobody approved this in time."
    return _recorded(ledger.record(row, state="denied", outcome=answer.state, sentence=sentence))


def _unpaid(principal: Principal, row: Call) -> Reply:
    price, row.credits = row.credits, 0
    sentence = f"The credits held for this run do not cover this call ({price})."
    row, ours = ledger.begin(row, wait_seconds=5.0)
    if ours:
        row = ledger.record(row, state="denied", outcome="credits", sentence=sentence)
        ledger.land(row)
    return _recorded(row)


def _recorded(row: Call) -> Reply:
    state = "failed" if row.state == "done" and row.outcome != "ok" else row.state
    result = {}
    if row.result_sha:
        result = ledger.load(row)
    return Reply(state, row.pk, row.outcome, row.sentence, result)

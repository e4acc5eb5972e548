"""One call outward: the whole order of checks, to be read from top to bottom.

Where a later release has more to say, the place is here and the first release's answer is data that allows all:
`tools.yaml` (plans, rate limits, approval) and `policies/base.cedar` (rules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from apps.accounts import tenancy
from apps.integrations.contracts.outcomes import AdapterError
from apps.lib import clock
from apps.policy import rules
from apps.policy.approvals import request as approvals
from apps.policy.budgets import estimate, holds, marks
from apps.policy.decisions import facts, rulebook
from apps.policy.decisions.decide import Decision
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Rulebook
from apps.policy.gate import barriers, evidence, ledger, limits, rails, tools, verdicts
from apps.policy.guardrails import choices, containment
from apps.policy.guardrails.choices import Chosen
from apps.policy.guardrails.findings import Findings
from apps.policy.identity import delegation
from apps.policy.identity.delegation import Principal
from apps.policy.models import Call
from apps.policy.registry import standing, switches
from apps.policy.registry.definitions import Tool


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
    principal = delegation.standing(delegation.verify(token))  # 1 identity, and what of it still holds now
    with tenancy.in_workspace(principal.workspace, gate=True):
        found = switches.resolve(tool)
        row = _intent(principal, found, name, tool, arguments, version, number)
        wait = found.deadline_seconds if found else 5.0
        try:
            row, ours = ledger.begin(row, wait_seconds=wait)  # 2 journal; 6 reservation against what the run was lent
        except ledger.NotCovered:
            sentence = f"The credits held for this run do not cover this call ({row.credits})."
            return _unpaid(row, "credits", sentence)
        except holds.Spent as spent:
            marks.stopped(kinds=spent.kinds, person=row.person, at=row.started_at)
            return _unpaid(row, "budget", spent.sentence)
        if not ours:
            return _recorded(row)
        try:
            return _decide_and_make(row, principal, found, arguments)
        finally:
            ledger.land(row)


def _decide_and_make(row: Call, principal: Principal, tool: Tool | None, arguments: Mapping[str, Any]) -> Reply:
    at = clock.now()
    agent = standing.read(
        tool=row.tool, role=principal.agent, task=principal.task, run=principal.run, above=principal.chain,
        since=switches.counted_from(tool, at),
    )  # fmt: skip
    if refused := barriers.refusal(  # 3 registry, pauses, the agent's own rule; 6 the tool's rate limit
        tool, name=row.tool, arguments=arguments, mode=principal.mode, at=at, stands=agent
    ):  # fmt: skip
        return _refused(row, refused)
    assert tool is not None
    verdicts.keep(row, arguments)
    book, known = rulebook.current(agent.versions), facts.of_call(principal).but(
        tools=agent.rule.tools, autonomy=agent.rule.autonomy, budget_left_percent=row.budget_left,
        outside_plan=containment.is_beyond(
            tool, arguments, run=row.run, bounds=agent.bounds, has_read=agent.has_read),
    )  # fmt: skip
    decision = verdicts.decide(row, tool, arguments, known, book)  # 4 decision
    if decision.verdict == "deny":
        return _recorded(ledger.record(row, state="denied", outcome="policy", sentence=decision.sentence))
    if objection := containment.objection(row, tool, arguments, agent.bounds):  # 5 what no plan of a person covers
        return _recorded(ledger.record(row, state="denied", outcome="outside_plan", sentence=objection))
    chosen = choices.of(agent.guardrails)
    found = rails.on_input(row, principal, tool, arguments, chosen)  # 5 guardrails on the input
    if found.stops:
        return _stopped(row, found)
    arguments = found.value
    if decision.verdict == "require_approval":  # 7 a capability that covers it, or a person's yes to exactly this
        settled = _agreed(row, principal, tool, arguments, known, decision, book)
        if isinstance(settled, Reply):
            return settled
        arguments = settled
    return _make(row, principal, tool, arguments, chosen)


def _agreed(
    row: Call, principal: Principal, tool: Tool, arguments: Mapping[str, Any], known: Facts, decision: Decision,
    book: Rulebook,
) -> Reply | Mapping[str, Any]:  # fmt: skip
    """Return the arguments that were agreed to, or the answer where nobody has agreed."""
    if decision.capability and verdicts.spend(row):
        return arguments
    answer = verdicts.ask(row, tool, arguments, principal, decision, book)
    if answer.state != "accepted":
        return _put_down(row, answer)
    # What was approved is decided once more, as it was edited and as things stand now.
    arguments = verdicts.as_edited(row, tool, arguments, answer)
    again = verdicts.decide(row, tool, arguments, known.but(approved=True), book)
    if again.verdict != "allow":
        return _recorded(ledger.record(row, state="denied", outcome="policy", sentence=again.sentence))
    if not answer.edited:
        return arguments
    found = rails.on_input(row, principal, tool, arguments)
    return _stopped(row, found) if found.stops else found.value


def _make(
    row: Call, principal: Principal, tool: Tool, arguments: Mapping[str, Any], chosen: Chosen
) -> Reply:  # fmt: skip
    # 8 credentials: the adapters read them here, in the gate
    asked = tools.Asked(principal, tool, arguments, row.key, row.slow)
    credits = row.credits
    try:
        if tool.protocol == "builtin":
            with transaction.atomic():
                result, spent = tools.perform(asked)
                return _answered(row, asked, result, spent, credits, chosen)
        ledger.allow(row)
        with limits.slot(
            kind=tools.kind(tool), workspace=principal.workspace, wait_seconds=tool.deadline_seconds,
            slow=row.slow,
        ):  # fmt: skip
            result, spent = tools.perform(asked)  # 9 the call itself; 10 its output schema
        return _answered(row, asked, result, spent, credits, chosen)
    except AdapterError as error:
        return _recorded(ledger.record(row, state="done", outcome=error.code, sentence=error.sentence))
    except Exception as error:
        ledger.record(row, state="done", outcome="bug", sentence=f"{type(error).__name__}: {error}")
        raise


def _answered(
    row: Call, asked: tools.Asked, result: dict[str, Any], spent: ledger.Spent, credits: int, chosen: Chosen
) -> Reply:  # fmt: skip
    found = rails.on_output(row, asked.tool, asked.arguments, result, chosen)  # 10 guardrails on the output
    if found.stops:  # it was made and paid for, by us: its answer is not handed on, and the customer pays nothing
        return _stopped(row, found, spent)
    spent = replace(spent, credits=credits)
    return _recorded(ledger.record(row, state="done", outcome="ok", result=found.value, spent=spent))  # settle, audit


def _stopped(row: Call, found: Findings, spent: ledger.Spent | None = None) -> Reply:
    made = " The call was made; its answer is not handed on." if spent else ""
    return _recorded(ledger.record(
        row, state="denied", outcome=found.outcome, sentence=found.sentence + made, spent=spent
    ))  # fmt: skip


def _intent(
    principal: Principal, tool: Tool | None, name: str, tool_name: str, arguments: Mapping[str, Any], version: str,
    number: int,
) -> Call:  # fmt: skip
    key = rules.call_key(
        run=principal.run, task=principal.task, name=name, tool=tool_name, arguments=arguments, version=version,
        agent_version=principal.agent_version, number=number,
    )  # fmt: skip
    most = estimate.amount(tool, arguments, principal.mode)
    return ledger.new_row(
        held_tokens=most.tokens, held_micro_dollars=most.micro_dollars, key=key,
        run=principal.run, task=principal.task, epoch=principal.epoch, name=name[:80], number=number,
        tool=tool_name[:120], tool_version=tool.version if tool else "", mode=principal.mode, person=principal.person,
        agent=principal.agent, agent_version=principal.agent_version, prompt_version=version[:64],
        arguments_sha=rules.digest(arguments), credits=_price(tool, arguments),
    )  # fmt: skip


def _price(tool: Tool | None, arguments: Mapping[str, Any]) -> int:
    try:
        return tool.credits(arguments) if tool else 0
    except (KeyError, TypeError):
        return 0


def _refused(row: Call, refused: switches.Refusal) -> Reply:
    if refused.again:  # no answer for this key: the step waits, at no cost and without losing a try
        ledger.lose(row, outcome=refused.outcome, sentence=refused.sentence)
        raise switches.TooOften(refused.sentence)
    return _recorded(ledger.record(row, state="denied", outcome=refused.outcome, sentence=refused.sentence))


def _put_down(row: Call, answer: approvals.Answer) -> Reply:
    if answer.state == "pending":
        with transaction.atomic():
            if Call.objects.filter(pk=row.pk, state="intent").update(state="lost", outcome="waiting", credits=0):
                evidence.note(row.pk)
                ledger.give_back(row)
        return Reply(
            "waiting", row.pk, "waiting", "A person has to approve this call first.", {}, answer.approval,
            answer.expires_at.isoformat(),
        )  # fmt: skip
    sentence = f"A person said no: {answer.reason}" if answer.state == "rejected" else "Nobody approved this in time."
    return _recorded(ledger.record(row, state="denied", outcome=answer.state, sentence=sentence))


def _unpaid(row: Call, outcome: str, sentence: str) -> Reply:
    """What nothing covers is written down once more, holding nothing, so that its row says why it was denied."""
    row.credits = row.held_tokens = row.held_micro_dollars = 0
    row, ours = ledger.begin(row, wait_seconds=5.0)
    if ours:
        row = ledger.record(row, state="denied", outcome=outcome, sentence=sentence)
        ledger.land(row)
    return _recorded(row)


def _recorded(row: Call) -> Reply:
    state = "failed" if row.state == "done" and row.outcome != "ok" else row.state
    result = {}
    if row.result_sha:
        result = ledger.load(row)
    return Reply(state, row.pk, row.outcome, row.sentence, result)

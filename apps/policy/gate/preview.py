"""What a run intends to do, decided with nothing done: by registry, pauses, agents' rules, policies, containment and
guardrails.

The facts are those of this moment: the run's person and what they lent, the agent's role, the month's budget. A change
of any of them is seen by whoever asks next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import entitlements
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.policy.budgets import standing as budgets
from apps.policy.decisions import rulebook
from apps.policy.decisions.decide import DENY, Decision
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Version
from apps.policy.gate import simulator
from apps.policy.guardrails import choices, containment
from apps.policy.guardrails.choices import Chosen
from apps.policy.guardrails.containment import Planned
from apps.policy.guardrails.findings import Findings
from apps.policy.models import Grant
from apps.policy.registry import switches, wording
from apps.policy.registry.definitions import Tool
from apps.policy.registry.standing import Standing


@dataclass(frozen=True, slots=True)
class Intended:
    """A call that an agent means to make."""

    agent: str
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Previewed:
    """How a call would be decided, and what it is.

    cures: names of single changes that would allow it, keys of `words`. warnings: what guardrails would note of it.
    micro_dollars: what we pay for it; None where that depends on what is read, and in mock mode 0.
    """

    decision: Decision
    cures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    credits: int = 0
    micro_dollars: int | None = 0
    scope: str = ""
    touches: str = ""
    undo: str = ""


def words() -> dict[str, str]:
    """Return words for the changes that would turn a no into a yes."""
    return {
        "approved": _("A person approves the call."),
        "capability": _("Somebody grants a capability for it."),
        "scope": _("The run is lent the scope that the tool needs."),
        "role": _("The person has a role that allows research."),
        "agent_tools": _("The agent may use the tool."),
        "autonomy": _("The agent acts within policy, without asking."),
        "budget": _("The month's budget has room."),
        "working_hours": _("It is a working hour, such as Monday at 10 o'clock UTC."),
        "disabled": _("Somebody who may change the settings enables the tool."),
        "changed": _("Somebody who may change the settings approves the tool's new definition."),
        "paused": _("Whoever may change the settings ends the pause."),
        "runaway": _("The agent may call or spend more in a task."),
        "plan": _("The workspace has another plan."),
        "arguments": _("The call has other words."),
        "outside_plan": _("A person words it themselves, as a change of the plan."),
    }


def of_run(*, run: str, calls: Sequence[Intended], left_out: Sequence[str] = ()) -> tuple[Previewed, ...]:
    """Say of each call what the gate would decide now if the run made it and its plan were accepted. Raises NotFound.

    left_out: documents and sites that the plan excludes.
    """
    grant = Grant.objects.filter(pk=run).first()
    if grant is None:
        raise NotFound(_("There is no such run."))
    at = clock.now()
    plan = containment.supposed(run=run, bounds=grant.bounds, left_out=left_out) if grant.bounds else None
    now = _Now(grant.mode, at, rulebook.current().live, choices.current(), grant.bounds or {}, plan)
    stands = {
        (tool, agent): simulator.standing_of(tool=tool, agent=agent, run=run)
        for tool, agent in sorted({(call.tool, call.agent) for call in calls})
    }  # fmt: skip
    known = _facts(grant, at)
    return tuple(_previewed(call, stands[call.tool, call.agent], known, now) for call in calls)


class _Now(NamedTuple):
    mode: str
    at: datetime
    version: Version
    chosen: Chosen
    bounds: Mapping[str, Any]
    plan: Planned | None

    def objection(self, call: Intended) -> str:
        """Say why containment would refuse a call; empty where it would not, or where that can't be known yet."""
        if self.plan is None:
            return ""
        return containment.foretold(call.tool, call.arguments, plan=self.plan, bounds=self.bounds)


def _facts(grant: Grant, at: datetime) -> Facts:
    """What is the same for every agent of a run."""
    role, teams = accounts.role_of(tenancy.current(), grant.person)
    return Facts(
        workspace=tenancy.current(), person=grant.person, role=role, teams=teams, agent="", mode=grant.mode, at=at,
        agent_version=grant.agent_version, scopes=frozenset(grant.scopes) & accounts.scopes_of_role(role),
        tools=frozenset(), plan=entitlements.of(tenancy.current()).plan,
        budget_left_percent=budgets.read(run=grant.run, person=grant.person, at=at).left(),
    )  # fmt: skip


def _previewed(call: Intended, stands: Standing, known: Facts, now: _Now) -> Previewed:
    tool = switches.resolve(call.tool)
    known = known.but(
        agent=call.agent, tools=stands.rule.tools, autonomy=stands.rule.autonomy,
        outside_plan=_is_beyond(call, tool, now),
    )  # fmt: skip
    said = simulator.simulate(
        tool=call.tool, arguments=call.arguments, known=known, version=now.version, chosen=now.chosen, stands=stands
    )  # fmt: skip
    decision, cures, findings = said.decision, said.cures, said.findings
    objection = now.objection(call) if decision.verdict != DENY else ""
    if objection:
        decision, cures, findings = Decision(DENY, "outside_plan", objection), ("outside_plan",), None
    elif findings and findings.stops:
        decision, cures, findings = Decision(DENY, findings.outcome, findings.sentence), ("arguments",), None
    return _priced(Previewed(decision, cures, _warnings(findings)), tool, call.arguments, now.mode)


def _is_beyond(call: Intended, tool: Tool | None, now: _Now) -> bool:
    """Once it has read, a run asks before it changes anything but for the report that its plan ends with."""
    foreseen = containment.is_report(call.tool, call.arguments) and bool(now.bounds.get("publishes"))
    return tool is not None and not foreseen and containment.is_beyond(
        tool, call.arguments, run="", bounds=None, has_read=True
    )  # fmt: skip


def _warnings(findings: Findings | None) -> tuple[str, ...]:
    found = findings.found if findings else ()
    return tuple(dict.fromkeys(each.sentence for each in found if each.verdict != "pass"))


def _priced(said: Previewed, tool: Tool | None, arguments: Mapping[str, Any], mode: str) -> Previewed:
    if tool is None:
        return said
    dollars: int | None = 0 if mode == "mock" else tool.micro_dollars
    if mode == "live" and tool.scope == "model":
        dollars = None
    said_of = wording.of(tool)
    return replace(
        said, credits=tool.credits(arguments), micro_dollars=dollars, scope=tool.scope, touches=said_of.touches,
        undo=said_of.undo,
    )  # fmt: skip

"""What holds for an agent's next call, in one statement: the tool's row, what is paused, its role's rule, its task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.policy import statements
from apps.policy.registry import agents, pauses
from apps.policy.registry.agents import AgentRule
from apps.policy.registry.pauses import Paused
from apps.policy.statements import Setting


@dataclass(frozen=True, slots=True)
class Standing:
    """paused: what is switched off, or None. calls, micro_dollars: of the task so far, this call counted.

    setting: the tool in this workspace, None where nobody enabled it. versions: of the policies in force and on trial.
    guardrails, bounds, has_read: what guardrails and containment ask for (statements.Found).
    """

    paused: Paused | None
    rule: AgentRule
    calls: int
    micro_dollars: int
    setting: Setting | None
    versions: tuple[tuple[str, int, str], ...]
    guardrails: tuple[tuple[str, str, str], ...] = ()
    bounds: Mapping[str, Any] | None = None
    has_read: bool = False

    def refusal(self, tool: str) -> tuple[str, str] | None:
        """Say why this call is not made, or None: (outcome, sentence)."""
        rule = self.rule
        if self.paused:
            return "paused", self.paused.sentence()
        if rule.role not in agents.ROLES:
            return "agent", f"There is no agent called {rule.role}."
        if tool not in rule.tools:
            return "agent_tool", f"The agent {rule.role} may not call {tool} in this workspace."
        if self.calls > rule.calls_per_task:
            return "runaway", f"A task may make {rule.calls_per_task} calls; this one tried more."
        if self.micro_dollars >= rule.micro_dollars_per_task:
            return "runaway", f"A task may spend {rule.micro_dollars_per_task} micro-dollars; this one has."
        return None


def read(
    *, tool: str, role: str, task: str, run: str, above: Collection[str] = (), since: datetime | None = None
) -> Standing:  # fmt: skip
    """Return what holds now for a call. above: the agents for which this one acts; a pause of theirs stops it too.

    since: from when the tool's earlier calls count against its rate limit, where it has one.
    """
    found = statements.standing(tool=tool, agent=role, above=list(above), run=run, task=task, since=since)
    stops = [Paused(*row) for row in found.pauses]
    return Standing(
        min(stops, key=lambda one: pauses.KINDS.index(one.kind), default=None), agents.rule(role, found.agent),
        found.calls, found.micro_dollars, found.setting, found.versions, found.guardrails, found.bounds,
        found.has_read,
    )  # fmt: skip

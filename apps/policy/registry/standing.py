"""What holds for an agent's next call, in one query: what is paused, its role's rule, what its task has done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce, JSONObject

from apps.policy.models import AgentSetting, Call
from apps.policy.registry import agents, pauses
from apps.policy.registry.agents import AgentRule
from apps.policy.registry.pauses import Paused


@dataclass(frozen=True, slots=True)
class Standing:
    """paused: what is switched off, or None. calls, micro_dollars: of the task so far, this call counted."""

    paused: Paused | None
    rule: AgentRule
    calls: int
    micro_dollars: int

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


def read(*, tool: str, role: str, task: str, above: Collection[str] = ()) -> Standing:
    """Return what holds now for a call. above: the agents for which this one acts; a pause of theirs stops it too."""
    parts = pauses.rows(tool, (role, *above)).values_list(
        Value("pause"), JSONObject(kind="kind", name="name", reason="reason", by="by", at="at")
    )
    setting = AgentSetting.objects.filter(pk=role).values_list(
        Value("rule"), JSONObject(**{name: name for name in agents.FIELDS})
    )
    made = (
        Call.objects.filter(task=task).exclude(state="lost").order_by().values("task").annotate(
            found=JSONObject(calls=Count("id"), micro_dollars=Coalesce(Sum("micro_dollars"), 0))
        ).values_list(Value("made"), "found")
    )  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {"pause": [], "rule": [], "made": []}
    for what, body in parts.union(setting, made, all=True):
        found[what].append(body)
    own = [tuple(body[name] for name in agents.FIELDS) for body in found["rule"]]
    done = found["made"][0] if found["made"] else {"calls": 0, "micro_dollars": 0}
    stops = [Paused(**body | {"at": datetime.fromisoformat(body["at"])}) for body in found["pause"]]
    return Standing(
        pauses.widest(stops), agents.rule(role, own[0] if own else None), done["calls"], done["micro_dollars"]
    )

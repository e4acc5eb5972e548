"""What Cedar is asked about a call: the agent, its person, the tool, and the context, as entities and a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from apps.policy.decisions import vocabulary
from apps.policy.registry.catalogue import Tool

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision looks at beside the tool and its arguments.

    role, teams, plan: the person's role and teams, the workspace's plan ("" where it has none). tools: what the agent
    role may use. budget_left_percent: of the month's budget. under_way: the run has begun. at: when (UTC).
    outside_plan: it could carry what a source said to where no plan sends it.
    """

    workspace: str
    person: int
    role: str
    agent: str
    agent_version: str
    mode: str
    at: datetime
    scopes: frozenset[str]
    tools: frozenset[str]
    teams: frozenset[int] = frozenset()
    plan: str = ""
    autonomy: str = "act"
    budget_left_percent: int = 100
    under_way: bool = True
    approved: bool = False
    capability: bool = False
    outside_plan: bool = False

    def but(self, **changes: Any) -> Facts:
        """Return these facts with some of them changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Question:
    """A request and the entities it names, as Cedar takes them."""

    request: dict[str, Any]
    entities: list[dict[str, Any]] = field(repr=False)


def about(tool: Tool, arguments: Mapping[str, Any], facts: Facts) -> Question:
    """Put a call to Cedar. The arguments have been checked against the tool's schema."""
    return Question(
        {
            "principal": _id("Agent", facts.agent),
            "action": _id("Action", tool.name),
            "resource": _id("Tool", tool.name),
            "context": _context(tool, arguments, facts),
        },
        [_agent(facts), _person(facts), _workspace(facts), _tool(tool, arguments, facts)],
    )


def _context(tool: Tool, arguments: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    at = facts.at.astimezone(UTC)
    context: dict[str, Any] = {
        "approved": facts.approved, "capability": facts.capability, "under_way": facts.under_way, "mode": facts.mode,
        "outside_plan": facts.outside_plan, "budget_left_percent": facts.budget_left_percent,
        "arguments": vocabulary.fit(arguments, tool.input),
        "now": {"hour": at.hour, "weekday": WEEKDAYS[at.weekday()], "day": at.day, "month": at.month, "year": at.year},
    }  # fmt: skip
    if operation := tool.operation(arguments):
        context["operation"] = operation
    return context


def _agent(facts: Facts) -> dict[str, Any]:
    return {
        "uid": _id("Agent", facts.agent),
        "attrs": {
            "name": facts.agent, "version": facts.agent_version, "autonomy": facts.autonomy,
            "person": _entity("User", str(facts.person)), "workspace": _entity("Workspace", facts.workspace),
            "scopes": sorted(facts.scopes), "tools": sorted(facts.tools),
        },
        "parents": [_id("AgentRole", facts.agent), _id("Workspace", facts.workspace)],
    }  # fmt: skip


def _person(facts: Facts) -> dict[str, Any]:
    teams = [_id("Team", str(team)) for team in sorted(facts.teams)]
    parents = [_id("Role", facts.role), _id("Workspace", facts.workspace), *teams]
    return {"uid": _id("User", str(facts.person)), "attrs": {"role": facts.role}, "parents": parents}


def _workspace(facts: Facts) -> dict[str, Any]:
    attrs = {"plan": facts.plan} if facts.plan else {}
    return {"uid": _id("Workspace", facts.workspace), "attrs": attrs, "parents": []}


def _tool(tool: Tool, arguments: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    asked = tool.asks_about(arguments)
    attrs = {
        "name": tool.name, "version": tool.version, "protocol": tool.protocol, "scope": tool.scope,
        "network": tool.network, "effect": tool.effect, "asks": asked.approvers if asked else "",
        "business_hours": tool.business_hours, "credits": tool.credits(arguments),
        "micro_dollars": tool.micro_dollars,
    }  # fmt: skip
    if tool.plans is not None:
        attrs["plans"] = sorted(tool.plans)
    return {"uid": _id("Tool", tool.name), "attrs": attrs, "parents": [_id("Workspace", facts.workspace)]}


def _id(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _entity(kind: str, name: str) -> dict[str, dict[str, str]]:
    return {"__entity": _id(kind, name)}

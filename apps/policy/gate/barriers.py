"""What is asked of a call before any policy: the registry and its switches, pauses, arguments, the agent's own rule.

A call, its preview and its simulation ask these same functions, in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.lib import jsonschema
from apps.policy.registry import switches
from apps.policy.registry.definitions import Tool
from apps.policy.registry.standing import Standing
from apps.policy.registry.switches import Refusal

# Which barrier refuses, by the outcome.
PLACES = {
    "unregistered": "registry", "declared": "registry", "deprecated": "registry", "rate_limit": "registry",
    "disabled": "switch", "changed": "switch", "plan": "plan", "paused": "pause", "arguments": "arguments",
    "mode": "mode", "agent": "agent", "agent_tool": "agent", "runaway": "agent",
}  # fmt: skip


def refusal(
    tool: Tool | None, *, name: str, arguments: Mapping[str, Any], mode: str, at: datetime, stands: Standing
) -> Refusal | None:  # fmt: skip
    """Say why a call is not put to the policies at all, or None. stands: as `standing.read` found it just now."""
    if refused := switches.refusal(tool, name=name, at=at, now=stands.setting):
        return refused
    if stands.paused:
        return Refusal("paused", stands.paused.sentence())
    if refused := shape(tool, name=name, arguments=arguments):
        return refused
    if mode == "mock" and name in {"web_search", "web_fetch"}:
        return Refusal("mode", "A run in mock mode reads the workspace's own documents and nothing outside.")
    found = stands.refusal(name)
    return Refusal(*found) if found else None


def shape(tool: Tool | None, *, name: str, arguments: Mapping[str, Any]) -> Refusal | None:
    """Say why nobody could make such a call in any workspace, or None."""
    if tool is None:
        return Refusal("unregistered", f"{name[:120]} is not a registered tool.")
    try:
        jsonschema.check(arguments, tool.input)
    except jsonschema.SchemaMismatch as error:
        return Refusal("arguments", f"{tool.name} does not take these arguments: {error.sentence}")
    return None

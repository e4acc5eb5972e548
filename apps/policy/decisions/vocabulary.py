"""The words that policies may use: a Cedar schema, made from the registered tools and from what a request holds.

Each tool is an action of its own, so that `context.arguments` has the types of its input schema. What Cedar has no
type for (fractions, free-form objects) is left out of `arguments`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from apps.policy.registry.catalogue import Tool

ENTITIES = """\
entity Role;
entity AgentRole;
entity Workspace { plan?: String };
entity Team in [Workspace];
entity User in [Role, Team, Workspace] { role: String };
entity Agent in [AgentRole, Workspace] {
  name: String, version: String, autonomy: String, person: User, workspace: Workspace,
  scopes: Set<String>, tools: Set<String>
};
entity Tool in [Workspace] {
  name: String, version: String, protocol: String, scope: String, network: String, effect: String,
  plans?: Set<String>, asks: String, business_hours: Bool, credits: Long, micro_dollars: Long
};
action "call";
"""
CONTEXT = (
    "approved: Bool, capability: Bool, under_way: Bool, outside_plan: Bool, mode: String, "
    "budget_left_percent: Long, operation?: String, "
    "now: { hour: Long, weekday: String, day: Long, month: Long, year: Long }"
)
SIMPLE = {"string": "String", "integer": "Long", "boolean": "Bool"}


def schema_of(tools: Iterable[Tool]) -> str:
    """Return the schema for a set of tools, in Cedar's own notation; equal tools give equal text."""
    every = sorted(tools, key=lambda tool: tool.name)
    scopes = sorted({tool.scope for tool in every})
    lines = [f"action {_quote(f'scope:{scope}')} in [{_quote('call')}];" for scope in scopes]
    return ENTITIES + "\n".join(lines + [_action(tool.name, tool.scope, _kept(tool)) for tool in every]) + "\n"


@lru_cache(maxsize=512)
def _action(name: str, scope: str, arguments: str) -> str:
    record = _record(json.loads(arguments)) or "{}"
    return (
        f"action {_quote(name)} in [{_quote(f'scope:{scope}')}] appliesTo {{\n"
        f"  principal: [Agent], resource: [Tool],\n  context: {{ {CONTEXT}, arguments: {record} }}\n}};"
    )


def _kept(tool: Tool) -> str:
    return json.dumps(tool.input, sort_keys=True)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _record(shape: Mapping[str, Any]) -> str | None:
    properties = shape.get("properties")
    if not isinstance(properties, Mapping):
        return None
    required = set(shape.get("required", ()))
    fields = []
    for name, inner in sorted(properties.items()):
        if found := _type(inner):
            sure = name in required and not _may_be_null(inner)
            fields.append(f"{_quote(name)}{'' if sure else '?'}: {found}")
    return "{ " + ", ".join(fields) + " }" if fields else "{}"


def _type(shape: Any) -> str | None:
    if not isinstance(shape, Mapping):
        return None
    kind = _kind(shape)
    if kind in SIMPLE:
        return SIMPLE[kind]
    if kind == "array":
        inner = _type(shape.get("items"))
        return f"Set<{inner}>" if inner else None
    return _record(shape) if kind == "object" else None


def _kind(shape: Mapping[str, Any]) -> str:
    kind = shape.get("type")
    if isinstance(kind, list):
        rest = [each for each in kind if each != "null"]
        kind = rest[0] if len(rest) == 1 else None
    if kind is None and "enum" in shape and all(isinstance(each, str) for each in shape["enum"]):
        kind = "string"
    return kind if isinstance(kind, str) else ""


def _may_be_null(shape: Any) -> bool:
    return isinstance(shape.get("type"), list) and "null" in shape["type"]


def fit(value: Any, shape: Mapping[str, Any]) -> Any:
    """Return the part of a value that the schema has types for; None where nothing of it has.

    >>> fit({"a": 1, "b": 0.5, "c": ["x"]}, {"properties": {"a": {"type": "integer"}, "b": {"type": "number"},
    ...     "c": {"type": "array", "items": {"type": "string"}}}, "type": "object"})
    {'a': 1, 'c': ['x']}
    """
    kind = _kind(shape)
    if kind == "object" or "properties" in shape:
        properties = shape.get("properties", {})
        return {
            name: fitting for name, inner in properties.items()
            if name in value and _type(inner) and (fitting := fit(value[name], inner)) is not None
        }  # fmt: skip
    if kind == "array":
        return [fit(each, shape["items"]) for each in value]
    return value

"""What a tool is declared to be: read from text, checked field by field, named by the hash of its definition."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from apps.accounts import rules as accounts
from apps.lib import jsonschema
from apps.lib.errors import Invalid
from apps.policy import rules
from apps.policy.registry import schemas

PLANS = ("free", "pro", "enterprise")
SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86_400}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_ROUNDS = {"type": "string", "pattern": r"^(none|[1-9][0-9]{0,5}/(s|min|h|day))$"}
_DAY = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_WHOLE = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 300}
# The shape of one entry of tools.yaml.
ENTRY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "version", "protocol", "scope", "credits", "deadline_seconds", "rate_limit", "plans", "approval", "network",
        "input", "output",
    ],
    "properties": {
        "version": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$", "maxLength": 20},
        "protocol": {"enum": ["builtin", "adapter", "mcp", "rest"]},
        "scope": {"enum": sorted(accounts.SCOPES)},
        "summary": _TEXT,
        "effect": {"enum": ["read", "write", "delete"]},
        "operation": {"type": "string"},
        "touches": _TEXT,
        "undo": _TEXT,
        "credits": {"oneOf": [_WHOLE, {"type": "object", "minProperties": 1, "additionalProperties": _WHOLE}]},
        "micro_dollars": _WHOLE,
        "deadline_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 390},
        "rate_limit": _ROUNDS,
        "plans": {"oneOf": [
            {"const": "any"}, {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(PLANS)}},
        ]},
        "approval": {"oneOf": [{"const": "none"}, {
            "type": "object", "additionalProperties": False, "required": ["rule", "approvers"],
            "properties": {
                "rule": _TEXT,
                "approvers": {"enum": sorted(accounts.MAY)},
                "when": {"type": "object", "minProperties": 1,
                         "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}}},
            },
        }]},
        "network": {"enum": ["none", "provider", "public_web", "deny_all"]},
        "sandbox": {"enum": ["none", "required"]},
        "business_hours": {"type": "boolean"},
        "default": {"enum": ["enabled", "disabled"]},
        "declared": _TEXT,
        "deprecated": {
            "type": "object", "additionalProperties": False, "required": ["since"],
            "properties": {"since": _DAY, "refuse_after": _DAY, "use": {"type": "string"}},
        },
        "input": {"type": "object"},
        "output": {"type": "object"},
    },
}  # fmt: skip
# What holds for every tool of somebody else's server: we know its words, not what it does.
SERVER_SCOPE, SERVER_SECONDS, SERVER_CREDITS, SERVER_RATE = "mcp", 30.0, 1, "60/min"


class BadDefinition(Invalid):
    """A definition can't be used; the sentence names the tool and the path of the field."""

    code = "bad_definition"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in any `seconds`, for a workspace."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Approval:
    """Calls that wait for a yes: all of them, or those whose arguments have one of the values in `when`.

    approvers: an act of accounts' table of roles; whoever may do it may approve.
    """

    rule: str
    approvers: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """`since` then it is on its way out; past `refuse_after` it is refused. use: what to take instead."""

    since: date
    refuse_after: date | None = None
    use: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `hash` pins its whole definition."""

    name: str
    version: str
    protocol: str
    scope: str
    input: Mapping[str, Any]
    output: Mapping[str, Any]
    deadline_seconds: float
    micro_dollars: int
    credits_by: Mapping[str, int] | int
    hash: str
    network: str = "none"
    # read, write or delete: what a call changes. Cedar's policies ask for it (decisions/requests.py).
    effect: str = "read"
    business_hours: bool = False
    plans: frozenset[str] | None = None  # None: every plan
    approval: Approval | None = None
    rate: Rate | None = None
    sandbox: str = "none"
    deprecated: Deprecation | None = None
    # Not empty: it can't be called yet, and this says why.
    declared: str = ""
    enabled_by_default: bool = True
    operation_in: str = ""
    summary: str = ""
    touches: str = ""
    undo: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict, repr=False)
    # Of a tool on a server: which, and what it promises of its structured answer.
    server: str = ""
    structured: Mapping[str, Any] | None = None

    @property
    def asks(self) -> bool:
        """Whether each call needs a person's yes."""
        return self.approval is not None and not self.approval.when

    def asks_about(self, arguments: Mapping[str, Any]) -> Approval | None:
        """Return what these very arguments need a yes for, by the tool's own definition."""
        if self.approval is None:
            return None
        met = all(arguments.get(name) in values for name, values in self.approval.when.items())
        return self.approval if met else None

    def operation(self, arguments: Mapping[str, Any]) -> str:
        """Return which of its operations a call asks for; empty where it has only one."""
        return str(arguments.get(self.operation_in, "")) if self.operation_in else ""

    def credits(self, arguments: Mapping[str, Any]) -> int:
        """Return the price of a call, in credits."""
        if isinstance(self.credits_by, int):
            return self.credits_by
        return self.credits_by[arguments["task"]]


class _Loader(yaml.SafeLoader):
    """Refuses a name that stands twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _value in node.value]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise BadDefinition(f"line {node.start_mark.line + 1}: “{twice}” stands twice.")
        return super().construct_mapping(node, deep)


@lru_cache(maxsize=8)
def parse(text: str) -> dict[str, Tool]:
    """Read a file of tools; the same text is read once. Raises BadDefinition."""
    try:
        found = yaml.load(text, Loader=_Loader)
    except BadDefinition as error:
        raise BadDefinition(f"tools.yaml, {error.sentence}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise BadDefinition(f"tools.yaml{place}: {getattr(error, 'problem', None) or 'not YAML'}.") from error
    if not isinstance(found, dict) or not isinstance(found.get("tools"), dict):
        raise BadDefinition("tools.yaml: “tools” is missing.")
    every = {str(name): _tool(str(name), entry) for name, entry in found["tools"].items()}
    for tool in every.values():
        if tool.deprecated and tool.deprecated.use and tool.deprecated.use not in every:
            raise BadDefinition(f"tools.yaml, {tool.name}: deprecated/use: there is no tool {tool.deprecated.use}.")
    return every


def _tool(name: str, entry: Any) -> Tool:
    place = f"tools.yaml, {name[:60]}"
    if not _NAME.match(name):
        raise BadDefinition(f"{place}: a tool's name is small letters, digits and underscores.")
    try:
        jsonschema.check(entry, ENTRY)
    except jsonschema.SchemaMismatch as error:
        raise BadDefinition(f"{place}: {error.sentence}") from error
    _demand_sense(place, entry)
    for side in ("input", "output"):
        try:
            schemas.demand(entry[side])
        except schemas.BadSchema as error:
            raise BadDefinition(f"{place}: {side}{error.place}: {error.sentence}") from error
    limit, asked, going = entry["rate_limit"], entry["approval"], entry.get("deprecated")
    return Tool(
        name=name, version=entry["version"], protocol=entry["protocol"], scope=entry["scope"], input=entry["input"],
        output=entry["output"], deadline_seconds=float(entry["deadline_seconds"]),
        micro_dollars=entry.get("micro_dollars", 0), credits_by=entry["credits"], hash=rules.digest(entry),
        network=entry["network"], effect=entry.get("effect", "read"), business_hours=entry.get("business_hours", False),
        plans=None if entry["plans"] == "any" else frozenset(entry["plans"]),
        approval=None if asked == "none" else Approval(
            asked["rule"], asked["approvers"], {key: tuple(each) for key, each in asked.get("when", {}).items()}),
        rate=_rate(limit), sandbox=entry.get("sandbox", "none"),
        deprecated=_deprecation(place, going) if going else None, declared=entry.get("declared", ""),
        enabled_by_default=entry.get("default", "enabled") == "enabled", operation_in=entry.get("operation", ""),
        summary=entry.get("summary", ""), touches=entry.get("touches", ""), undo=entry.get("undo", ""),
        definition=entry,
    )  # fmt: skip


def _demand_sense(place: str, entry: Mapping[str, Any]) -> None:
    """Refuse what the shape allows and nobody could keep."""
    known = set(entry["input"].get("properties", {}))
    if entry["protocol"] in {"mcp", "rest"} and "declared" not in entry:
        raise BadDefinition(
            f"{place}: protocol: a tool of protocol {entry['protocol']} in this file needs “declared”: nothing here "
            "calls it. Tools of a server are added on the page of tools."
        )
    if entry.get("operation", "") not in known | {""}:
        raise BadDefinition(f"{place}: operation: the input has no “{entry['operation']}”.")
    if entry["approval"] != "none" and (strange := set(entry["approval"].get("when", {})) - known):
        raise BadDefinition(f"{place}: approval/when: the input has no “{sorted(strange)[0]}”.")
    tasks = entry["input"].get("properties", {}).get("task", {}).get("enum", ())
    if isinstance(entry["credits"], dict) and set(entry["credits"]) != set(tasks):
        raise BadDefinition(f"{place}: credits: a price for each task of the input is needed, and for nothing else.")


def _rate(text: str) -> Rate | None:
    if text == "none":
        return None
    calls, _slash, unit = text.partition("/")
    return Rate(int(calls), SECONDS[unit])


def _deprecation(place: str, given: Mapping[str, str]) -> Deprecation:
    days: dict[str, date] = {}
    for name in ("since", "refuse_after"):
        try:
            if name in given:
                days[name] = date.fromisoformat(given[name])
        except ValueError as error:
            raise BadDefinition(f"{place}: deprecated/{name}: {given[name]} is no day.") from error
    if days.get("refuse_after", days["since"]) < days["since"]:
        raise BadDefinition(f"{place}: deprecated/refuse_after: it lies before “since”.")
    return Deprecation(days["since"], days.get("refuse_after"), given.get("use", ""))


def of_server(server: str, definition: Mapping[str, Any]) -> Tool:
    """Return a tool of a server from what it says of it: name, description, input and output schema.

    The schemas were checked when the server was looked at. What Footnote can't know is taken as the worst: it writes,
    it reaches further than us, it costs a credit.
    """
    return _of_server(server, rules.canonical(definition))


@lru_cache(maxsize=512)
def _of_server(server: str, text: str) -> Tool:
    definition = json.loads(text)
    output, pinned = definition.get("output"), rules.digest(definition)
    return Tool(
        name=f"{server}.{definition['name']}", version=pinned[:12], protocol="mcp", scope=SERVER_SCOPE,
        input=schemas.harmless(definition["input"]), output={"type": "object"}, deadline_seconds=SERVER_SECONDS,
        micro_dollars=0, credits_by=SERVER_CREDITS, hash=pinned, network="server", effect="write",
        rate=_rate(SERVER_RATE), enabled_by_default=False, summary=definition.get("description", ""),
        definition=definition, server=server, structured=schemas.harmless(output) if output is not None else None,
    )  # fmt: skip

"""Load tools.yaml; find a tool, or say why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from apps.lib import ports
from apps.policy import rules

FILE = Path(__file__).resolve().parent.parent / "tools.yaml"


@dataclass(frozen=True, slots=True)
class Tool:
    """One registered tool. `hash` pins its definition."""

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

    def credits(self, arguments: Mapping[str, Any]) -> int:
        """Return the price of a call, in credits."""
        if isinstance(self.credits_by, int):
            return self.credits_by
        return self.credits_by[arguments["task"]]


@lru_cache(maxsize=1)
def tools() -> dict[str, Tool]:
    """Return every registered tool by name."""
    found = yaml.safe_load(FILE.read_text())["tools"]
    return {
        name: Tool(
            name=name, version=entry["version"], protocol=entry["protocol"], scope=entry["scope"],
            input=entry["input"], output=entry["output"], deadline_seconds=float(entry["deadline_seconds"]),
            micro_dollars=int(entry.get("micro_dollars", 0)), credits_by=entry["credits"], hash=rules.digest(entry),
        )
        for name, entry in found.items()
    }  # fmt: skip


def resolve(name: str) -> Tool | None:
    """Return the tool of this name, or None when it is not registered."""
    return tools().get(name)


def _declare() -> dict[str, ports.Port]:
    return {name: ports.declare(f"tool.{name}") for name, tool in tools().items() if tool.protocol == "builtin"}


_builtin = _declare()


def builtin() -> dict[str, ports.Port]:
    """Return the ports of the tools that rooms of ours provide, by tool name."""
    return _builtin

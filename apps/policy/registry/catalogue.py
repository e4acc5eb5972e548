"""The tools that Footnote ships: tools.yaml, and the ports of those that rooms of ours provide."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from apps.lib import ports
from apps.policy.registry import definitions
from apps.policy.registry.definitions import BadDefinition, Tool

__all__ = ["BadDefinition", "Tool", "builtin", "resolve", "tools"]
FILE = Path(__file__).resolve().parent.parent / "tools.yaml"


@lru_cache(maxsize=1)
def tools() -> dict[str, Tool]:
    """Return every registered tool by name. Raises BadDefinition, which names the tool and the field."""
    try:
        return definitions.parse(FILE.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise BadDefinition(f"tools.yaml can't be read: {error}.") from error


def resolve(name: str) -> Tool | None:
    """Return the tool of this name, or None when it is not registered."""
    return tools().get(name)


class _Ports(dict[str, ports.Port]):
    """Where the file is bad a check says so; until then whoever binds a tool finds something to bind it to."""

    def __missing__(self, name: str) -> ports.Port:
        if not re.fullmatch(r"\w+", name):
            raise KeyError(name)
        return ports.Port(f"tool.{name}", many=False)


def _declare() -> dict[str, ports.Port]:
    try:
        names = [name for name, tool in tools().items() if tool.protocol == "builtin"]
    except BadDefinition:
        return _Ports()
    return {name: ports.declare(f"tool.{name}") for name in names}


_builtin = _declare()


def builtin() -> dict[str, ports.Port]:
    """Return the ports of the tools that rooms of ours provide, by tool name."""
    return _builtin

"""Allow, deny, require approval; and by which rule. Deny when anything is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from apps.policy.identity.delegation import Principal
from apps.policy.registry.catalogue import Tool

FILE = Path(__file__).resolve().parent.parent / "policies" / "base.yaml"


@dataclass(frozen=True, slots=True)
class Decision:
    """`verdict` is allow, deny or require_approval; `rule` says which rule, `sentence` why."""

    verdict: str
    rule: str
    sentence: str = ""


@lru_cache(maxsize=1)
def rulebook() -> dict[str, Any]:
    """Return the shipped rules as data."""
    shipped: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return shipped


def decide(principal: Principal, tool: Tool) -> Decision:
    """Decide about one call. A scope that the person did not lend is a deny; then the rules in order."""
    if tool.scope not in principal.scopes:
        return Decision("deny", "scope", f"The run was not lent the scope “{tool.scope}” that {tool.name} needs.")
    for rule in rulebook()["rules"]:
        if rule["tool"] in {"*", tool.name}:
            return Decision(rule["verdict"], rule["id"], rule.get("sentence", ""))
    return Decision("deny", "no_rule", f"No rule allows {tool.name}.")

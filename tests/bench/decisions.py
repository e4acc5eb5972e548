"""What a full decision of the gate costs with 200 policies, against one durable commit in the same run."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from apps.policy.decisions import decide, rulebook
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Version
from apps.policy.registry import catalogue

OWN = 200


def text(count: int = OWN) -> str:
    """Write so many policies that all look at the arguments of a search."""
    return "\n".join(
        f'@id("own-{n}") forbid (principal, action == Action::"web_search", resource)\n'
        f'when {{ context.arguments.query like "*secret{n}*" }};'
        for n in range(count)
    )  # fmt: skip


def times(count: int = 2000) -> list[float]:
    """Time decisions in Python, in seconds, sorted: what Cedar is asked, its answer, and its reason."""
    version = Version(1, rulebook.checked(text(), catalogue.tools()))
    tool = catalogue.tools()["web_search"]
    known = Facts(
        workspace="acme", person=7, role="researcher", agent="planner_retriever", agent_version="r", mode="live",
        at=datetime.now(UTC), scopes=frozenset({"search"}), tools=frozenset({"web_search"}), plan="pro",
    )  # fmt: skip
    taken = []
    for n in range(count):
        began = time.perf_counter()
        decision = decide.decide(tool, {"query": f"how high is dam {n}"}, known, version)
        taken.append(time.perf_counter() - began)
        assert decision.verdict == "allow", decision
    return sorted(taken)


def line(taken: list[float]) -> str:
    """Say what came out."""
    p95 = taken[int(len(taken) * 0.95)] * 1000
    return f"decision with {OWN} own policies: p50 {statistics.median(taken) * 1000:.2f} ms, p95 {p95:.2f} ms"

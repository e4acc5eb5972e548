"""Pure: legal states, back-off, and what a finished task sets free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

RUN_STATES = ("queued", "running", "waiting_approval", "completed", "failed", "rejected", "cancelled", "expired")
ENDED = frozenset({"completed", "failed", "rejected", "cancelled", "expired"})
TASK_STATES = ("pending", "queued", "running", "waiting", "retrying", "succeeded", "skipped", "failed", "cancelled")
FINISHED = frozenset({"succeeded", "skipped"})


def backoff(base_seconds: float, attempt: int, *, most: float = 300.0) -> float:
    """Seconds to wait after a failed attempt: the base, doubled for each attempt before.

    >>> [backoff(2, n) for n in (1, 2, 3)]
    [2.0, 4.0, 8.0]
    """
    return float(min(most, base_seconds * 2 ** (attempt - 1)))


def missing_at_start(needs: Iterable[str], expanders: Mapping[str, str]) -> int:
    """Count what a task needs when its run begins.

    needs: step keys. expanders: fan-out step → the step that adds its tasks. A need of a plain step counts one;
    a need of a fan-out step counts one until its expander has finished and said how many tasks there are.

    >>> missing_at_start(["plan", "search"], {"search": "plan"})
    2
    """
    return len(set(needs))


def deltas(
    finished: str, added: Mapping[str, int], needs: Mapping[str, tuple[str, ...]], expanders: Mapping[str, str]
) -> dict[str, int]:
    """Say by how much each step's `missing` changes when a task of step `finished` ends.

    added: fan-out step → tasks that `finished` adds. needs: step → what it needs. Zero changes are left out.

    >>> deltas("plan", {"search": 3}, {"select": ("plan", "search")}, {"search": "plan"})
    {'select': 1}
    >>> deltas("search", {}, {"select": ("plan", "search")}, {"search": "plan"})
    {'select': -1}
    """
    changes = {}
    for step, needed in needs.items():
        change = 0
        for need in set(needed):
            if need == finished:
                change -= 1
            if expanders.get(need) == finished:
                change += added.get(need, 0) - 1
        if change:
            changes[step] = change
    return changes

"""What runs of this workspace cost, to learn from what the next one will."""

from __future__ import annotations

from apps.research.models import Inquiry
from apps.research.rules import DEPTHS, MOST_PAST

# Depth → (what a run could have cost at most, what it cost), the newest first.
Past = dict[str, tuple[tuple[int, int], ...]]


def past(mode: str) -> Past:
    """Return what the newest completed runs in a mode cost, in credits, by depth."""
    found: dict[str, list[tuple[int, int]]] = {}
    rows = Inquiry.objects.filter(mode=mode, used__isnull=False).order_by("-created_at")
    for depth, most, used in rows.values_list("depth", "most", "used")[: MOST_PAST * len(DEPTHS)]:
        found.setdefault(depth, []).append((most, used or 0))
    return {depth: tuple(costs) for depth, costs in found.items()}

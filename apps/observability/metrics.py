"""Counters and durations of this process, in the Prometheus text format."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

BUCKETS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10.0, 60.0)
_lock = threading.Lock()
_counts: dict[tuple[str, tuple[tuple[str, str], ...]], float] = defaultdict(float)


def count(name: str, by: float = 1, /, **labels: str) -> None:
    """Add to a counter."""
    with _lock:
        _counts[f"footnote_{name}", tuple(sorted(labels.items()))] += by


@contextmanager
def timed(name: str, **labels: str) -> Iterator[None]:
    """Measure a block as a histogram of seconds."""
    began = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - began
        count(f"{name}_sum", seconds, **labels)
        count(f"{name}_count", **labels)
        for bound in BUCKETS:
            if seconds <= bound:
                count(f"{name}_bucket", le=str(bound), **labels)
        count(f"{name}_bucket", le="+Inf", **labels)


def text() -> str:
    """Return every figure as one Prometheus text."""
    with _lock:
        rows = sorted(_counts.items())
    lines = []
    for (name, labels), value in rows:
        inner = ",".join(f'{key}="{_escape(label)}"' for key, label in labels)
        lines.append(f"{name}{{{inner}}} {value:g}" if inner else f"{name} {value:g}")
    return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

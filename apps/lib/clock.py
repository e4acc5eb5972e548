"""The one place that asks what time it is; tests stop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_stopped: list[datetime] = []


def now() -> datetime:
    """Return the time, in UTC, with microseconds."""
    return _stopped[-1] if _stopped else datetime.now(UTC)


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Stop the clock at a moment; for tests."""
    _stopped.append(at)
    try:
        yield
    finally:
        _stopped.pop()

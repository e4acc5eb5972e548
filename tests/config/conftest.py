"""Homes of their own, and the supervisor's command line with stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.serving import Served


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet, with no services named in the environment."""
    for name in ("DATABASE_URL", "REDIS_URL", "FOOTNOTE_HOME", "FOOTNOTE_WEB_PORT", "FOOTNOTE_PUBLIC_ORIGIN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[..., Served]]:
    """Start supervisors with stand-ins; whatever still runs at the end is stopped."""
    started: list[Served] = []

    def start(*words: str, at: Path | None = None, **extra: str) -> Served:
        started.append(Served(at or home, *(words or ("run",)), **extra))
        return started[-1]

    yield start
    for served in started:
        if served.child.poll() is None:
            served.end()

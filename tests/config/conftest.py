"""Homes of their own, and the supervisor's command line with stand-ins."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import embedded
from tests.config.serving import Served

STEERING = ("DATABASE_URL", "REDIS_URL", "FOOTNOTE_HOME", "FOOTNOTE_WEB_PORT", "FOOTNOTE_PUBLIC_ORIGIN")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet, with no services named in the environment."""
    for name in STEERING:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is laid out, stopped; laying one out costs more than most tests."""
    place = tmp_path_factory.mktemp("template") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in STEERING:
            patch.delenv(name, raising=False)
        embedded.start(place).stop()
    return place


@pytest.fixture
def laid_out(home: Path, template: Path) -> Path:
    """A home with a database in it, as the last session left it."""
    return shutil.copytree(template, home)


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

"""A supervisor with stand-ins as a program of its own, and questions to ask the machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

REPOSITORY = Path(__file__).resolve().parents[2]
STANDINS = Path(__file__).with_name("standin_supervisor.py")
PROVIDER_KEYS = {"OPENAI_API_KEY": "sk-secret", "TAVILY_API_KEY": "tvly-secret", "SEARXNG_URL": "http://127.0.0.1:9"}


class Served:
    """A supervisor with stand-ins, as a program of its own."""

    def __init__(self, home: Path, *words: str, **extra: str) -> None:
        self.home = home
        env = clean_environment(home) | PROVIDER_KEYS | extra
        command = [sys.executable, str(STANDINS), *words]
        self.output = home.with_name(f"{home.name}-{time.monotonic_ns()}.out")
        with self.output.open("w") as stream:
            # Tests that run under nohup must not teach a supervisor to ignore SIGHUP.
            self.child = subprocess.Popen(
                command, cwd=REPOSITORY, env=env, stdout=stream, stderr=stream,
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )  # fmt: skip

    def text(self) -> str:
        """Return all it has printed so far."""
        return self.output.read_text()

    def await_text(self, wanted: str, seconds: float = 30) -> Served:
        """Wait until it has printed something, while it lives."""
        wait_until(lambda: wanted in self.text() or self.child.poll() is not None, seconds)
        assert wanted in self.text(), self.text()
        return self

    def await_serving(self) -> Served:
        """Wait until everything is up."""
        return self.await_text("Footnote answers at")

    def end(self, number: int = signal.SIGTERM, seconds: float = 40) -> int:
        """Signal it and return its exit code."""
        self.child.send_signal(number)
        return self.child.wait(seconds)

    def environment(self, name: str) -> dict[str, str]:
        """Return what a stand-in was given."""
        wait_until((self.home / f"{name}.env.json").exists)
        return json.loads((self.home / f"{name}.env.json").read_text())


def clean_environment(home: Path) -> dict[str, str]:
    """Return our environment without what would steer the services, pointed at a home."""
    steering = ("DATABASE_URL", "REDIS_URL", "FOOTNOTE_", "ONESHOT", "DJANGO_SETTINGS_MODULE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return kept | {"FOOTNOTE_HOME": str(home), "PYTHONPATH": str(REPOSITORY)}


def wait_until(true: Callable[[], object], seconds: float = 15) -> None:
    """Wait until something is so; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Say whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ask(url: str, question: str) -> object:
    """Return the one value that a database answers."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None

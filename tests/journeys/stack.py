"""The real processes, for journeys: web, gate, worker, scheduler on a home of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded import free_port
from config.supervisor.stack import stack

SEED = """
from apps.accounts.actions import workspaces
from apps.research.actions import setup
people = {n: workspaces.person(email=f"{n}@example.test", name=n.title(), password="%s") for n in ("alice", "charlie")}
workspaces.create(by=people["alice"], name="Acme", slug="acme")
workspaces.create(by=people["charlie"], name="Globex", slug="globex")
"""


@dataclass(frozen=True)
class Running:
    """Where it answers, and the password of everybody."""

    origin: str
    password: str

    def host(self, slug: str) -> str:
        """Return the origin of a workspace."""
        return self.origin.replace("localhost", f"{slug}.localhost")


@contextmanager
def running(home: Path) -> Iterator[Running]:
    """Start everything, with two workspaces and their owners; stop it again."""
    kept = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")}
    before = os.environ.get("FOOTNOTE_HOME", "")
    os.environ |= {"FOOTNOTE_WEB_PORT": str(free_port()), "FOOTNOTE_HOME": str(home)}
    try:
        with stack(home) as supervisor:
            password = "correct horse battery"
            subprocess.run(
                [sys.executable, "manage.py", "shell", "-c", SEED % password], check=True, capture_output=True,
                env=supervisor.environment("command"),
            )  # fmt: skip
            yield Running(supervisor.stack.web_url, password)
    finally:
        os.environ |= {name: value for name, value in kept.items() if value is not None} | {"FOOTNOTE_HOME": before}
        del os.environ["FOOTNOTE_WEB_PORT"]

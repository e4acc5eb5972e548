"""The real processes on a home of their own, with workspaces full of everything, for browsers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from config.embedded import free_port
from config.supervisor.programs import keep_secrets
from config.supervisor.stack import Supervisor
from tests.servers.loopback import serving
from tests.servers.model import Model
from tests.servers.web import Site

PASSWORD = "correct horse battery"
PAGE = b"<!doctype html><title>Harrow</title><article><h1>Harrow</h1><p>The Harrow dam is 61 metres high.</p></article>"


@dataclass(frozen=True)
class Running:
    """Where it answers, what is in it, and the model and web that its live runs reach."""

    origin: str
    home: Path
    made: dict[str, dict[str, str]]
    model: Model
    password: str = PASSWORD
    opened: list[str] = field(default_factory=list)

    def host(self, slug: str = "acme") -> str:
        """Return the origin of a workspace; of the apex for `apex`."""
        return self.origin if slug == "apex" else self.origin.replace("localhost", f"{slug}.localhost")

    def run(self, name: str) -> str:
        """Return the address of a run by what it was made for."""
        return f"{self.host()}/research/{self.made['runs'][name]}"

    def mail(self, to: str, *, holds: str = "") -> str:
        """Wait for a mail to an address and return its text."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for path in (self.home / "mail").glob("*"):
                message = message_from_bytes(path.read_bytes().split(b"\n---", 1)[0], policy=policy.default)
                part = message.get_body(("plain",))
                text = part.get_content() if part else ""
                if to in str(message["To"]) and holds in text:
                    return text
            time.sleep(0.2)
        raise AssertionError(f"no mail to {to}")


@contextmanager
def running(home: Path) -> Iterator[Running]:
    """Start everything on a home with its workspaces filled; stop it again."""
    model, site = Model(), Site({"/harrow": ("text/html", PAGE)})
    with ExitStack() as kept:
        model_at = kept.enter_context(serving(model.handler()))
        site_at = kept.enter_context(serving(site.handler()))
        supervisor = Supervisor(home)
        kept.callback(supervisor.close)
        _stoppers.append(supervisor.close)
        # Only while it starts: the other tests of this process have services of their own in the environment.
        with _environment(home, model_at, site_at):
            supervisor.open()
            supervisor.run("prepare", show=False)
            made = _fill(supervisor, home)
            supervisor.launch()
        yield Running(supervisor.stack.web_url, home, made, model)


@contextmanager
def _environment(home: Path, model: str, site: str) -> Iterator[None]:
    given = {
        "FOOTNOTE_HOME": str(home), "FOOTNOTE_WEB_PORT": str(free_port()), "OPENAI_API_KEY": "sk-none",
        "OPENAI_BASE_URL": f"{model}/v1", "SEARCH_PROVIDER": "searxng", "SEARXNG_URL": site,
        "FOOTNOTE_FETCH_LOOPBACK_HOSTS": site.removeprefix("http://"), "FOOTNOTE_STYLEGUIDE": "1",
    }  # fmt: skip
    gone = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "FOOTNOTE_GATE_URL")
    before = {name: os.environ.get(name) for name in (*given, *gone)}
    for name in gone:
        os.environ.pop(name, None)
    os.environ |= given
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _fill(supervisor: Supervisor, home: Path) -> dict[str, dict[str, str]]:
    """Fill the workspaces before anything else runs: steps are driven in that one process, so nothing races."""
    out = home / "made.json"
    environment = supervisor.environment("command") | keep_secrets(home) | {"AGENT_STEP_EXECUTION_MODE": "inline"}
    filled = subprocess.run(
        [sys.executable, "-m", "tests.journeys.seed", str(out), PASSWORD],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert filled.returncode == 0, filled.stderr[-4000:]
    return json.loads(out.read_text())  # type: ignore[no-any-return]


_open: list[Running] = []
_stoppers: list[Callable[[], None]] = []


def stop() -> None:
    """Stop every stack of this process: nobody needs it any more, and idle it takes a quarter of a core."""
    while _stoppers:
        _stoppers.pop()()


@contextmanager
def shared() -> Iterator[Running]:
    """Share one stack between the folders of tests that a process runs; whoever began it ends it."""
    if _open:
        yield _open[0]
        return
    with tempfile.TemporaryDirectory(prefix="footnote-journeys-") as folder, running(Path(folder)) as served:
        _open.append(served)
        try:
            yield served
        finally:
            _open.clear()

"""A gate process, a forge of workers, a sweeper and a scripted model: the whole engine, to be broken."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error

from apps.accounts import tenancy
from apps.runtime import queries, rules, sweeper
from config.embedded import free_port
from tests.servers.loopback import serving
from tests.servers.model import Model

LEASE = "1.0"


@dataclass
class Gate:
    """The gate as a process that can be killed and started again on its port."""

    env: dict[str, str]
    port: int = field(default_factory=free_port)
    child: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        words = ["gunicorn", "config.gate:application", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"]
        words += ["--threads", "16", "--timeout", "0", "--no-control-socket", "--log-level", "warning"]
        self.child = subprocess.Popen(
            [sys.executable, "-m", *words], env=self.env | {"FOOTNOTE_PROCESS": "gate"}, start_new_session=True
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the gate did not become ready")

    def kill(self) -> None:
        """Kill it with everything it started."""
        if self.child:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self.child = None


@dataclass
class Rig:
    """One of each; `worker(point)` gives a worker that dies at that write point."""

    gate: Gate
    model: Model
    forge: subprocess.Popen
    folder: Path
    forge_env: dict[str, str] = field(default_factory=dict)
    alive: list[int] = field(default_factory=list)

    def worker(self, point: int = 0) -> Path:
        """Fork a worker; return the file in which it notes how many write points it passed."""
        path = self.folder / f"points-{time.monotonic_ns()}"
        self.alive.append(int(self._ask(f"worker {point} {path}")))
        return path

    def stop_workers(self) -> list[str]:
        """Kill every worker; say which had died by themselves."""
        answers = [self._ask(f"stop {pid}") for pid in self.alive]
        self.alive.clear()
        return answers

    def _ask(self, line: str) -> str:
        self.forge.stdin.write(f"{line}\n")
        self.forge.stdin.flush()
        return self.forge.stdout.readline().strip()


def passed(path: Path) -> int:
    """Return how many write points a worker passed."""
    body = path.read_bytes()
    return struct.unpack("<q", body)[0] if len(body) == 8 else 0


def wait(schema: str, run: str, *, seconds: float = 60, until: frozenset[str] = rules.ENDED) -> str:
    """Wait until a run is in one of some states; return the one it is in."""
    deadline = time.monotonic() + seconds
    state = "unknown"
    while state not in until and time.monotonic() < deadline:
        try:
            with tenancy.in_workspace(schema):
                state = queries.run(run).state
        except Error:
            tenancy.close()
        time.sleep(0.02)
    return state


@contextmanager
def sweeping(every: float = 0.1) -> Iterator[None]:
    """Sweep in a side thread, as the scheduler does."""
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(every):
            with suppress(Exception):
                sweeper.sweep()
            with suppress(Exception):
                tenancy.close()

    thread = threading.Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def forged(env: dict[str, str]) -> subprocess.Popen:
    """Start a forge and wait until it is ready."""
    forge = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.forge"], env=env | {"FOOTNOTE_PROCESS": "worker"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert forge.stdout.readline().strip() == "ready"
    return forge


def melt(rig: Rig) -> None:
    """End a forge and its workers."""
    rig.stop_workers()
    with suppress(ProcessLookupError):
        os.killpg(rig.forge.pid, signal.SIGKILL)
    rig.forge.wait()
    for pipe in (rig.forge.stdin, rig.forge.stdout):
        pipe.close()


@contextmanager
def deployed(rig: Rig) -> Iterator[Rig]:
    """Workers of newer code: the same, and a version of the workflow with one step more."""
    newer = Rig(rig.gate, rig.model, forged(rig.forge_env | {"FOOTNOTE_TEST_DEPLOY": "1"}), rig.folder)
    try:
        yield newer
    finally:
        melt(newer)


@contextmanager
def built(folder: Path) -> Iterator[Rig]:
    """Build the rig; take it down again."""
    model = Model()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    with serving(model.handler()) as origin:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test", "AGENT_STEP_EXECUTION_MODE": "dramatiq",
            "FOOTNOTE_LEASE_SECONDS": LEASE, "OPENAI_BASE_URL": f"{origin}/v1", "OPENAI_API_KEY": "k" * 20,
            "FOOTNOTE_BLOB_ROOT": str(settings.BLOB_ROOT),
        }  # fmt: skip
        gate = Gate(env)
        env["FOOTNOTE_GATE_URL"] = gate.url
        gate.start()
        rig = Rig(gate, model, forged(env), folder, env)
        try:
            yield rig
        finally:
            melt(rig)
            gate.kill()

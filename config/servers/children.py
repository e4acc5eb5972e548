"""Start a child that does not outlive its parent, and the ordinary user that servers run as."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import CannotStart, explain_error

NOBODY = 65534
PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 10_000_000
UNSHARE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
# A change of user clears the death signal; "keep" sets it again afterwards.
SETPRIV = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig", "keep", "--")

# Python warns about a child that is forgotten while it runs, and these are known by their marks only.
_KEPT: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Runner:
    """The words put before a command so that it does not run as root, and who then owns its files."""

    prefix: tuple[str, ...]
    uid: int


def choose_runner(binary: Path) -> Runner:
    """Choose how to run a server that refuses to be root.

    Raises CannotStart when this is root and neither way of giving that up works here.
    """
    if os.geteuid() != 0:
        return Runner((), os.geteuid())
    for runner in (Runner(UNSHARE, 0), Runner(SETPRIV, NOBODY)):
        if shutil.which(runner.prefix[0]) and _runs([*runner.prefix, str(binary), "--version"]):
            return runner
    raise CannotStart(
        "Postgres does not run as root, and neither unshare nor setpriv (package util-linux) can start it as an "
        f"ordinary user that may read {binary.parent}: run this as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def open_log(path: Path) -> int:
    """Open a log for appending and return its descriptor; one above 10 MB is put aside as `.1` first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise explain_error(error, path) from error


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    dies_by: int | None = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, writing to `log`.

    `dies_by` is the signal the kernel sends it when the thread that called this ends, however it ends;
    None lets the child live on. Call it from the main thread.
    """
    output = open_log(log)
    try:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            # One system call, prepared before the fork.
            preexec_fn=_leash(dies_by),
        )
    except OSError as error:
        raise explain_error(error, Path(command[0])) from error
    finally:
        os.close(output)
    _KEPT.append(child)
    return child


def reap() -> None:
    """Take note of the children that have ended, so that none stays behind as a zombie."""
    _KEPT[:] = [child for child in _KEPT if child.poll() is None]


def own(path: Path, uid: int) -> None:
    """Give a file, or a folder and all it holds, to a user, when root left it to another."""
    if os.geteuid() != 0 or path.stat().st_uid == uid:
        return
    for folder, _, names in os.walk(path):
        for name in names:
            os.chown(os.path.join(folder, name), uid, uid, follow_symlinks=False)
        os.chown(folder, uid, uid)
    os.chown(path, uid, uid)


def tail(path: Path, limit: int = 4000) -> str:
    """Return the end of a log file, at most `limit` bytes of it."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - limit))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


@cache
def _prctl() -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), "prctl", None)


def _leash(number: int | None) -> Callable[[], None] | None:
    prctl = _prctl()
    if number is None or prctl is None:
        return None

    def leash() -> None:
        prctl(PR_SET_PDEATHSIG, number)

    return leash


def _runs(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

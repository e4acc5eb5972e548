"""Small JSON files that only their owner may read, and the lock beside them."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import CannotStart, explain_error

REPOSITORY = Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """Return where this copy of Footnote keeps its state: FOOTNOTE_HOME, else var/default."""
    chosen = os.environ.get("FOOTNOTE_HOME")
    return Path(chosen).expanduser().resolve() if chosen else REPOSITORY / "var" / "default"


def prepare_home(home: Path) -> Path:
    """Make the home, closed to other users, and return its absolute path.

    Raises CannotStart when the disk is full or read-only or the folder belongs to somebody else.
    """
    try:
        if not home.exists():
            home.mkdir(parents=True, mode=0o700)
        return home.resolve(strict=True)
    except OSError as error:
        raise explain_error(error, home) from error


def read(path: Path) -> dict[str, Any]:
    """Return what a state file holds; nothing when it is missing, cut short or not ours to read."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write(path: Path, value: dict[str, Any]) -> None:
    """Replace a state file as a whole, readable by its owner only.

    Raises CannotStart when the disk refuses.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as stream:
            json.dump(value, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise explain_error(error, path.parent) from error


def take_lock(path: Path) -> int | None:
    """Take a lock until the returned descriptor is closed or this process ends; None when another holds it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise explain_error(error, path) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def locked(path: Path, seconds: float = 60) -> Iterator[None]:
    """Hold a lock for a while, waiting for whoever has it.

    Raises CannotStart when it is not free within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while (descriptor := take_lock(path)) is None:
        if time.monotonic() > deadline:
            raise CannotStart(f"Somebody else has been starting or stopping {path.parent} for over {seconds:.0f} s.")
        time.sleep(0.05)
    try:
        yield
    finally:
        os.close(descriptor)

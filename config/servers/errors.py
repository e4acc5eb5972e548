"""What stops a server or a program from starting, as one sentence for the person at the keyboard."""

from __future__ import annotations

import errno
from pathlib import Path

from apps.lib.errors import ProductError

CLUES = {
    "No space left on device": "the disk is full; free some space, or set FOOTNOTE_HOME to a folder on another disk",
    "Disk quota exceeded": "the disk quota is used up; free some space, or set FOOTNOTE_HOME to a folder elsewhere",
    "Read-only file system": "the disk is read-only; set FOOTNOTE_HOME to a folder that can be written",
    "Permission denied": "a folder or file there belongs to another user; run as its owner, or set FOOTNOTE_HOME",
    "could not map anonymous shared memory": "there is too little memory; it needs about 200 MB",
    "database files are incompatible": "its files are of another Postgres version; set FOOTNOTE_HOME to a new folder",
    "Bad file format reading the append only file": "its append-only file is damaged; move it away and start again",
}
CODES = {
    errno.ENOSPC: CLUES["No space left on device"],
    errno.EDQUOT: CLUES["Disk quota exceeded"],
    errno.EROFS: CLUES["Read-only file system"],
    errno.EACCES: CLUES["Permission denied"],
    errno.EPERM: CLUES["Permission denied"],
}


class CannotStart(ProductError):
    """Something Footnote needs on this machine does not start."""

    code = "cannot_start"
    status = 503


class AlreadyServed(CannotStart):
    """Another supervisor already serves this home."""

    code = "already_served"


class CommandFailed(CannotStart):
    """One of our own commands did not succeed."""

    code = "command_failed"


def explain_error(error: OSError, path: Path) -> CannotStart:
    """Turn a failed file operation below `path` into a sentence that says what to do."""
    reason = CODES.get(error.errno or 0) or (error.strerror or str(error))
    return CannotStart(f"{path} cannot be used: {reason}.")


def explain_log(name: str, place: Path, text: str) -> CannotStart:
    """Turn what a server wrote before it gave up into a sentence; `place` is its log or folder."""
    for clue, reason in CLUES.items():
        if clue in text:
            return CannotStart(f"{name} does not start: {reason} (see {place}).")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "rror" in line] or lines or ["it wrote nothing"]
    return CannotStart(f"{name} does not start: {telling[-1][-300:]} (see {place}).")

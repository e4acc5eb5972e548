"""Processes that carry a stack's token: nobody else can, so they are its own, whatever became of their parent."""

from __future__ import annotations

import os
import signal

from config.servers import marks


def stop_leftovers(token: str | None) -> None:
    """Stop every process that carries the token: asked first, killed after 3 s."""
    if not token:
        return
    for number, seconds in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
        left = list(marks.with_environment(_entry(token)))
        for mark in left:
            marks.send(mark, number)
        for mark in left:
            marks.wait_gone(mark, seconds)


def kill_group(leader: int, token: str) -> None:
    """Kill what an ended program left of its process group."""
    for mark in marks.with_environment(_entry(token)):
        try:
            if os.getpgid(mark.pid) == leader:
                marks.send(mark, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _entry(token: str) -> str:
    return f"FOOTNOTE_STACK={token}"

"""Run a parser in a child with hard limits, and read what it says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from apps.library.extraction.results import SENTENCES, Unreadable

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20
WALL_SECONDS = 60  # more than the CPU limit: the machine may be busy
_CHILD = Path(__file__).with_name("child.py")


def parse_apart(
    kind: str,
    body: bytes,
    *,
    name: str,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
    wall_seconds: float = WALL_SECONDS,
) -> dict[str, Any]:
    """Parse a document in a child of its own: {title, text, pages, published_date, warnings}. Raises: Unreadable."""
    command = [sys.executable, "-I", str(_CHILD), kind, str(memory_bytes), str(cpu_seconds), name]
    try:
        done = subprocess.run(  # our own file, our own arguments; the document comes by stdin
            command,
            input=body,
            capture_output=True,
            timeout=wall_seconds,
            cwd="/",
            env={"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("limits") from None
    if done.returncode:
        raise Unreadable("damaged" if -done.returncode in (signal.SIGSEGV, signal.SIGABRT) else "limits")
    return _checked(done.stdout)


def _checked(output: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(output)
    except ValueError:
        raise Unreadable("damaged") from None
    if reply.get("reason"):
        raise Unreadable(reply["reason"], reply.get("sentence") or SENTENCES[reply["reason"]])
    return dict(reply)

"""The child that parses one document: `child.py KIND MEMORY_BYTES CPU_SECONDS NAME < document > JSON`.

It limits itself before it imports a parser, so that no library of ours or theirs runs without limits. It opens no
connection and starts no program: an audit hook refuses both.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import re
import resource
import sys
from importlib.util import find_spec
from pathlib import Path

NOBODY = 65_534
MOST_TEXT = 25_000_000  # characters; more would not be stored
PARSERS = {"pdf": "pdf", "html": "html", "docx": "office", "xlsx": "office"}
_REFUSED = ("socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn")


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Set hard limits on memory, CPU seconds, written files and core dumps of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    leave_the_network()
    become_nobody()
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # no thread and no further process (of others than root)
    sys.addaudithook(refuse)


def leave_the_network() -> None:
    """Go where there is no network, also for code below Python; some containers do not allow it."""
    new_network, new_users = 0x40000000, 0x10000000
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(new_network) != 0:
        unshare(new_users | new_network)


def become_nobody() -> None:
    """Give up root's rights, where others may read our own files and the parsers."""
    if os.geteuid() != 0 or not Path("/proc/self").exists():
        return
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    parsers = [find_spec(name) for name in ("pypdf", "lxml", "docx", "openpyxl", "trafilatura")]
    needed = [__file__, os.__file__, *(spec.origin for spec in parsers if spec and spec.origin)]
    readable = len(needed) == 7 and all(os.access(path, os.R_OK, effective_ids=True) for path in needed)
    os.seteuid(0)
    os.setegid(0)
    if readable:
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def refuse(event: str, arguments: object) -> None:
    """Refuse what a parser has no need of. Raises: PermissionError."""
    if event.startswith(_REFUSED):
        raise PermissionError(event)


def main(kind: str, memory_bytes: str, cpu_seconds: str, name: str) -> None:
    """Parse what comes by stdin and print the reply."""
    limit(int(memory_bytes), int(cpu_seconds))
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    try:
        reply = parse(kind, sys.stdin.buffer.read(), name)
    except (MemoryError, RecursionError):
        reply = {"reason": "limits"}
    sys.stdout.buffer.write(json.dumps(reply).encode("ascii"))


def parse(kind: str, body: bytes, name: str) -> dict[str, object]:
    """Return the parser's result, or {"reason", "sentence"} when it can't read the document."""
    results = importlib.import_module("apps.library.extraction.results")
    parser = importlib.import_module(f"apps.library.extraction.{PARSERS[kind]}")
    try:
        found = dict(parser.read(kind, body, name))
        return found if len(found["text"]) <= MOST_TEXT else {"reason": "limits"}
    except results.Unreadable as error:
        return {"reason": error.reason, "sentence": error.sentence}
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # parsers raise anything at all on damaged input, and when memory ends
        return {"reason": "limits" if _filled_memory() else "damaged", "detail": type(error).__name__}


def _filled_memory() -> bool:
    """Say whether the limit of memory was nearly reached: C parsers call that a syntax error."""
    peak = re.search(r"VmPeak:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii", errors="replace"))
    return peak is not None and int(peak[1]) * 1024 > 0.8 * resource.getrlimit(resource.RLIMIT_AS)[0]


if __name__ == "__main__":
    main(*sys.argv[1:5])

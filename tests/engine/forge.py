"""Workers that are ready at once, and that can be killed at any point where they write.

A process that has loaded everything but opened nothing; on request it forks a worker. `python -m tests.engine.forge`
reads lines on stdin: `worker N FILE` forks a worker that kills itself at write point N (0: never) and notes in FILE
how far it came; `stop PID` ends one. It answers with one line each: the pid, or how it ended.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import django


class Points:
    """Counts write points, before and after each write, in all threads; kills the process at the one chosen."""

    def __init__(self, chosen: int, path: str) -> None:
        self.chosen = chosen
        self.count = 0
        self.lock = threading.Lock()
        self.file = os.open(path, os.O_RDWR | os.O_CREAT)

    def reach(self) -> None:
        """Pass one point."""
        with self.lock:
            self.count += 1
            os.pwrite(self.file, struct.pack("<q", self.count), 0)
            if self.count == self.chosen:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable) -> Callable:
        """Wrap a function that writes."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.reach()
            try:
                return function(*args, **kwargs)
            finally:
                self.reach()

        return wrapped


def arm(points: Points) -> None:
    """Put a point before and after everything that leaves the worker."""
    from django.db.backends.utils import CursorWrapper

    from apps.accounts.postgres.base import DatabaseWrapper
    from apps.lib import blobs
    from apps.policy.gate.client import HttpGate
    from apps.runtime import dispatch, statements

    statements._run = points.around(statements._run)
    blobs.put = points.around(blobs.put)
    HttpGate._post = points.around(HttpGate._post)
    DatabaseWrapper._commit = points.around(DatabaseWrapper._commit)
    dispatch.ring = points.around(dispatch.ring)
    plain = CursorWrapper.execute
    counted = points.around(plain)

    def execute(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        writes = str(sql).lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}
        return (counted if writes else plain)(self, sql, params)

    CursorWrapper.execute = execute


def work(points: Points) -> None:
    """Be a worker until killed."""
    import dramatiq

    arm(points)
    worker = dramatiq.Worker(dramatiq.get_broker(), worker_threads=2, worker_timeout=50)
    worker.start()
    while True:
        time.sleep(1)


def deploy() -> None:
    """Be newer code: the research workflow has a version 3 with one step more, beside version 2."""
    from dataclasses import replace

    from apps.research import workflow as research
    from apps.research.steps.contracts import Published
    from apps.runtime import workflow
    from apps.runtime.workflow import Done, Step

    extra = Step("extra", "governor", lambda context: Done(Published(sentences=0)), Published, needs=("verify",))
    old = research.RESEARCH.steps
    steps = (*old[:-1], extra, replace(old[-1], needs=(*old[-1].needs, "extra")))
    workflow.register(replace(research.RESEARCH, version="3", steps=steps))


def main() -> None:
    """Serve requests for workers."""
    django.setup()
    from apps.integrations.live import openai_llm  # noqa: F401
    from apps.library.extraction import text  # noqa: F401

    if os.environ.get("FOOTNOTE_TEST_DEPLOY"):
        deploy()
    print("ready", flush=True)
    for line in sys.stdin:
        order, *rest = line.split()
        if order == "worker":
            pid = os.fork()
            if pid == 0:
                work(Points(int(rest[0]), rest[1]))
            print(pid, flush=True)
        else:
            pid = int(rest[0])
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                os.kill(pid, signal.SIGKILL)
                _pid, status = os.waitpid(pid, 0)
            print("was dead" if ended else "was alive", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()

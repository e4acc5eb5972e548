"""Ring the doorbell for ready tasks after the commit: inline, or by a Dramatiq message. A lost ring costs seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from django.conf import settings

from apps.lib import ports
from apps.lib.errors import Unavailable
from apps.runtime import lanes

log = logging.getLogger(__name__)
MODES = ("inline", "dramatiq")
# Puts a message on a lane: bound by actors, so that this module names no broker.
enqueue: ports.Port = ports.declare("runtime.enqueue")
alive: ports.Port = ports.declare("runtime.alive")


class _Rung(threading.local):
    """What was rung in this thread, (workspace, run, task) each."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, str, str]] = []


_inline = _Rung()


class QueueDown(Unavailable):
    """The queue does not answer, and AGENT_STEP_QUEUE_STRICT forbids running without it."""

    code = "queue_down"


def mode() -> str:
    """Return how steps run here. Raises Unavailable for a mode that is not there."""
    chosen = settings.AGENT_STEP_EXECUTION_MODE
    if chosen not in MODES:
        raise Unavailable(f"AGENT_STEP_EXECUTION_MODE={chosen} is not one of: {', '.join(MODES)}.")
    return chosen


def check() -> str:
    """Return how a new run will be executed: "dramatiq", "inline", or "fallback" when the queue is down.

    A fallback is safe: nothing was enqueued, and whoever runs a task inline claims it like anybody else.
    Raises QueueDown in strict mode.
    """
    if mode() == "inline":
        return "inline"
    if alive():
        return "dramatiq"
    if settings.AGENT_STEP_QUEUE_STRICT:
        raise QueueDown("The queue does not answer. Nothing was started; try again in a moment.")
    return "fallback"


def ring(*, workspace: str, run: str, ready: Iterable[tuple[str, str]], urgent: bool = False) -> list[str]:
    """Tell the lanes about ready tasks, (task, queue) each; return those for which nobody could be told.

    They stand at the level of the workspace's plan, or at the highest where they are `urgent`. In inline mode the tasks
    are kept for `drain` in this thread.
    """
    unheard = []
    for task, queue in ready:
        if mode() == "inline" and settings.PROCESS == "web":
            # A page must not wait for a run: the scheduler comes round for it.
            continue
        if mode() == "inline":
            _inline.tasks.append((workspace, run, task))
            continue
        try:
            level = lanes.LEVELS - 1 if urgent else lanes.level_of(workspace)
            enqueue(workspace=workspace, run=run, task=task, queue=queue, level=level)
        except Exception as error:
            # The due row is there: the sweeper rings again. A message is only a hint.
            log.warning("no doorbell for %s: %s", task, error)
            unheard.append(task)
    return unheard


def drain(perform: Callable[[str, str, str], None]) -> None:
    """Run what was rung inline in this thread, oldest first, until nothing is left."""
    while _inline.tasks:
        perform(*_inline.tasks.pop(0))

"""Renew the leases of the tasks this process runs, from one side thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings

from apps.accounts import tenancy
from apps.lib import clock
from apps.runtime import statements

log = logging.getLogger(__name__)
_held: dict[tuple[str, str], int] = {}
_lock = threading.Lock()
_wake = threading.Event()
_thread: threading.Thread | None = None


def length() -> timedelta:
    """Return how long a lease lasts without renewal."""
    return timedelta(seconds=settings.LEASE_SECONDS)


@contextmanager
def held(claim: statements.Claim) -> Iterator[None]:
    """Keep a claim's lease alive while the block runs."""
    key = (claim.workspace, claim.task)
    with _lock:
        _held[key] = claim.epoch
        _start()
    try:
        yield
    finally:
        with _lock:
            if _held.get(key) == claim.epoch:
                del _held[key]


def _start() -> None:
    global _thread
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_keep, name="leases", daemon=True)
        _thread.start()


def _keep() -> None:
    while not _wake.wait(settings.LEASE_SECONDS / 3):
        with _lock:
            held_now = [(workspace, task, epoch) for (workspace, task), epoch in _held.items()]
        if not held_now:
            continue
        try:
            with tenancy.as_platform("leases of every workspace are renewed together"):
                statements.renew(held_now, lease_until=clock.now() + length())
        except Exception:
            # A lease that can't be renewed runs out and the epoch fences us; the thread must live on.
            log.warning("leases were not renewed", exc_info=True)
        finally:
            tenancy.close()

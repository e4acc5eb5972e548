"""How many calls may be under way at once, a provider and kind, and no workspace more than half of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from apps.lib.errors import Unavailable

_free = threading.Condition()
_used: Counter[str] = Counter()
_used_by: Counter[tuple[str, str]] = Counter()


class Crowded(Unavailable):
    """Too many calls to this provider are under way."""

    code = "crowded"


@contextmanager
def slot(*, kind: str, workspace: str, wait_seconds: float, slow: bool = False) -> Iterator[None]:
    """Hold one of the places for a kind of call. Raises Crowded when none comes free in time.

    slow: a budget is nearly used, so the workspace's slow calls go one after the other.
    """
    most = max(1, settings.PROVIDER_CONCURRENCY)
    share = 1 if slow else max(1, (most + 1) // 2)
    until = time.monotonic() + wait_seconds
    with _free:
        while _used[kind] >= most or _used_by[kind, workspace] >= share:
            left = until - time.monotonic()
            if left <= 0:
                raise Crowded("Too many calls of this kind are under way. Try again in a moment.")
            _free.wait(left)
        _used[kind] += 1
        _used_by[kind, workspace] += 1
    try:
        yield
    finally:
        with _free:
            _used[kind] -= 1
            _used_by[kind, workspace] -= 1
            _free.notify_all()

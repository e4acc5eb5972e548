"""role → lane, from the environment (AGENT_ROLE_QUEUE_MAP, AGENT_DEFAULT_QUEUE), and how urgent a workspace is in it.

A lane is a queue for each level: its own name for level 0, and `lane-p1`, `lane-p2` above it.
"""

from __future__ import annotations

import time
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.accounts import tenancy
from apps.billing import entitlements

# Plans name a level from 0 up; what a higher one waits for is begun first.
LEVELS = 3
# A plan that has changed counts after so many seconds at the latest.
_FRESH_SECONDS = 30.0
_known: dict[str, tuple[float, int]] = {}


def table() -> dict[str, str]:
    """Parse the map `role:queue,role:queue`. Raises ImproperlyConfigured for an entry without a queue."""
    return _parse(settings.AGENT_ROLE_QUEUE_MAP)


@lru_cache(maxsize=8)
def _parse(given: str) -> dict[str, str]:
    lanes = {}
    for entry in filter(None, (part.strip() for part in given.split(","))):
        role, colon, queue = entry.partition(":")
        if not (role and colon and queue):
            raise ImproperlyConfigured(f"AGENT_ROLE_QUEUE_MAP: “{entry}” is not role:queue.")
        lanes[role.strip()] = queue.strip()
    return lanes


def queue_of(role: str) -> str:
    """Return the queue of a role; unknown roles share the default queue."""
    return table().get(role, settings.AGENT_DEFAULT_QUEUE)


def all_queues() -> tuple[str, ...]:
    """Return every queue there is, without repeats, the default first."""
    return tuple(dict.fromkeys([settings.AGENT_DEFAULT_QUEUE, *table().values()]))


def level_of(workspace: str) -> int:
    """Return the level that a workspace's plan gives its tasks, 0 to LEVELS - 1; 0 where nothing is sold."""
    at, level = _known.get(workspace, (0.0, 0))
    if not at or time.monotonic() - at > _FRESH_SECONDS:
        with tenancy.as_platform("how urgent a workspace's tasks are, by its plan"):
            wanted = entitlements.of(workspace).limit("priority") or 0
        level = max(0, min(LEVELS - 1, wanted))
        _known[workspace] = (time.monotonic(), level)
    return level


def queue_at(queue: str, level: int) -> str:
    """Return the queue of a lane at a level.

    >>> queue_at("agent_general", 0), queue_at("agent_general", 2)
    ('agent_general', 'agent_general-p2')
    """
    return f"{queue}-p{level}" if level else queue

"""role → queue, from the environment (AGENT_ROLE_QUEUE_MAP, AGENT_DEFAULT_QUEUE)."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


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

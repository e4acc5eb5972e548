"""What research says to rooms below: figures for the top bar, hints for streams."""

from __future__ import annotations

import time

from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.research.actions import erasing
from apps.research.queries import inbox

HOUR = 3600.0
_tidied: float | None = None


def figures(*, member: Member) -> dict[str, int]:
    """Return what the top bar shows: credits left, approvals that this member may decide."""
    return {"credits": billing.balance(member.schema).available, "waiting": inbox.waiting(member)}


def tidy() -> None:
    """Erase once an hour what was deleted long ago, or is older than its workspace keeps it."""
    global _tidied
    if _tidied is None or time.monotonic() - _tidied >= HOUR:
        _tidied = time.monotonic()
        erasing.tidy()

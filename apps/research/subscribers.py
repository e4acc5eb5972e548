"""What research says to rooms below, and hears from them: figures for the top bar, hints for streams, an end."""

from __future__ import annotations

import time

from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.research.actions import closing, erasing, samples
from apps.research.queries import inbox

HOUR = 3600.0
_tidied: float | None = None


def figures(*, member: Member) -> dict[str, int]:
    """Return what the top bar shows: credits left, approvals that this member may decide."""
    return {"credits": billing.balance(member.schema).available, "waiting": inbox.waiting(member)}


def first_steps(*, member: Member) -> dict[str, bool]:
    """Tell which first steps were taken in this workspace: a question, a document of its own."""
    return {"sample": bool(inbox.newest(limit=1)), "document": samples.has_own_documents()}


def workspace_closed(*, schema: str, by: int) -> None:
    """Stop what is at work in a workspace that is closed, in the transaction that closes it."""
    closing.stop_all(by=by, schema=schema)


def tidy() -> None:
    """Erase once an hour what was deleted long ago, or is older than it is kept; stop what began too late."""
    global _tidied
    if _tidied is None or time.monotonic() - _tidied >= HOUR:
        _tidied = time.monotonic()
        erasing.tidy()
        closing.stop_late()

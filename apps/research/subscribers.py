"""What research says to rooms below: figures for the top bar, hints for streams."""

from __future__ import annotations

from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.research.queries import inbox


def figures(*, member: Member) -> dict[str, int]:
    """Return what the top bar shows: credits left, approvals that this member may decide."""
    return {"credits": billing.balance(member.schema).available, "waiting": inbox.waiting(member)}

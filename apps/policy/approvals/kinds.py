"""Who decides which kind of approval, and who is told when one moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.lib import ports

STAFF = "platform_staff"
# The platform's staff decide these; everything else belongs to the workspace, unless it hands one over.
STAFF_RULES = frozenset({"goodwill", "mcp_server", "sandbox_grant"})
# A plan is accepted by whoever may research; everything else needs an approver.
NEEDS = {"plan": "research"}


@dataclass(frozen=True, slots=True)
class Moved:
    """What happened to an approval.

    change: asked, delegated, escalated, handed_over, accepted, rejected or expired. by: None for Footnote itself.
    """

    workspace: str
    approval: str
    run: str
    rule: str
    change: str
    by: int | None
    to: int | None
    asked_for: int
    reason: str
    at: datetime
    approver_role: str


# Called inside the transaction of the change, as `moved(event=Moved(…))`.
moved = ports.declare("policy.approval_moved", many=True)


def act_for(rule: str, approver_role: str = "") -> str:
    """Return what a member's role must allow to decide an approval of this rule (a key of accounts' table)."""
    return "oversee" if approver_role == "oversee" else NEEDS.get(rule, "approve")


def decided_by_role(rule: str) -> str:
    """Return who decides an approval of this rule: `approve` in the workspace, or the platform's staff."""
    return STAFF if rule in STAFF_RULES else "approve"

"""Permissions that run out: so many calls of a tool, until a moment, up to so many micro-dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Invalid
from apps.observability import audit
from apps.policy.models import Capability
from apps.policy.registry import agents

MOST_CALLS, MOST_MICRO_DOLLARS, MOST_DAYS = 10_000, 1_000_000_000, 90


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """state: good, used (no call or no money is left), over (its time is), revoked."""

    id: str
    agent: str
    run: str
    tool: str
    calls_left: int
    micro_dollars_left: int
    until: datetime
    reason: str
    by: int
    state: str


def grant(
    *, by: int, tool: str, calls: int, until: datetime, micro_dollars: int, reason: str, agent: str = "", run: str = ""
) -> str:  # fmt: skip
    """Let a tool be called so often where a policy would ask a person each time; return the capability's id.

    agent, run: whose calls; empty for any. Raises: Invalid, which names what is wrong.
    """
    now = clock.now()
    if not tool.strip() or len(tool) > 120 or (agent and agent not in agents.ROLES) or len(run) > 40:
        raise Invalid(_("Choose a tool and an agent."))
    if not 1 <= calls <= MOST_CALLS:
        raise Invalid(_("Allow between 1 and %(most)d calls.") % {"most": MOST_CALLS})
    if not 0 <= micro_dollars <= MOST_MICRO_DOLLARS:
        raise Invalid(_("Allow between 0 and %(most)d dollars.") % {"most": MOST_MICRO_DOLLARS // 1_000_000})
    if not now < until <= now + timedelta(days=MOST_DAYS):
        raise Invalid(_("It may last %(most)d days at most, and ends in the future.") % {"most": MOST_DAYS})
    if not reason.strip():
        raise Invalid(_("Say why."))
    id = ids.new("cap")
    with transaction.atomic():
        Capability.objects.create(
            id=id, agent=agent, run=run, tool=tool, calls_left=calls, micro_dollars_left=micro_dollars, until=until,
            reason=reason.strip()[:500], by=by, at=now,
        )  # fmt: skip
        line = f"{tool}: {calls} calls, {micro_dollars} µ$, until {until:%Y-%m-%d %H:%M}: {reason.strip()}"
        audit.record(by=by, did="capability.granted", to=id, reason=line, workspace=tenancy.current())
    return id


def revoke(*, by: int, id: str, reason: str) -> None:
    """Take a capability back, from the next call on. Raises: Invalid (no reason), Conflict (it was, or never was)."""
    if not reason.strip():
        raise Invalid(_("Say why."))
    with transaction.atomic():
        if not Capability.objects.filter(pk=id, revoked_at=None).update(revoked_at=clock.now()):
            raise Conflict(_("This was taken back already."))
        audit.record(
            by=by, did="capability.revoked", to=id, reason=reason.strip(), workspace=tenancy.current()
        )  # fmt: skip


def consume(*, tool: str, agent: str, run: str, micro_dollars: int) -> str | None:
    """Use up one call and its price of a capability that covers it; return which one, or None where none does.

    The one that ends first is used first. Each is taken by one conditional update: ten askers of the last call get
    one yes.
    """
    for id in _open(tool, agent, run, micro_dollars).order_by("until", "id").values_list("pk", flat=True)[:20]:
        if _open(tool, agent, run, micro_dollars).filter(pk=id).update(
            calls_left=F("calls_left") - 1, micro_dollars_left=F("micro_dollars_left") - micro_dollars
        ):  # fmt: skip
            return id
    return None


def give_back(*, id: str, micro_dollars: int) -> None:
    """Give a capability its call back: the call that used it was not made."""
    Capability.objects.filter(pk=id).update(
        calls_left=F("calls_left") + 1, micro_dollars_left=F("micro_dollars_left") + micro_dollars
    )


def listing() -> list[CapabilityRow]:
    """List the capabilities of this workspace, the newest first; spent ones of the last 200 too."""
    now = clock.now()
    return [
        CapabilityRow(
            row.pk, row.agent, row.run, row.tool, row.calls_left, row.micro_dollars_left, row.until, row.reason, row.by,
            "revoked" if row.revoked_at else "over" if row.until <= now else "used" if row.calls_left < 1 else "good",
        )
        for row in Capability.objects.order_by("-at")[:200]
    ]  # fmt: skip


def _open(tool: str, agent: str, run: str, micro_dollars: int) -> QuerySet[Capability]:
    return Capability.objects.filter(
        Q(agent="") | Q(agent=agent), Q(run="") | Q(run=run), tool=tool, calls_left__gt=0,
        micro_dollars_left__gte=micro_dollars, until__gt=clock.now(), revoked_at=None,
    )  # fmt: skip

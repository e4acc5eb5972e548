"""Tokens beyond a plan: how many a workspace used in its billing period, and what they cost so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.accounts import tenancy
from apps.billing import rules, usage
from apps.billing.models import Entitlement, UsagePeriod
from apps.lib import clock


@dataclass(frozen=True, slots=True)
class Standing:
    """Tokens of a period, and what those beyond the plan cost in micro-dollars. billed: whether anybody asks for it."""

    since: datetime
    until: datetime
    included: int
    used: int
    beyond: int
    micro_dollars: int
    tiers: rules.Tiers
    billed: bool

    @property
    def whole(self) -> int:
        """How many tokens a gauge of what is included shows: never more than there are."""
        return min(self.used, self.included)


def standing(workspace: str) -> Standing | None:
    """Return how many tokens of its plan a workspace used in this period; None where nothing is sold.

    The period is that of the subscription, or the calendar month where there is none.
    """
    now = clock.now()
    row = Entitlement.objects.filter(workspace=workspace).first()
    if row is None:
        return None
    period = UsagePeriod.objects.filter(workspace=workspace, began_at__lte=now, ends_at__gt=now).last()
    month = usage.month(now.date())
    since, until = row.period_began_at or month.since, row.period_ends_at or month.until
    if period is not None:
        since, until = period.began_at, period.ends_at
    used, included = tokens(workspace, since, until), row.limits.get("tokens", 0)
    if period is None:
        return Standing(since, until, included, used, max(0, used - included), 0, (), False)
    beyond, tiers = max(period.noted, used - period.included), rules.tiers_of(period.tiers)
    cost = rules.overage(beyond, tiers)
    return Standing(since, until, period.included, used, beyond, cost, tiers, True)


def tokens(workspace: str, since: datetime, until: datetime) -> int:
    """Return the tokens that a workspace's answered calls of a time are billed by."""
    with tenancy.in_workspace(workspace):
        parts = usage.used_by(by="tool", since=since, until=until)
    return sum(units.tokens_in + units.tokens_out for units in map(usage.units_of, parts))

"""What may this workspace do by its plan? The one place that is asked; the code knows no plan by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.billing import rules
from apps.billing.models import Entitlement
from apps.lib import clock
from apps.lib.errors import Exhausted

FIELDS = (
    "plan", "state", "limits", "features", "overdue_since", "period_ends_at", "trial_ends_at", "ends", "price",
    "customer", "subscription",
)  # fmt: skip


class Unpaid(Exhausted):
    """The workspace's plan was not paid."""

    code = "unpaid"


class BeyondPlan(Exhausted):
    """The workspace's plan does not include so much."""

    code = "beyond_plan"


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What a plan includes. limits: None where nothing is sold and nothing is limited. features: likewise."""

    plan: str
    state: str = "none"
    limits: dict[str, int] | None = None
    features: frozenset[str] | None = None
    overdue_since: datetime | None = None
    period_ends_at: datetime | None = None
    trial_ends_at: datetime | None = None
    ends: bool = False
    price: str = ""
    customer: str = ""
    subscription: str = ""
    sold: bool = field(default=True)

    def limit(self, name: str) -> int | None:
        """Return a figure of the plan, None where it is not limited. name: one of rules.LIMITS."""
        return None if self.limits is None else self.limits.get(name, 0)

    def includes(self, tool: str, plans: Iterable[str] | None) -> bool:
        """Tell whether a tool may be used. plans: those its definition names, None for all."""
        if plans is None:
            return True
        return self.plan in plans if self.features is None else tool in self.features

    @property
    def grace_ends_at(self) -> datetime | None:
        """Return until when everything works on although a payment failed."""
        return self.overdue_since + timedelta(days=settings.GRACE_DAYS) if self.overdue_since else None

    def is_blocked(self, at: datetime) -> bool:
        """Tell whether nothing new is begun until the workspace has paid."""
        return rules.is_blocked(self.state, self.overdue_since, at, timedelta(days=settings.GRACE_DAYS))


def of(workspace: str) -> Entitlements:
    """Return what a workspace may do; everything where nothing is sold."""
    row = Entitlement.objects.filter(workspace=workspace).values(*FIELDS).first()
    if row is None:
        return Entitlements(settings.WORKSPACE_PLAN, sold=False)
    return Entitlements(**{
        **row, "features": frozenset(row["features"]), "customer": row["customer"] or "",
    })  # fmt: skip


def days_kept(*, schema: str) -> int | None:
    """Return for how many days a workspace's plan keeps research, None without a limit."""
    return of(schema).limit("retention_days")


def demand(workspace: str) -> None:
    """Raise Unpaid where nothing new may be begun: a failed payment's days of grace are over, or Stripe gave up."""
    if sentence := refusal(workspace):
        raise Unpaid(sentence)


def refusal(workspace: str) -> str:
    """Say why nothing new may be begun, and what to do; empty where it may."""
    if not of(workspace).is_blocked(clock.now()):
        return ""
    return _("The payment for this workspace's plan failed, so nothing new is begun. Its owners can pay on the page "
             "Plan in the settings; everything goes on at once then.")  # fmt: skip


def demand_room(workspace: str, limit: str, taken: int) -> None:
    """Raise BeyondPlan where a plan's limit is reached. limit: one of rules.LIMITS; taken: how many there are."""
    most = of(workspace).limit(limit)
    if most is not None and taken >= most:
        raise BeyondPlan(SENTENCES[limit](most) % {"most": most}, most=most)


def demand_seat(*, schema: str, taken: int) -> None:
    """Raise BeyondPlan where a workspace's members and open invitations take all the seats of its plan."""
    demand_room(schema, "seats", taken)


def _seats(most: int) -> str:
    return ngettext(
        "This workspace's plan has %(most)d seat, and it is taken. Remove somebody, withdraw an invitation, or "
        "choose a larger plan.",
        "This workspace's plan has %(most)d seats, and all are taken. Remove somebody, withdraw an invitation, or "
        "choose a larger plan.",
        most,
    )


def _monitors(most: int) -> str:
    return ngettext(
        "This workspace's plan has %(most)d monitor, and it is in use. Stop it, or choose a larger plan.",
        "This workspace's plan has %(most)d monitors, and all are in use. Stop one, or choose a larger plan.",
        most,
    )


SENTENCES = {"seats": _seats, "monitors": _monitors}

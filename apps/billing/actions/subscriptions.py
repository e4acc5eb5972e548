"""Make what Stripe says of subscriptions and purchases hold here.

What an event says is never believed: its object is read again from Stripe, because events come late, twice and in any
order. Everything for one customer happens under the lock of its row, so what was read last is written last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from djstripe.models import Product, Subscription

from apps.billing import catalogue, rules
from apps.billing.actions import credits, metering
from apps.billing.actions.asking import ask
from apps.billing.catalogue import Offer
from apps.billing.models import CreditEntry, Entitlement
from apps.lib import clock


def begin(*, schema: str, by: int) -> None:
    """Give a new workspace the plan that costs nothing, where plans are sold."""
    if (offer := catalogue.free()) is not None:
        row, _new = Entitlement.objects.get_or_create(workspace=schema, defaults={"plan": offer.slug})
        _set(row, offer, event="")
        row.save()
        _grant_month(row)


def refresh(*, customer: str, event: str) -> None:
    """Read a customer's subscriptions from Stripe and make them hold here; others' customers change nothing."""
    with transaction.atomic():
        row = Entitlement.objects.select_for_update().filter(customer=customer).first()
        if row is None:
            return
        every, chosen = _subscriptions(customer)
        for each in every:
            Subscription.sync_from_stripe_data(each, api_key=settings.STRIPE_SECRET_KEY)
        if chosen is None:
            _end(row, event)
        else:
            _apply(row, chosen, event)


def credit_topup(*, session: str, event: str) -> None:
    """Grant what was bought once, after reading again that it was paid, by our customer, for something of ours."""
    found = ask(stripe.checkout.Session.retrieve, session, expand=["line_items"])
    with transaction.atomic():
        row = Entitlement.objects.select_for_update().filter(customer=found.get("customer")).first()
        if row is None or found["mode"] != "payment" or found["payment_status"] != "paid":
            return
        for line in found["line_items"]["data"]:
            offer = _offer(line["price"]["product"])
            if offer and offer.credits and not offer.limits["seats"]:
                credits.grant(
                    by=None, workspace=row.workspace, credits=offer.credits * int(line["quantity"]), source="topup",
                    key=f"topup:{session}", note=str(found.get("payment_intent") or ""),
                    expires_at=clock.now() + rules.TOPUP_LASTS,
                )  # fmt: skip


def refresh_plan(*, product: str) -> None:
    """Let a changed Product bind every workspace that has its plan."""
    offer = catalogue.of_product(product)
    if offer is not None:
        Entitlement.objects.filter(plan=offer.slug).update(limits=offer.limits, features=list(offer.features))


def grant_months() -> None:
    """Give this month's credits where the plan costs nothing. A chore of the scheduler; safe to repeat."""
    for row in Entitlement.objects.filter(state="none"):
        _grant_month(row)


@dataclass(frozen=True, slots=True)
class Standing:
    """What Stripe says of a customer now. paid: the Checkout sessions in which something was bought once."""

    plan: str
    state: str
    subscription: str
    paid: frozenset[str]


def standing(customer: str) -> Standing:
    """Ask Stripe how a customer stands, and change nothing. Raises Unavailable."""
    _every, chosen = _subscriptions(customer)
    sessions = ask(stripe.checkout.Session.list, customer=customer, limit=100).auto_paging_iter()
    paid = frozenset(
        str(each["id"]) for each in sessions if each["mode"] == "payment" and each["payment_status"] == "paid"
    )
    if chosen is None:
        free = catalogue.free()
        return Standing(free.slug if free else "", "none", "", paid)
    _line, offer = plan_line(chosen)
    return Standing(offer.slug if offer else "", rules.STATUS[chosen["status"]], str(chosen["id"]), paid)


def _subscriptions(customer: str) -> tuple[list[Any], Any]:
    """Return all of a customer's subscriptions, and the newest that is not over."""
    every = ask(stripe.Subscription.list, customer=customer, status="all", limit=100)["data"]
    live = [each for each in every if each["status"] in rules.STATUS]
    return every, max(live, key=lambda each: int(each["created"]), default=None)


def plan_line(live: Any) -> tuple[Any, Offer | None]:
    """Return the line of a subscription that is a plan of ours, and the plan; the platform's role is on."""
    for line in live["items"]["data"]:
        offer = _offer(line["price"]["product"])
        if offer is not None and (line["price"].get("recurring") or {}).get("usage_type") != "metered":
            return line, offer
    return None, None


def _apply(row: Entitlement, live: Any, event: str) -> None:
    """Write a subscription's plan, state and period to its row, and give the period's credits."""
    line, offer = plan_line(live)
    if offer is None:
        return
    row.state = rules.STATUS[live["status"]]
    row.overdue_since = (row.overdue_since or clock.now()) if row.state in {"past_due", "unpaid"} else None
    row.subscription, row.price = live["id"], line["price"]["id"]
    row.period_began_at = _moment(line.get("current_period_start") or live.get("current_period_start"))
    row.period_ends_at = _moment(line.get("current_period_end") or live.get("current_period_end"))
    row.trial_ends_at = _moment(live.get("trial_end"))
    row.ends = bool(live.get("cancel_at_period_end") or live.get("cancel_at"))
    _set(row, offer, event)
    row.save()
    metering.follow(row, live)
    if row.state in {"trialing", "active"} and row.period_began_at:
        period = f"plan:{row.subscription}:{row.period_began_at:%Y%m%d%H%M%S}"
        _grant(row, period, row.period_ends_at, invoice=str(live.get("latest_invoice") or ""))


def _end(row: Entitlement, event: str) -> None:
    """Fall back to the plan that costs nothing."""
    metering.close(workspace=row.workspace, at=clock.now())
    offer = catalogue.free()
    row.state, row.subscription, row.price, row.ends, row.overdue_since = "none", "", "", False, None
    row.period_began_at = row.period_ends_at = row.trial_ends_at = None
    if offer is not None:
        _set(row, offer, event)
    row.save()
    _grant_month(row)


def _set(row: Entitlement, offer: Offer, event: str) -> None:
    row.plan, row.limits, row.features = offer.slug, offer.limits, list(offer.features)
    row.event, row.changed_at = event or row.event, clock.now()


def _grant_month(row: Entitlement) -> None:
    now = clock.now()
    begins = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    _grant(row, f"plan:free:{begins:%Y%m}", ends)


def _grant(row: Entitlement, period: str, until: datetime | None, invoice: str = "") -> None:
    """Give what the plan brings in a period and was not given yet: an upgrade within it brings the difference."""
    begins = f"{row.workspace}:{period}:"
    given = CreditEntry.objects.filter(workspace=row.workspace, kind="grant", key__startswith=begins)
    total = given.aggregate(total=Sum("credits", default=0))["total"]
    missing = row.limits.get("credits", 0) - total
    if missing > 0 and (until is None or until > clock.now()):
        credits.grant(
            by=None, workspace=row.workspace, credits=missing, key=f"{period}:{total + missing}", source="plan",
            note=row.plan, expires_at=until, invoice=invoice,
        )  # fmt: skip


def _offer(product: str) -> Offer | None:
    if not Product.objects.filter(id=product).exists():
        Product.sync_from_stripe_data(ask(stripe.Product.retrieve, product), api_key=settings.STRIPE_SECRET_KEY)
    return catalogue.of_product(product)


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None

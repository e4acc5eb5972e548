"""Open Checkout and the portal, and make what Stripe says hold here.

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
from django.utils.translation import gettext as _
from djstripe.models import Product, Subscription

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import catalogue, rules
from apps.billing.actions import credits
from apps.billing.catalogue import Offer
from apps.billing.models import CreditEntry, CreditGrant, Entitlement
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid, NotFound, Unavailable
from apps.observability import audit

stripe.max_network_retries = 2
# By which the portal's configuration is known as the one of the plans.
PORTAL = {"footnote": "plans"}


def open_checkout(*, by: int, workspace: str, offer: str, back: str) -> str:
    """Return the address of Stripe's page where a plan or a top-up is paid. back: where the browser returns to.

    Raises: NotFound (nothing of that name is sold), Conflict (there is a plan already: the portal changes it),
    Unavailable (Stripe does not answer).
    """
    with tenancy.as_platform("what is sold"):
        sold = {each.slug: each for each in [*catalogue.plans(), *catalogue.topups()]}
        known = Entitlement.objects.filter(workspace=workspace).first()
    chosen = sold.get(offer)
    if chosen is None or not chosen.cents or known is None:
        raise NotFound(_("This is not sold. Reload the page to see what is."))
    is_plan = bool(chosen.limits["seats"])
    if is_plan and known.state != "none":
        raise Conflict(_("This workspace has a plan already. Change it in the customer portal."))
    customer = known.customer or _customer(by=by, workspace=workspace)
    more: dict[str, Any] = {"mode": "payment"}
    if is_plan:
        more = {"mode": "subscription", "allow_promotion_codes": True}
        if chosen.trial_days and not known.event:
            more["subscription_data"] = {"trial_period_days": chosen.trial_days}
    session = _asked(
        stripe.checkout.Session.create, customer=customer, client_reference_id=workspace,
        line_items=[{"price": chosen.price, "quantity": 1}], success_url=f"{back}?paid=1", cancel_url=back, **more,
    )  # fmt: skip
    return str(session["url"])


def open_portal(*, by: int, workspace: str, back: str) -> str:
    """Return the address of Stripe's page where cards, invoices and the plan are changed.

    Raises: Invalid (nothing was ever bought), Unavailable.
    """
    with tenancy.as_platform("whose customer is it?"):
        customer = Entitlement.objects.filter(workspace=workspace).values_list("customer", flat=True).first()
    if not customer:
        raise Invalid(_("Nothing was bought yet, so there is nothing to change. Choose a plan first."))
    with tenancy.as_platform("the portal is on the record"):
        audit.record(by=by, did="billing.portal", to=customer, workspace=workspace)
    there = _asked(stripe.billing_portal.Configuration.list, active=True, limit=100)["data"]
    ours = [each["id"] for each in there if PORTAL.items() <= dict(each["metadata"] or {}).items()]
    more = {"configuration": ours[0]} if ours else {}
    return str(_asked(stripe.billing_portal.Session.create, customer=customer, return_url=back, **more)["url"])


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
    found = _asked(stripe.checkout.Session.retrieve, session, expand=["line_items"])
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


def take_topup_back(*, charge: str) -> None:
    """Take away what is left of a top-up whose money was given back, in whole."""
    found = _asked(stripe.Charge.retrieve, charge)
    with transaction.atomic():
        row = Entitlement.objects.select_for_update().filter(customer=found.get("customer")).first()
        if row is None or not found.get("refunded") or not found.get("payment_intent"):
            return
        CreditGrant.objects.filter(
            workspace=row.workspace, source="topup", note=found["payment_intent"], left__gt=0
        ).update(expires_at=clock.now())
        credits.expire_due(workspace=row.workspace)


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
    sessions = _asked(stripe.checkout.Session.list, customer=customer, limit=100).auto_paging_iter()
    paid = frozenset(
        str(each["id"]) for each in sessions if each["mode"] == "payment" and each["payment_status"] == "paid"
    )
    if chosen is None:
        free = catalogue.free()
        return Standing(free.slug if free else "", "none", "", paid)
    _line, offer = _ours(chosen)
    return Standing(offer.slug if offer else "", rules.STATUS[chosen["status"]], str(chosen["id"]), paid)


def _subscriptions(customer: str) -> tuple[list[Any], Any]:
    """Return all of a customer's subscriptions, and the newest that is not over."""
    every = _asked(stripe.Subscription.list, customer=customer, status="all", limit=100)["data"]
    live = [each for each in every if each["status"] in rules.STATUS]
    return every, max(live, key=lambda each: int(each["created"]), default=None)


def _ours(live: Any) -> tuple[Any, Offer | None]:
    """Return the line of a subscription that is a plan of ours, and the plan."""
    for line in live["items"]["data"]:
        offer = _offer(line["price"]["product"])
        if offer is not None and (line["price"].get("recurring") or {}).get("usage_type") != "metered":
            return line, offer
    return None, None


def _customer(*, by: int, workspace: str) -> str:
    space = accounts.workspace_of_schema(workspace)
    made = _asked(
        stripe.Customer.create, name=space.name if space else workspace, email=accounts.email_of(by),
        idempotency_key=f"customer:{workspace}", metadata={"workspace": workspace},
    )  # fmt: skip
    with tenancy.as_platform("a workspace becomes a customer"):
        Entitlement.objects.filter(workspace=workspace, customer=None).update(customer=made["id"])
        return str(Entitlement.objects.values_list("customer", flat=True).get(workspace=workspace))


def _apply(row: Entitlement, live: Any, event: str) -> None:
    """Write a subscription's plan, state and period to its row, and give the period's credits."""
    line, offer = _ours(live)
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
    if row.state in {"trialing", "active"} and row.period_began_at:
        _grant(row, f"plan:{row.subscription}:{row.period_began_at:%Y%m%d%H%M%S}", row.period_ends_at)


def _end(row: Entitlement, event: str) -> None:
    """Fall back to the plan that costs nothing."""
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


def _grant(row: Entitlement, period: str, until: datetime | None) -> None:
    """Give what the plan brings in a period and was not given yet: an upgrade within it brings the difference."""
    begins = f"{row.workspace}:{period}:"
    given = CreditEntry.objects.filter(workspace=row.workspace, kind="grant", key__startswith=begins)
    total = given.aggregate(total=Sum("credits", default=0))["total"]
    missing = row.limits.get("credits", 0) - total
    if missing > 0 and (until is None or until > clock.now()):
        credits.grant(
            by=None, workspace=row.workspace, credits=missing, key=f"{period}:{total + missing}", source="plan",
            note=row.plan, expires_at=until,
        )  # fmt: skip


def _offer(product: str) -> Offer | None:
    if not Product.objects.filter(id=product).exists():
        Product.sync_from_stripe_data(_asked(stripe.Product.retrieve, product), api_key=settings.STRIPE_SECRET_KEY)
    return catalogue.of_product(product)


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _asked(what: Any, *given: Any, **more: Any) -> Any:
    """Ask Stripe. Raises Unavailable where it does not answer; its refusals go on as they are."""
    try:
        return what(*given, api_key=settings.STRIPE_SECRET_KEY, **more)
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unavailable(_("Stripe does not answer at the moment. Nothing was changed; try again.")) from error


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Tell whether Stripe signed this body within the last five minutes."""
    try:
        stripe.WebhookSignature.verify_header(body.decode(), signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError):
        return False
    return bool(secret)

"""dj-stripe has stored and verified an event: one action follows, in the transaction that marks it as handled."""

from __future__ import annotations

from typing import Any

from djstripe.event_handlers import djstripe_receiver

from apps.billing.actions import refunds, subscriptions

SUBSCRIPTION = (
    "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
    "customer.subscription.paused", "customer.subscription.resumed", "customer.subscription.trial_will_end",
    "invoice.paid", "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible",
)  # fmt: skip
SESSIONS = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
PRODUCTS = ("product.created", "product.updated")
REFUNDS = ("charge.refunded",)
EVERY = (*SUBSCRIPTION, *SESSIONS, *PRODUCTS, *REFUNDS, "price.created", "price.updated")


def _object(event: Any) -> dict[str, Any]:
    found = event.data.get("object")
    return found if isinstance(found, dict) else {}


@djstripe_receiver(list(SUBSCRIPTION))
def on_subscription(sender: Any, event: Any, **_more: Any) -> None:
    """Something moved a customer's subscription: read it again."""
    if customer := _object(event).get("customer"):
        subscriptions.refresh(customer=str(customer), event=event.id)


@djstripe_receiver(list(SESSIONS))
def on_session(sender: Any, event: Any, **_more: Any) -> None:
    """Checkout was passed: credits were bought, or a subscription began."""
    found = _object(event)
    if found.get("mode") == "payment":
        subscriptions.credit_topup(session=str(found["id"]), event=event.id)
    elif customer := found.get("customer"):
        subscriptions.refresh(customer=str(customer), event=event.id)


@djstripe_receiver(list(PRODUCTS))
def on_product(sender: Any, event: Any, **_more: Any) -> None:
    """A plan's Product was edited at Stripe."""
    subscriptions.refresh_plan(product=str(_object(event)["id"]))


@djstripe_receiver(list(REFUNDS))
def on_refund(sender: Any, event: Any, **_more: Any) -> None:
    """Money was given back."""
    refunds.take_back(charge=str(_object(event)["id"]))

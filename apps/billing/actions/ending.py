"""A workspace that is closed pays for nothing more: its subscription ends with its period, or at once when erased."""

from __future__ import annotations

import logging
from contextlib import suppress

import stripe

from apps.billing.actions.asking import ask
from apps.billing.models import Entitlement

log = logging.getLogger(__name__)


def renew_no_more(*, schema: str, by: int) -> None:
    """Let the subscription of a workspace that is being closed end with what is paid. Raises Unavailable.

    Whoever opens the workspace again keeps it in Stripe's portal.
    """
    if subscription := _subscription(schema):
        # Stripe refuses what is over, or was never there: then nothing is renewed either.
        with suppress(stripe.InvalidRequestError):
            ask(stripe.Subscription.modify, subscription, cancel_at_period_end=True)


def end(*, schema: str) -> None:
    """End the subscription of a workspace that is erased, at once; one that is over already stays so.

    Raises Unavailable where Stripe does not answer.
    """
    subscription = _subscription(schema)
    if not subscription:
        return
    try:
        ask(stripe.Subscription.cancel, subscription)
    except stripe.InvalidRequestError as error:
        log.warning("the subscription of %s is over already, or Stripe knows of none: %s", schema, error)


def _subscription(schema: str) -> str:
    return Entitlement.objects.filter(workspace=schema).values_list("subscription", flat=True).first() or ""

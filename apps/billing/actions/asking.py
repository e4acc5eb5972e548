"""How Stripe is asked: with our key, for ten seconds at most, and what its silence is called."""

from __future__ import annotations

from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from apps.lib.errors import Unavailable

stripe.max_network_retries = 2
# The scheduler has other things to do, and a handler of events holds a row meanwhile.
stripe.default_http_client = stripe.RequestsClient(timeout=10)


def ask(what: Any, *given: Any, **more: Any) -> Any:
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

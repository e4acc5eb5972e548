"""Where Stripe tells of events: small, signed and recent ones are handed to dj-stripe, nothing else is even stored."""

from __future__ import annotations

import logging
import uuid

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from djstripe.models import WebhookEndpoint, WebhookEventTrigger
from djstripe.views import ProcessWebhookView

from apps.billing.actions import asking

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def receive(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Answer 200 once an event's effects are written, 400 for what is not Stripe's, 500 for Stripe to try again."""
    if int(request.headers.get("Content-Length") or 0) > settings.STRIPE_MOST_BYTES:
        return HttpResponse("too large", status=413, content_type="text/plain")
    endpoint = WebhookEndpoint.objects.filter(djstripe_uuid=uuid, status="enabled").first()
    signature = request.headers.get("Stripe-Signature", "")
    if endpoint is None or not asking.is_signed(request.body, signature, endpoint.secret):
        return HttpResponse("not signed", status=400, content_type="text/plain")
    try:
        return ProcessWebhookView.as_view()(request, uuid=uuid)
    except Exception:
        # The row of this delivery says what went wrong; Stripe sends the event again.
        log.warning("an event of Stripe's was not handled", exc_info=True)
        return HttpResponse("try again", status=500, content_type="text/plain")
    finally:
        _tidy()


def _tidy() -> None:
    """Keep the bodies of the newest deliveries only: dj-stripe's events hold what happened."""
    newest = WebhookEventTrigger.objects.order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 1]
    WebhookEventTrigger.objects.filter(id__lte=next(iter(newest), 0)).delete()


KEPT = 1_000

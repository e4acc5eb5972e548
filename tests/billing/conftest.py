"""A shop with a customer that has not bought anything yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe
from djstripe.models import Event, Product, WebhookEndpoint

from apps.accounts import tenancy
from apps.billing.models import Entitlement, UsagePeriod, UsageReport
from tests.billing.shop import Shop
from tests.conftest import Cast
from tests.servers.stripe import loopback_stripe


@pytest.fixture
def shop(committed: Cast) -> Iterator[Shop]:
    """Sell in a database that commits; what was sold is gone afterwards."""
    before = stripe.api_base
    with loopback_stripe() as running:
        stripe.api_base = running.origin
        made = Shop(running, committed)
        made.open()
        yield made
    stripe.api_base = before
    with tenancy.as_platform("the shop closes"):
        for model in (UsageReport, UsagePeriod, Entitlement, Event, WebhookEndpoint, Product):
            model.objects.all().delete()

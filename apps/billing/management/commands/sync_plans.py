"""Put the plans on sale at Stripe, mirror them, and listen to its events."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import tenancy
from apps.billing import stripe_events
from apps.billing.actions import selling
from apps.lib.errors import ProductError


class Command(BaseCommand):
    help = "Put the plans of apps/billing/plans.yaml on sale at Stripe; safe to repeat"

    def handle(self, *args: Any, **options: Any) -> None:
        """Sell, and say how many workspaces were new to it."""
        if not settings.STRIPE_SECRET_KEY:
            raise CommandError("STRIPE_SECRET_KEY is not set: nothing can be sold without it.")
        try:
            with tenancy.as_platform("plans are put on sale"):
                new = selling.sell(events=stripe_events.EVERY)
        except ProductError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"plans are on sale; {new} workspaces were given the plan that costs nothing")

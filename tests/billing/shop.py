"""A shop for tests: the loopback Stripe with the plans on sale, and what workspaces do there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from django.core.management import call_command
from django.test import Client
from djstripe.models import WebhookEndpoint

from apps.accounts import tenancy
from apps.billing import entitlements
from apps.billing.actions import checkout
from apps.billing.entitlements import Entitlements
from apps.billing.models import CreditEntry, CreditGrant, Entitlement
from apps.billing.queries import BalanceRow, balance
from tests.conftest import Cast
from tests.servers.stripe import KEY, LoopbackStripe

BACK = "http://acme.localhost/billing/plan"


@dataclass
class Shop:
    """Stripe, where its events go, and the workspace acme as a customer."""

    loopback: LoopbackStripe
    cast: Cast

    def open(self) -> None:
        """Put the plans on sale."""
        call_command("sync_plans", verbosity=0)
        with tenancy.as_platform("where events go"):
            self.endpoint = WebhookEndpoint.objects.get(status="enabled")

    @property
    def path(self) -> str:
        return f"/stripe/webhook/{self.endpoint.djstripe_uuid}/"

    def post(self, event: str) -> int:
        """Deliver one event; return the answer's status."""
        body, signature = self.loopback.signed(event, self.endpoint.id)
        return self.send(body, signature)

    def send(self, body: bytes, signature: str) -> int:
        """Post a body to where Stripe tells of events; return the status."""
        headers = {"Stripe-Signature": signature, "Host": "localhost"}
        answer = Client(raise_request_exception=False).post(
            self.path, body, content_type="application/json", headers=headers
        )
        return answer.status_code

    def tell(self) -> list[int]:
        """Deliver what was not delivered yet, oldest first; return the statuses."""
        told = getattr(self, "told", set())
        new = [each["id"] for each in self.loopback.events() if each["id"] not in told]
        self.told = told | set(new)
        return [self.post(each) for each in new]

    def buy(self, offer: str, card: str = "4242424242424242") -> None:
        """Go to Checkout from the page of plans and pay."""
        url = checkout.open_checkout(by=self.cast.alice, workspace=self.cast.acme, offer=offer, back=BACK)
        status, to, page = self.loopback.pay(url, card)
        assert status == 303 and to.startswith(BACK), (status, to, page[:500])

    @property
    def now(self) -> Entitlements:
        return entitlements.of(self.cast.acme)

    @property
    def balance(self) -> BalanceRow:
        return balance(self.cast.acme)

    def subscription(self) -> Any:
        """Return acme's subscription as Stripe has it."""
        return stripe.Subscription.retrieve(self.now.subscription, api_key=KEY)

    def price(self, key: str) -> str:
        return str(stripe.Price.list(lookup_keys=[key], api_key=KEY).data[0].id)

    def switch(self, offer: str) -> None:
        """Change acme's plan on the page of plans."""
        checkout.change_plan(by=self.cast.alice, workspace=self.cast.acme, offer=offer)

    def change(self, key: str, **more: Any) -> None:
        """Change acme's plan, as the customer portal does."""
        line = self.subscription()["items"]["data"][0]["id"]
        lines: Any = [{"id": line, "price": self.price(key)}]
        stripe.Subscription.modify(
            self.now.subscription, items=lines, proration_behavior="always_invoice", api_key=KEY, **more
        )

    def state(self) -> tuple[Any, ...]:
        """Return everything that events may change: the projection, the grants, the movements, the balance."""
        with tenancy.as_platform("a test compares"):
            fields = ("plan", "state", "limits", "features", "subscription", "price", "ends", "period_ends_at")
            rows = list(Entitlement.objects.filter(workspace=self.cast.acme).values_list(*fields))
            grants = list(
                CreditGrant.objects.filter(workspace=self.cast.acme)
                .order_by("source", "credits").values_list("source", "credits", "left", "expires_at")
            )  # fmt: skip
            keys = sorted(CreditEntry.objects.filter(workspace=self.cast.acme).values_list("key", flat=True))
        return rows, grants, keys, self.balance


def plan_credits(cast: Cast) -> list[tuple[int, datetime | None]]:
    """Return what acme's plans brought: how many credits, until when."""
    with tenancy.as_platform("a test looks"):
        found = CreditGrant.objects.filter(workspace=cast.acme, source="plan").order_by("id")
        return list(found.values_list("credits", "expires_at"))

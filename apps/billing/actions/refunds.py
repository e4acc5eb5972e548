"""Money that went back takes credits with it: those that it bought and nobody used."""

from __future__ import annotations

from typing import Any

import stripe
from django.db import transaction

from apps.billing.actions import credits
from apps.billing.actions.asking import ask
from apps.billing.models import CreditGrant, Entitlement
from apps.lib import clock


def take_back(*, charge: str) -> None:
    """Take what a refunded charge bought: all that is left of it, or the share of the money that went back.

    A top-up is known by its payment, a plan's credits by the invoice that was paid for them. Credits that are held or
    spent stay; the shares of several refunds of one charge add up, rounded down. The charge is read again from Stripe.
    """
    found = ask(stripe.Charge.retrieve, charge)
    intent = str(found.get("payment_intent") or "")
    if not intent or not found["amount_refunded"]:
        return
    invoices = [str(each["invoice"]) for each in _payments(intent)]
    with transaction.atomic():
        row = Entitlement.objects.select_for_update().filter(customer=found.get("customer")).first()
        if row is None:
            return
        mine = CreditGrant.objects.filter(workspace=row.workspace)
        bought = mine.filter(source="topup", note=intent) | mine.filter(source="plan", invoice__in=invoices)
        if found["refunded"]:
            # What a run that is under way gives back later goes the same way.
            bought.update(expires_at=clock.now())
            credits.expire_due(workspace=row.workspace)
            return
        whole = sum(bought.values_list("credits", flat=True))
        credits.return_bought(
            workspace=row.workspace, grants=bought.values_list("pk", flat=True), key=f"refund:{charge}",
            credits=whole * found["amount_refunded"] // found["amount"], note="refunded in part",
        )  # fmt: skip


def _payments(intent: str) -> Any:
    by: Any = {"type": "payment_intent", "payment_intent": intent}
    return ask(stripe.InvoicePayment.list, payment=by, limit=100)["data"]

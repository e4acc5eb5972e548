"""Invoices: lines, discounts, the customer's balance, and the money that is asked for."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import payments
from .errors import wrong
from .hooks import emit
from .render import listing
from .store import Store, Thing
from .tiers import cents as cents


def line(store: Store, amount: int, price: Thing | None, period: tuple[int, int], words: str, **more: Any) -> Thing:
    """Return an invoice's line. more: quantity, proration, subscription, subscription_item, invoice_item, metadata."""
    proration = more.get("proration", False)
    details: Thing = {"proration": proration, "proration_details": {"credited_items": None}}
    details |= {"invoice_item": more.get("invoice_item"), "subscription": more.get("subscription")}
    kind = "invoice_item_details"
    if more.get("subscription_item"):
        kind, details = "subscription_item_details", details | {"subscription_item": more["subscription_item"]}
    parent = {"type": kind, "invoice_item_details": None, "subscription_item_details": None} | {kind: details}
    pricing = price and {
        "type": "price_details", "price_details": {"price": price["id"], "product": price["product"]},
        "unit_amount_decimal": more.get("unit") or price["unit_amount_decimal"],
    }  # fmt: skip
    return {
        "id": store.mint("il"), "object": "line_item", "amount": amount, "description": words, "discount_amounts": [],
        "currency": price["currency"] if price else more.get("currency", "usd"), "discountable": True, "discounts": [],
        "invoice": None, "livemode": False, "metadata": more.get("metadata", {}), "parent": parent,
        "period": {"start": period[0], "end": period[1]}, "pretax_credit_amounts": [], "pricing": pricing,
        "quantity": more.get("quantity", 1), "quantity_decimal": str(more.get("quantity", 1)),
        "subscription": more.get("subscription"), "subtotal": amount, "taxes": [],
    }  # fmt: skip


def draft(store: Store, customer: str, currency: str, lines: list[Thing], reason: str, **more: Any) -> Thing:
    """Return a new draft. more: sub (its subscription), period, method, metadata."""
    owner, sub, now = store.get("customer", customer, "customer", 400), more.get("sub"), store.now()
    key, period = store.mint("in"), more.get("period") or (now, now)
    parent: Thing | None = None
    if sub:
        details = {"metadata": dict(sub["metadata"]), "subscription": sub["id"], "subscription_proration_date": None}
        parent = {"type": "subscription_details", "quote_details": None, "subscription_details": details}
    for each in lines:
        each["invoice"] = key
    person = {
        f"customer_{name}": owner[name] for name in ("address", "email", "name", "phone", "shipping", "tax_exempt")
    }
    amounts = ("amount_due", "amount_overpaid", "amount_paid", "amount_remaining", "amount_shipping", "attempt_count",
               "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "subtotal", "total")  # fmt: skip
    invoice = dict.fromkeys(amounts, 0) | person | {
        "id": key, "object": "invoice", "account_country": "US", "account_name": "Test Stripe: no money moves",
        "account_tax_ids": None, "application": None, "attempted": False, "auto_advance": True,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None,
                          "status": None},
        "automatically_finalizes_at": None, "billing_reason": reason, "collection_method": "charge_automatically",
        "created": now, "currency": currency, "custom_fields": None, "customer": customer, "customer_tax_ids": [],
        "default_payment_method": more.get("method"), "default_source": None, "default_tax_rates": [],
        "description": None, "discounts": [], "due_date": None, "effective_at": None, "ending_balance": None,
        "footer": None, "from_invoice": None, "hosted_invoice_url": None, "invoice_pdf": None,
        "issuer": {"type": "self"}, "last_finalization_error": None, "latest_revision": None,
        "lines": listing(lines, f"/v1/invoices/{key}/lines"), "livemode": False,
        "metadata": more.get("metadata", {}), "next_payment_attempt": None, "number": None, "on_behalf_of": None,
        "parent": parent, "payment_settings": {"default_mandate": None, "payment_method_options": None,
                                               "payment_method_types": None},
        "period_start": period[0], "period_end": period[1], "receipt_number": None, "rendering": None,
        "shipping_cost": None, "shipping_details": None, "starting_balance": owner["balance"],
        "statement_descriptor": None, "status": "draft", "subtotal_excluding_tax": 0, "test_clock": None,
        "status_transitions": dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        "total_discount_amounts": [], "total_excluding_tax": 0, "total_pretax_credit_amounts": [], "total_taxes": [],
        "webhooks_delivered_at": now, "_payment_intent": None, "_subscription": sub["id"] if sub else None,
    }  # fmt: skip
    store.add(invoice)
    _total(store, invoice, [*owner["_discounts"], *(sub["discounts"] if sub else [])])
    emit(store, "invoice.created", invoice)
    return invoice


def _total(store: Store, invoice: Thing, discounts: list[str]) -> None:
    subtotal = sum(each["amount"] for each in invoice["lines"]["data"])
    total, cuts, now = subtotal, [], store.now()
    for key in discounts:
        discount = store.get("discount", key)
        if discount["end"] is not None and discount["end"] <= now or discount.get("_used"):
            continue
        cut = _cut(store.get("coupon", discount["source"]["coupon"]), total, invoice["billing_reason"])
        if cut and store.get("coupon", discount["source"]["coupon"])["duration"] == "once":
            store.edit("discount", key)["_used"] = True
        if cut:
            cuts.append({"amount": cut, "discount": key})
            total -= cut
    invoice |= {"subtotal": subtotal, "subtotal_excluding_tax": subtotal, "total": total, "total_excluding_tax": total}
    invoice |= {"total_discount_amounts": cuts, "discounts": [cut["discount"] for cut in cuts]}
    invoice |= {"amount_due": max(total, 0), "amount_remaining": max(total, 0)}


def _cut(coupon: Thing, total: int, reason: str) -> int:
    if coupon["percent_off"] is not None:
        part = Decimal(total) * Decimal(str(coupon["percent_off"])) / 100
        return int(part.quantize(Decimal(1), ROUND_HALF_UP))
    # An amount is taken off once a period, not again for every change within it.
    return 0 if reason == "subscription_update" else max(0, min(coupon["amount_off"], total))


def finalize(store: Store, key: str) -> Thing:
    """Give a draft its number and settle it with the customer's balance; what is due gets a payment intent."""
    invoice = store.edit("invoice", key)
    if invoice["status"] != "draft":
        raise wrong("This invoice is already finalized, you can't re-finalize a non-draft invoice.", "invoice")
    owner, now = store.edit("customer", invoice["customer"]), store.now()
    number = f"{owner['invoice_prefix']}-{owner['next_invoice_sequence']:04}"
    owner["next_invoice_sequence"] += 1
    used = invoice["total"] if invoice["total"] < 0 else min(invoice["total"], max(0, -owner["balance"]))
    invoice |= {"number": number, "status": "open", "effective_at": now, "starting_balance": owner["balance"]}
    invoice["status_transitions"] = invoice["status_transitions"] | {"finalized_at": now}
    invoice["hosted_invoice_url"] = f"{store.origin}/i/{key}"
    due = max(0, invoice["total"] - used)
    if used:
        before = dict(owner)
        owner["balance"] += used
        emit(store, "customer.updated", owner, before)
    invoice |= {"amount_due": due, "amount_remaining": due, "ending_balance": owner["balance"]}
    if due:
        _ask(store, invoice, due)
    emit(store, "invoice.finalized", invoice)
    if not due:
        settle(store, invoice)
    return invoice


def _ask(store: Store, invoice: Thing, due: int) -> None:
    words = "Subscription creation" if invoice["billing_reason"] == "subscription_create" else "Subscription update"
    more = {"description": words, "_invoice": invoice["id"]}
    intent = payments.make_intent(store, due, invoice["currency"], invoice["customer"], **more)
    invoice["_payment_intent"] = intent["id"]
    store.add(
        {
            "id": store.mint("inpay"), "object": "invoice_payment", "amount_paid": None, "amount_requested": due,
            "created": store.now(), "currency": invoice["currency"], "invoice": invoice["id"], "is_default": True,
            "livemode": False, "payment": {"type": "payment_intent", "payment_intent": intent["id"]}, "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )  # fmt: skip


def settle(store: Store, invoice: Thing) -> None:
    """Mark an invoice as paid and say so."""
    invoice = store.edit("invoice", invoice["id"])
    now, due = store.now(), invoice["amount_due"]
    invoice |= {"status": "paid", "attempted": True, "amount_paid": due, "amount_remaining": 0}
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"] = invoice["status_transitions"] | {"paid_at": now}
    for payment in store.find("invoice_payment", invoice=invoice["id"]):
        kept = store.edit("invoice_payment", payment["id"])
        kept |= {"status": "paid", "amount_paid": due, "status_transitions": {"canceled_at": None, "paid_at": now}}
        emit(store, "invoice_payment.paid", kept)
    emit(store, "invoice.paid", invoice)
    emit(store, "invoice.payment_succeeded", invoice)


def card_for(store: Store, invoice: Thing) -> Thing | None:
    """Return the card that an invoice is charged to: its own, its subscription's, the customer's; None for no card."""
    sub = store.table("subscription").get(invoice["_subscription"] or "", {})
    owner = store.get("customer", invoice["customer"])
    for key in (
        invoice["default_payment_method"], sub.get("default_payment_method"),
        owner["invoice_settings"]["default_payment_method"],
    ):  # fmt: skip
        if key and key in store.table("payment_method"):
            return store.get("payment_method", key)
    return None


def charge(store: Store, key: str, method: Thing | None = None, present: bool = False) -> bool:
    """Try to collect an open invoice; say whether it is paid now. Its subscription is the caller's to change."""
    invoice = store.edit("invoice", key)
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    if payments.confirm(store, invoice["_payment_intent"], method or card_for(store, invoice), present):
        settle(store, invoice)
        return True
    return False


def void(store: Store, key: str, status: str = "void") -> Thing:
    """Void an open invoice, or mark it as uncollectible. Raises Refusal for any other."""
    invoice = store.edit("invoice", key)
    if invoice["status"] not in ("open", "uncollectible") or invoice["status"] == status:
        raise wrong(f"This invoice is {invoice['status']}; only open invoices can be changed to {status}.", "invoice")
    moment = "voided_at" if status == "void" else "marked_uncollectible_at"
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"] = invoice["status_transitions"] | {moment: store.now()}
    if status == "void" and invoice["_payment_intent"]:
        intent = store.edit("payment_intent", invoice["_payment_intent"])
        intent |= {"status": "canceled", "canceled_at": store.now(), "cancellation_reason": "void_invoice"}
        emit(store, "payment_intent.canceled", intent)
    emit(store, "invoice.voided" if status == "void" else "invoice.marked_uncollectible", invoice)
    return invoice

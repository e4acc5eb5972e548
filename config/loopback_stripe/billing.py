"""The life of a subscription: its start, renewals, failures, recovery and end."""

from __future__ import annotations

import copy
from typing import Any

from . import entitled, invoices, tiers
from .errors import Refusal, declined, wrong
from .hooks import emit
from .periods import DAY, following
from .render import listing
from .store import Store, Thing

# Days until the next try of a renewal that could not be charged; after the last one `after_retries` holds.
RETRIES = (3, 5, 7)
ENDED = ("canceled", "incomplete_expired")
TRIAL_PERIOD = "Trial period for {}"


def start(store: Store, customer: str, wanted: list[tuple[str, int, Thing]], **more: Any) -> Thing:
    """Return a new subscription with its first invoice. wanted: price, quantity, metadata of each part.

    more: trial_end (seconds), method, metadata, discounts, behaviour (payment_behavior), present, cancel_at_end,
    trial_settings, description. Raises Refusal, for a card under error_if_incomplete too.
    """
    now, trial = store.now(), more.get("trial_end")
    sub = _shape(store, customer, more)
    prices = [store.get("price", price, "items[0][price]", 400) for price, _, _ in wanted]
    end = trial or following(now, prices[0]["recurring"], now)
    sub["currency"] = prices[0]["currency"]
    sub["items"]["data"] = [part(store, sub["id"], *each, now, end) for each in wanted]
    sub["billing_cycle_anchor"] = trial or now
    sub |= {"trial_start": now if trial else None, "trial_end": trial, "status": "trialing" if trial else "active"}
    store.add(sub)
    lines = [
        period_line(store, sub, each, now, end, free=bool(trial))
        for each in sub["items"]["data"]
        if not _metered(store, each)
    ]
    invoice = invoices.draft(store, customer, sub["currency"], lines, "subscription_create", sub=sub, period=(now, now))
    sub["latest_invoice"] = invoice["id"]
    invoices.finalize(store, invoice["id"])
    behaviour = more.get("behaviour") or "allow_incomplete"
    paid = invoice["status"] == "paid" or (
        behaviour != "default_incomplete" and invoices.charge(store, invoice["id"], present=more.get("present", False))
    )
    if not paid:
        sub["status"] = "incomplete"
        if behaviour == "error_if_incomplete":
            raise declined("generic_decline", "Your card was declined.", keep=False)
    emit(store, "customer.subscription.created", sub)
    if not paid and behaviour != "default_incomplete":
        emit(store, "invoice.payment_failed", invoice)
    entitled.refresh(store, customer)
    return sub


def _shape(store: Store, customer: str, more: Thing) -> Thing:
    key, now = store.mint("sub"), store.now()
    nothing = ("application", "application_fee_percent", "billing_thresholds", "cancel_at", "canceled_at", "ended_at",
               "days_until_due", "default_source", "latest_invoice", "next_pending_invoice_item_invoice",
               "on_behalf_of", "pause_collection", "pending_invoice_item_interval", "pending_setup_intent",
               "pending_update", "schedule", "test_clock", "transfer_data", "trial_end", "trial_start",
               "billing_cycle_anchor_config")  # fmt: skip
    return dict.fromkeys(nothing) | {
        "id": key, "object": "subscription", "customer": customer, "created": now, "start_date": now,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None}, "livemode": False,
        "billing_mode": {"type": "classic", "flexible": None}, "cancel_at_period_end": more.get("cancel_at_end", False),
        "cancellation_details": {"comment": None, "feedback": None, "reason": None}, "default_tax_rates": [],
        "collection_method": "charge_automatically", "default_payment_method": more.get("method"),
        "description": more.get("description"), "discounts": more.get("discounts", []),
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": listing([], f"/v1/subscription_items?subscription={key}"), "metadata": more.get("metadata", {}),
        "payment_settings": {"payment_method_options": None, "payment_method_types": None,
                             "save_default_payment_method": "off"},
        "trial_settings": more.get("trial_settings")
        or {"end_behavior": {"missing_payment_method": "create_invoice"}}, "_told": False,
    }  # fmt: skip


def part(store: Store, sub: str, price: str, quantity: int, metadata: Thing, start: int, end: int) -> Thing:
    """Return a subscription's item. start, end: its period in seconds."""
    metered = store.get("price", price)["recurring"]["usage_type"] == "metered"
    made: Thing = {
        "id": store.mint("si", 14), "object": "subscription_item", "billing_thresholds": None, "created": store.now(),
        "current_period_end": end, "current_period_start": start, "discounts": [], "metadata": metadata,
        "price": price, "subscription": sub, "tax_rates": [],
    }  # fmt: skip
    return made if metered else made | {"quantity": quantity}


def _metered(store: Store, each: Thing) -> bool:
    usage: str = store.get("price", each["price"])["recurring"]["usage_type"]
    return usage == "metered"


def period_line(store: Store, sub: Thing, each: Thing, start: int, end: int, free: bool = False) -> Thing:
    """Return the line of a subscription's part for a period, in seconds; a free one costs nothing."""
    price, quantity = store.get("price", each["price"]), each.get("quantity", 1)
    name = store.get("product", price["product"])["name"]
    words = TRIAL_PERIOD.format(name) if free else f"{quantity} × {name}"
    amount = 0 if free else invoices.cents(price, quantity)
    more = {"subscription": sub["id"], "subscription_item": each["id"], "metadata": dict(sub["metadata"])}
    return invoices.line(store, amount, price, (start, end), words, quantity=quantity, **more)


def usage_lines(store: Store, sub: Thing) -> list[Thing]:
    """Return the lines of what was used in the period that ends, of a subscription's metered prices."""
    from . import meters

    made = []
    for each in sub["items"]["data"]:
        price = store.get("price", each["price"])
        if price["recurring"]["usage_type"] != "metered":
            continue
        period = (each["current_period_start"], each["current_period_end"])
        # What is used on trial is free.
        on_trial = sub["status"] == "trialing"
        used = 0 if on_trial else int(meters.total(store, price["recurring"]["meter"], sub["customer"], *period))
        name = store.get("product", price["product"])["name"]
        for part, unit, amount in tiers.parts(price, used):
            more = {"subscription": sub["id"], "subscription_item": each["id"], "quantity": part, "unit": unit}
            made.append(invoices.line(store, amount, price, period, f"{part} × {name} (at {unit} ¢)", **more))
    return made


def pending_lines(store: Store, customer: str, invoice_sub: str | None) -> list[Thing]:
    """Return the lines of what waits for a customer's next invoice; it waits no longer."""
    made = []
    for each in store.find("invoiceitem", customer=customer, invoice=None):
        if each["_subscription"] not in (None, invoice_sub):
            continue
        price = store.table("price").get(((each["pricing"] or {}).get("price_details") or {}).get("price") or "")
        period = (each["period"]["start"], each["period"]["end"])
        more = {"proration": each["proration"], "invoice_item": each["id"], "subscription": each["_subscription"]}
        made.append(
            invoices.line(store, each["amount"], price, period, each["description"], currency=each["currency"], **more)
        )
        store.edit("invoiceitem", each["id"])["invoice"] = made[-1]["id"]
    return made


def claim(store: Store, invoice: Thing) -> None:
    """Have the things that an invoice takes in name it."""
    for each in invoice["lines"]["data"]:
        details = each["parent"]["invoice_item_details"] or {}
        if details.get("invoice_item") in store.table("invoiceitem"):
            store.edit("invoiceitem", details["invoice_item"])["invoice"] = invoice["id"]


def renew(store: Store, key: str) -> None:
    """Begin a subscription's next period, or end it where it was to end; the end of a trial counts as a renewal."""
    sub = store.edit("subscription", key)
    if sub["cancel_at_period_end"]:
        _bill_the_last(store, sub)
        end(store, key, "cancellation_requested")
        return
    before, trial = _copy(sub), sub["status"] == "trialing"
    card = (
        sub["default_payment_method"]
        or store.get("customer", sub["customer"])["invoice_settings"]["default_payment_method"]
    )
    ending = sub["trial_settings"]["end_behavior"]["missing_payment_method"]
    if trial and not card and ending == "cancel":
        end(store, key, "payment_failed")
        return
    if trial and not card and ending == "pause":
        sub["status"] = "paused"
        emit(store, "customer.subscription.paused", sub)
        entitled.refresh(store, sub["customer"])
        return
    used = usage_lines(store, sub)
    past = sub["items"]["data"][0]["current_period_start"], sub["items"]["data"][0]["current_period_end"]
    if sub["status"] == "trialing":
        sub["status"] = "active"
    lines = [*_advance(store, sub, past[1]), *used, *pending_lines(store, sub["customer"], key)]
    invoice = invoices.draft(store, sub["customer"], sub["currency"], lines, "subscription_cycle", sub=sub, period=past)
    claim(store, invoice)
    sub["latest_invoice"] = invoice["id"]
    emit(store, "customer.subscription.updated", sub, before)
    if sub["status"] == "unpaid":
        invoice["auto_advance"] = False
        return
    invoices.finalize(store, invoice["id"])
    if invoice["status"] == "open":
        collect(store, invoice["id"])
    entitled.refresh(store, sub["customer"])


def _bill_the_last(store: Store, sub: Thing) -> None:
    """Ask for what was used in the last period, where anything was."""
    lines = usage_lines(store, sub)
    if not any(each["quantity"] for each in lines):
        return
    part = sub["items"]["data"][0]
    past = part["current_period_start"], part["current_period_end"]
    invoice = invoices.draft(store, sub["customer"], sub["currency"], lines, "subscription_cycle", sub=sub, period=past)
    sub["latest_invoice"] = invoice["id"]
    invoices.finalize(store, invoice["id"])
    if invoice["status"] == "open":
        collect(store, invoice["id"])


def _advance(store: Store, sub: Thing, moment: int) -> list[Thing]:
    made = []
    for each in sub["items"]["data"]:
        recurring = store.get("price", each["price"])["recurring"]
        each["current_period_start"] = moment
        each["current_period_end"] = following(sub["billing_cycle_anchor"], recurring, moment)
        if recurring["usage_type"] != "metered":
            made.append(period_line(store, sub, each, moment, each["current_period_end"]))
    return made


def _copy(thing: Thing) -> Thing:
    return copy.deepcopy(thing)


def collect(store: Store, key: str, method: Thing | None = None, present: bool = False, by_hand: bool = False) -> bool:
    """Try to charge an open invoice and have its subscription bear the outcome; say whether it is paid."""
    invoice = store.edit("invoice", key)
    if invoices.charge(store, key, method, present):
        _recover(store, invoice)
        return True
    tries = invoice["attempt_count"]
    if not by_hand and invoice["_subscription"]:
        more = tries <= len(RETRIES)
        invoice["next_payment_attempt"] = store.now() + RETRIES[tries - 1] * DAY if more else None
    emit(store, "invoice.payment_failed", invoice)
    sub = store.table("subscription").get(invoice["_subscription"] or "")
    if sub and sub["status"] in ("active", "trialing"):
        _become(store, sub["id"], "past_due")
    if sub and not by_hand and sub["status"] == "past_due" and invoice["next_payment_attempt"] is None:
        _give_up(store, sub["id"], key)
    return False


def _give_up(store: Store, sub: str, invoice: str) -> None:
    store.edit("invoice", invoice)["auto_advance"] = False
    outcome = store.settings["after_retries"]
    if outcome == "cancel":
        end(store, sub, "payment_failed")
    elif outcome == "unpaid":
        _become(store, sub, "unpaid")


def _become(store: Store, key: str, status: str) -> None:
    sub = store.edit("subscription", key)
    before, sub["status"] = dict(sub), status
    emit(store, "customer.subscription.updated", sub, before)
    entitled.refresh(store, sub["customer"])


def _recover(store: Store, invoice: Thing) -> None:
    """Let a subscription live again once the invoice that it owes is paid."""
    sub = store.table("subscription").get(invoice["_subscription"] or "")
    if not sub or sub["status"] not in ("incomplete", "past_due", "unpaid"):
        return
    owed = store.find("invoice", _subscription=sub["id"], status="open")
    if not owed or sub["latest_invoice"] == invoice["id"]:
        _become(store, sub["id"], "active")


def pay(store: Store, key: str, method: Thing | None = None, present: bool = False) -> Thing:
    """Pay an invoice now, as its customer asks for. Raises Refusal, 402 where the card is declined."""
    invoice = store.edit("invoice", key)
    if invoice["status"] == "draft":
        invoices.finalize(store, key)
    if invoice["status"] == "paid":
        raise wrong("Invoice is already paid", "invoice", "invoice_already_paid")
    if invoice["status"] not in ("open", "uncollectible"):
        raise wrong(f"This invoice is {invoice['status']} and can no longer be paid.", "invoice")
    if not method and not invoices.card_for(store, invoice):
        message = "There is no `default_payment_method` set on this Customer or Invoice."
        raise Refusal(message, code="invoice_payment_intent_requires_action", param="payment_method")
    if collect(store, key, method, present, by_hand=True):
        return invoice
    error = store.get("payment_intent", invoice["_payment_intent"])["last_payment_error"]
    raise declined(error["decline_code"], error["message"], charge=error["charge"])


def end(store: Store, key: str, reason: str = "cancellation_requested") -> Thing:
    """End a subscription now. Raises Refusal where it has ended."""
    sub = store.edit("subscription", key)
    if sub["status"] in ENDED:
        raise Refusal(f"No such subscription: '{key}'", status=404, code="resource_missing", param="id")
    now = store.now()
    sub |= {"status": "canceled", "ended_at": now, "canceled_at": sub["canceled_at"] or now}
    sub["cancellation_details"] = sub["cancellation_details"] | {"reason": reason}
    for each in store.find("invoice", _subscription=key, status="open"):
        store.edit("invoice", each["id"]).update(auto_advance=False, next_payment_attempt=None)
    emit(store, "customer.subscription.deleted", sub)
    entitled.refresh(store, sub["customer"])
    return sub

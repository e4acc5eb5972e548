"""Cards, payment intents, charges and refunds."""

from __future__ import annotations

from typing import Any

from .errors import Refusal, declined, missing, wrong
from .hooks import emit
from .store import Store, Thing

# Card number → brand, and the decline code of a charge; "later" succeeds in Checkout and fails from then on.
CARDS = {
    "4242424242424242": ("visa", ""),
    "5555555555554444": ("mastercard", ""),
    "378282246310005": ("amex", ""),
    "4000000000000341": ("visa", "later"),
    "4000000000000002": ("visa", "generic_decline"),
    "4000000000009995": ("visa", "insufficient_funds"),
    "4000000000000069": ("visa", "expired_card"),
}
# The names under which Stripe keeps its own test cards.
NAMED = {
    "pm_card_visa": "4242424242424242", "tok_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444", "tok_mastercard": "5555555555554444",
    "pm_card_chargeCustomerFail": "4000000000000341", "tok_chargeCustomerFail": "4000000000000341",
    "pm_card_chargeDeclined": "4000000000000002", "tok_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
}  # fmt: skip
MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
}


def make_card(store: Store, number: str, month: int, year: int, details: Thing | None = None) -> Thing:
    """Return a new payment method of a test card. Raises Refusal for other numbers and dates in the past."""
    if number not in CARDS:
        message = "Your card number is incorrect. Only Stripe's test cards are taken here, such as 4242 4242 4242 4242."
        raise Refusal(message, status=402, kind="card_error", code="incorrect_number", param="number")
    if not 1 <= month <= 12 or not 2000 <= year <= 2100:
        code = "invalid_expiry_year" if 1 <= month <= 12 else "invalid_expiry_month"
        raise Refusal(
            "Your card's expiry date is invalid.", status=402, kind="card_error", code=code, param="exp_month"
        )
    brand, behaviour = CARDS[number]
    billing = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None} | (details or {})
    card = {
        "brand": brand, "last4": number[-4:], "exp_month": month, "exp_year": year, "country": "US",
        "funding": "credit", "fingerprint": store.mint("f", 14)[2:], "display_brand": brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "generated_from": None, "networks": {"available": [brand], "preferred": None}, "wallet": None,
        "three_d_secure_usage": {"supported": True}, "regulated_status": "unregulated",
    }  # fmt: skip
    return store.add(
        {
            "id": store.mint("pm"), "object": "payment_method", "allow_redisplay": "unspecified",
            "billing_details": billing, "card": card, "created": store.now(), "customer": None, "livemode": False,
            "metadata": {}, "type": "card", "_behaviour": behaviour,
        }
    )  # fmt: skip


def named_card(store: Store, name: str, param: str = "payment_method") -> Thing:
    """Return a payment method: one that is there, or a new one of a test card's name. Raises Refusal."""
    if name in NAMED:
        return make_card(store, NAMED[name], 12, 2040)
    return store.edit("payment_method", name, param, 400)


def attach(store: Store, method: Thing, customer: str) -> Thing:
    """Give a card to a customer. Raises Refusal where it is another's, or where the card is declined."""
    if method["customer"] == customer:
        return method
    if method["customer"] or method.get("_spent"):
        message = "This PaymentMethod was previously used or is attached to a Customer, and may not be used again."
        raise wrong(message, "payment_method")
    if method["_behaviour"] in MESSAGES:
        raise declined(method["_behaviour"], MESSAGES[method["_behaviour"]], keep=False)
    method = store.edit("payment_method", method["id"])
    method["customer"] = customer
    emit(store, "payment_method.attached", method)
    return method


def detach(store: Store, key: str) -> Thing:
    """Take a card from its customer. Raises Refusal where nobody has it."""
    method = store.edit("payment_method", key)
    owner = method["customer"]
    if owner is None:
        raise wrong("The payment method you provided is not attached to a customer so detachment is impossible.")
    before = dict(method)
    method |= {"customer": None, "_spent": True}
    for kind, holds in (("customer", lambda it: it["invoice_settings"]), ("subscription", lambda it: it)):
        for thing in list(store.table(kind).values()):
            if holds(thing).get("default_payment_method") == key:
                holds(store.edit(kind, thing["id"]))["default_payment_method"] = None
    emit(store, "payment_method.detached", method, before)
    return method


def make_intent(store: Store, amount: int, currency: str, customer: str | None, **more: Any) -> Thing:
    """Return a new payment intent. amount: cents."""
    key = store.mint("pi")
    intent = {
        "id": key, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": 0, "application": None, "application_fee_amount": None, "automatic_payment_methods": None,
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic",
        "client_secret": key + "_secret_" + store.mint("s", 24)[2:], "confirmation_method": "automatic",
        "created": store.now(), "currency": currency, "customer": customer, "description": None,
        "last_payment_error": None, "latest_charge": None, "livemode": False, "metadata": {}, "next_action": None,
        "on_behalf_of": None, "payment_method": None, "payment_method_options": {}, "payment_method_types": ["card"],
        "processing": None, "receipt_email": None, "review": None, "setup_future_usage": None, "shipping": None,
        "source": None, "statement_descriptor": None, "statement_descriptor_suffix": None,
        "status": "requires_payment_method", "transfer_data": None, "transfer_group": None, "_invoice": None,
    }  # fmt: skip
    intent = store.add(intent | more)
    emit(store, "payment_intent.created", intent)
    return intent


def decline_of(store: Store, method: Thing | None, customer: str | None, present: bool) -> str:
    """Return the decline code of a charge that is tried now, "" where it succeeds; uses up a failure that was set."""
    owner = store.table("customer").get(customer or "")
    if owner and owner.get("_fail_next"):
        store.edit("customer", owner["id"])["_fail_next"] -= 1
        return "generic_decline"
    behaviour: str = method["_behaviour"] if method else "generic_decline"
    if behaviour == "later":
        return "" if present else "generic_decline"
    return behaviour


def confirm(store: Store, intent_id: str, method: Thing | None, present: bool = False) -> bool:
    """Charge a payment intent's amount; say whether it succeeded. `present`: the customer is there, at Checkout."""
    intent = store.edit("payment_intent", intent_id)
    code = decline_of(store, method, intent["customer"], present) if method else ""
    if method is None:
        intent["last_payment_error"] = {
            "type": "invalid_request_error", "code": "payment_intent_payment_attempt_failed",
            "message": "There is no payment method to charge.",
        }  # fmt: skip
        emit(store, "payment_intent.payment_failed", intent)
        return False
    charge = _charge(store, intent, method, code)
    intent["latest_charge"] = charge["id"]
    if code:
        error = {
            "type": "card_error",
            "code": charge["failure_code"],
            "message": MESSAGES[code],
            "charge": charge["id"],
        }
        intent |= {"status": "requires_payment_method", "payment_method": None}
        intent["last_payment_error"] = error | {"decline_code": code}
        emit(store, "charge.failed", charge)
        emit(store, "payment_intent.payment_failed", intent)
        return False
    intent |= {"status": "succeeded", "payment_method": method["id"], "last_payment_error": None}
    intent["amount_received"] = intent["amount"]
    emit(store, "charge.succeeded", charge)
    emit(store, "payment_intent.succeeded", intent)
    return True


def _charge(store: Store, intent: Thing, method: Thing, code: str) -> Thing:
    paid, key = not code, store.mint("ch")
    outcome: Thing = {
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": code or None,
    }
    outcome |= {"risk_level": "normal", "risk_score": 5, "type": "authorized" if paid else "issuer_declined"}
    outcome |= {"seller_message": "Payment complete." if paid else "The bank did not accept the charge."}
    money = {"amount": intent["amount"], "currency": intent["currency"], "customer": intent["customer"]}
    failure = ("expired_card" if code == "expired_card" else "card_declined") if code else None
    return store.add(
        money
        | {
            "id": key, "object": "charge", "amount_captured": intent["amount"] if paid else 0, "amount_refunded": 0,
            "application": None, "application_fee": None, "application_fee_amount": None,
            "balance_transaction": _book(store, key, intent["amount"], intent["currency"], "charge") if paid else None,
            "billing_details": method["billing_details"], "calculated_statement_descriptor": "TEST", "captured": paid,
            "created": store.now(), "description": intent["description"], "disputed": False,
            "failure_balance_transaction": None, "failure_code": failure, "failure_message": MESSAGES.get(code),
            "fraud_details": {}, "livemode": False, "metadata": dict(intent["metadata"]), "on_behalf_of": None,
            "outcome": outcome, "paid": paid, "payment_intent": intent["id"], "payment_method": method["id"],
            "payment_method_details": {"card": method["card"], "type": "card"}, "receipt_email": None,
            "receipt_number": None, "receipt_url": None, "refunded": False, "review": None, "shipping": None,
            "source": None, "source_transfer": None, "statement_descriptor": None,
            "status": "failed" if code else "succeeded",
            "statement_descriptor_suffix": None, "transfer_data": None, "transfer_group": None,
            "_invoice": intent["_invoice"],
        }
    )  # fmt: skip


def _book(store: Store, source: str, amount: int, currency: str, kind: str) -> str:
    """Note a movement of the balance; return its id. There are no fees here."""
    key = store.mint("txn")
    store.add(
        {
            "id": key, "object": "balance_transaction", "amount": amount, "available_on": store.now(),
            "balance_type": "payments", "created": store.now(), "currency": currency, "description": None,
            "exchange_rate": None, "fee": 0, "fee_details": [], "net": amount, "reporting_category": kind,
            "source": source, "status": "available", "type": kind,
        }
    )  # fmt: skip
    return key


def refund(store: Store, charge_id: str, amount: int | None, reason: str | None, metadata: Thing) -> Thing:
    """Give a charge back, whole or in part. amount: cents, None for all that is left. Raises Refusal."""
    if charge_id not in store.table("charge"):
        raise missing("charge", charge_id, "charge", 400)
    charge = store.edit("charge", charge_id)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["paid"]:
        raise wrong(f"Charge {charge_id} has not been paid.", "charge")
    if left <= 0:
        raise wrong(f"Charge {charge_id} has already been refunded.", "charge", "charge_already_refunded")
    if amount is not None and amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise wrong(message, "amount", "amount_too_large")
    amount, before, key = left if amount is None else amount, dict(charge), store.mint("re")
    same = {name: charge[name] for name in ("currency", "payment_intent", "payment_method")}
    made = store.add(
        same
        | {
            "id": key, "object": "refund", "amount": amount, "charge": charge_id, "created": store.now(),
            "balance_transaction": _book(store, key, -amount, charge["currency"], "refund"), "description": None,
            "metadata": metadata, "reason": reason, "receipt_number": None, "status": "succeeded",
            "source_transfer_reversal": None, "transfer_reversal": None,
            "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        }
    )  # fmt: skip
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    emit(store, "refund.created", made)
    emit(store, "charge.refunded", charge, before)
    return made

"""Another plan by the customer's own hand: what the portal offers, what it costs today, and the change."""

from __future__ import annotations

from dataclasses import dataclass

from . import changes
from .errors import declined, wrong
from .store import Store, Thing


@dataclass(frozen=True)
class Offer:
    """A price to change to. due: cents to pay today, below nothing what the customer is credited."""

    price: str
    name: str
    amount: int | None
    currency: str
    due: int
    later: bool


class _Rehearsed(Exception):
    """Ends a change that is only tried, so that the store takes it back."""


def offers(store: Store, key: str, terms: Thing) -> list[Offer]:
    """Return what a subscription can be changed to. terms: the configuration's subscription_update.

    The store is changed and taken back meanwhile: what was read from it before is to be read again.
    """
    sub = store.get("subscription", key)
    if _refused(store, sub, terms):
        return []
    now, made = sub["items"]["data"][0]["price"], []
    for each in _prices(store, terms):
        if each["id"] == now or each["currency"] != sub["currency"]:
            continue
        name, due = store.get("product", each["product"])["name"], _due(store, key, each["id"], terms)
        later = terms["proration_behavior"] == "create_prorations" and not due
        made.append(Offer(each["id"], name, each["unit_amount"], each["currency"], due, later))
    return made


def change(store: Store, key: str, price: str, terms: Thing) -> Thing:
    """Change a subscription to a price that its portal offers; a declined card changes nothing. Raises Refusal."""
    sub = store.edit("subscription", key)
    if words := _refused(store, sub, terms):
        raise wrong(words, "sub")
    part = sub["items"]["data"][0]
    if price == part["price"] or price not in {each["id"] for each in _prices(store, terms)}:
        raise wrong("This plan is not offered here.", "price")
    _place(store, sub, price, terms, "error_if_incomplete")
    return sub


def _refused(store: Store, sub: Thing, terms: Thing) -> str:
    parts = sub["items"]["data"]
    if not terms["enabled"] or "price" not in terms["default_allowed_updates"]:
        return "The plan cannot be changed here."
    if sub["status"] not in ("active", "trialing", "past_due"):
        return f"This subscription is {sub['status']}."
    if sub["cancel_at_period_end"]:
        return "This subscription ends with its period. Keep it first, then change its plan."
    if len(parts) != 1 or "quantity" not in parts[0]:
        return "A subscription to several products, or to what is metered, cannot be changed here."
    return ""


def _prices(store: Store, terms: Thing) -> list[Thing]:
    prices = [store.table("price").get(key) for each in terms["products"] for key in each["prices"]]
    return [each for each in prices if each and each["active"] and each["recurring"]["usage_type"] == "licensed"]


def _place(store: Store, sub: Thing, price: str, terms: Thing, behaviour: str) -> None:
    part = {"id": sub["items"]["data"][0]["id"], "price": price, "quantity": None, "deleted": None, "metadata": None}
    ends_trial = sub["status"] == "trialing" and terms["trial_update_behavior"] == "end_trial"
    changes.change_parts(store, sub["id"], [part], terms["proration_behavior"], behaviour)
    if not ends_trial:
        return
    changes.change_end(store, sub["id"], None, store.now())
    if behaviour == "error_if_incomplete" and store.get("invoice", sub["latest_invoice"])["status"] == "open":
        raise declined("generic_decline", "Your card was declined.", keep=False)


def _due(store: Store, key: str, price: str, terms: Thing) -> int:
    """Return what a change would ask for today, by making it and taking it back: discounts and balance count."""
    due = 0
    try:
        with store.change():
            sub = store.edit("subscription", key)
            before = sub["latest_invoice"]
            _place(store, sub, price, terms, "allow_incomplete")
            if sub["latest_invoice"] != before:
                invoice = store.get("invoice", sub["latest_invoice"])
                due = invoice["total"] if invoice["total"] < 0 else invoice["amount_due"]
            raise _Rehearsed
    except _Rehearsed:
        return due

"""Objects as a version of the API shows them: members of older versions, and what the request wants expanded."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from .errors import wrong
from .store import Store, Thing

API_VERSION = "2026-08-26.dahlia"
# From this version on an invoice names its subscription in `parent` and its payments in `payments`.
BASIL = "2025-03-31"
# From this version on a discount names its coupon in `source`, a promotion code in `promotion`.
CLOVER = "2025-09-30"
# Tables whose names are the caller's own.
AS_GIVEN = ("metadata", "payload")


def listing(things: list[Any], url: str, more: bool = False) -> Thing:
    """Return things as a list object."""
    return {"object": "list", "data": things, "has_more": more, "url": url}


def show(store: Store, thing: Thing, version: str = API_VERSION, expand: tuple[str, ...] = ()) -> Thing:
    """Return an object as it is sent. Raises Refusal for an expansion that is not possible."""
    shown: Thing = _shown(store, thing, version)
    for path in expand:
        steps = path.split(".")
        if len(steps) > 5:
            raise wrong(f"You cannot expand more than 4 levels of a property (property: {path[:80]}).", "expand")
        _expand(store, shown, steps, path, version)
    return shown


def _shown(store: Store, value: Any, version: str) -> Any:
    if isinstance(value, list):
        return [_shown(store, each, version) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("object")
    if kind == "event" or not isinstance(kind, str | None):
        # An event shows what was, as it was.
        return copy.deepcopy(value)
    made = {
        name: dict(each) if name in AS_GIVEN and isinstance(each, dict) else _shown(store, each, version)
        for name, each in value.items()
        if not name.startswith("_")
    }
    if kind in INLINE:
        INLINE[kind](store, made, version)
    if kind in OLDER and version < CLOVER:
        OLDER[kind](store, value, made, version)
    return made


def _inline(store: Store, made: Thing, name: str, kind: str, version: str) -> None:
    found = store.table(kind).get(made.get(name) or "")
    if found:
        made[name] = _shown(store, found, version)


def _item(store: Store, made: Thing, version: str) -> None:
    _inline(store, made, "price", "price", version)
    if isinstance(made.get("price"), dict):
        made["plan"] = plan(made["price"])


def _feature(store: Store, made: Thing, version: str) -> None:
    _inline(store, made, "entitlement_feature", "entitlements.feature", version)


def _line_item(store: Store, made: Thing, version: str) -> None:
    _inline(store, made, "price", "price", version)


INLINE: dict[Any, Callable[[Store, Thing, str], None]] = {
    "subscription_item": _item,
    "product_feature": _feature,
    "item": _line_item,
}


def plan(price: Thing) -> Thing:
    """Return a recurring price as the plan that older versions of the API knew."""
    recurring = price.get("recurring") or {}
    same = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product")
    return {name: price[name] for name in same} | {
        "object": "plan", "amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring.get("interval"), "interval_count": recurring.get("interval_count"),
        "meter": recurring.get("meter"), "usage_type": recurring.get("usage_type"),
        "tiers_mode": price.get("tiers_mode"), "transform_usage": None, "trial_period_days": None,
    }  # fmt: skip


def _old_invoice(store: Store, thing: Thing, made: Thing, version: str) -> None:
    if version >= BASIL:
        return
    details = ((thing.get("parent") or {}).get("subscription_details")) or {}
    payment = store.table("payment_intent").get(thing.get("_payment_intent") or "", {})
    made |= {"subscription": details.get("subscription"), "payment_intent": payment.get("id")}
    made |= {"charge": payment.get("latest_charge"), "paid": thing["status"] == "paid", "tax": None, "discount": None}


def _old_line(store: Store, thing: Thing, made: Thing, version: str) -> None:
    if version >= BASIL:
        return
    details = thing["parent"].get("subscription_item_details") or thing["parent"].get("invoice_item_details") or {}
    price = store.table("price").get(((thing["pricing"] or {}).get("price_details") or {}).get("price") or "")
    made |= {"subscription_item": details.get("subscription_item"), "proration": details.get("proration", False)}
    made |= {"invoice_item": details.get("invoice_item")} if details.get("invoice_item") else {}
    made |= {"type": "subscription" if details.get("subscription_item") else "invoiceitem", "tax_amounts": []}
    made["price"] = _shown(store, price, version) if price else None
    made["plan"] = plan(price) if price and price["recurring"] else None


def _old_subscription(store: Store, thing: Thing, made: Thing, version: str) -> None:
    if version < BASIL and thing["items"]["data"]:
        first = thing["items"]["data"][0]
        made |= {name: first[name] for name in ("current_period_start", "current_period_end")}
        made |= {"plan": made["items"]["data"][0].get("plan"), "quantity": first.get("quantity")}


def _old_payment(store: Store, thing: Thing, made: Thing, version: str) -> None:
    if version < BASIL:
        made["invoice"] = thing.get("_invoice")


def _old_coupon(store: Store, thing: Thing, made: Thing, version: str) -> None:
    coupon = (thing.get("source") or thing.get("promotion") or {}).get("coupon")
    made["coupon"] = _shown(store, store.table("coupon").get(coupon or "", {}), version) or coupon


OLDER: dict[Any, Callable[[Store, Thing, Thing, str], None]] = {
    "invoice": _old_invoice,
    "line_item": _old_line,
    "subscription": _old_subscription,
    "charge": _old_payment,
    "payment_intent": _old_payment,
    "discount": _old_coupon,
    "promotion_code": _old_coupon,
}


def _of(store: Store, kind: str, url: str, **where: Any) -> Thing:
    return listing(list(reversed(store.find(kind, **where))), url)


# Kind → member → what stands there once it is asked for.
ON_REQUEST: dict[str, dict[str, Callable[[Store, Thing], Any]]] = {
    "customer": {
        "sources": lambda store, it: listing([], f"/v1/customers/{it['id']}/sources"),
        "tax_ids": lambda store, it: listing([], f"/v1/customers/{it['id']}/tax_ids"),
        "subscriptions": lambda store, it: listing(
            [each for each in store.find("subscription", customer=it["id"]) if each["status"] != "canceled"],
            f"/v1/customers/{it['id']}/subscriptions",
        ),
    },
    "checkout.session": {
        "line_items": lambda store, it: listing(
            store.get("checkout.session", it["id"])["_line_items"], f"/v1/checkout/sessions/{it['id']}/line_items"
        )
    },
    "invoice": {"payments": lambda store, it: _of(store, "invoice_payment", "/v1/invoice_payments", invoice=it["id"])},
    "charge": {"refunds": lambda store, it: _of(store, "refund", f"/v1/charges/{it['id']}/refunds", charge=it["id"])},
    "price": {
        "currency_options": lambda store, it: {},
        "tiers": lambda store, it: store.get("price", it["id"]).get("_tiers"),
    },
    "coupon": {"applies_to": lambda store, it: store.get("coupon", it["id"])["_applies_to"]},
    "total_details": {"breakdown": lambda store, it: {"discounts": [], "taxes": []}},
}


def _expand(store: Store, value: Any, steps: list[str], path: str, version: str) -> None:
    if isinstance(value, list):
        for each in value:
            _expand(store, each, steps, path, version)
        return
    if not isinstance(value, dict) or not steps:
        return
    name, rest = steps[0], steps[1:]
    kind = value.get("object") or ("total_details" if "amount_shipping" in value else "")
    on_request = ON_REQUEST.get(kind, {}).get(name)
    if on_request and value.get(name) is None:
        value[name] = _shown(store, on_request(store, value), version)
    elif name not in value:
        raise wrong(f"This property cannot be expanded ({path[:80]}).", "expand")
    value[name] = _resolved(store, value[name], version)
    _expand(store, value[name], rest, path, version)


def _resolved(store: Store, value: Any, version: str) -> Any:
    if isinstance(value, list):
        return [_resolved(store, each, version) for each in value]
    found = store.anything(value) if isinstance(value, str) else None
    return _shown(store, found, version) if found else value

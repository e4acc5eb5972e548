"""What customers are entitled to: the features of the products of their living subscriptions."""

from __future__ import annotations

from .hooks import emit
from .render import listing
from .store import Store, Thing

LIVING = ("trialing", "active", "past_due")


def refresh(store: Store, customer: str) -> None:
    """Bring a customer's entitlements up to date, and say so where they changed."""
    wanted = _wanted(store, customer)
    held = {each["feature"]: each for each in store.find("entitlements.active_entitlement", _customer=customer)}
    if wanted == list(held):
        return
    for feature in held.keys() - set(wanted):
        store.drop("entitlements.active_entitlement", held[feature]["id"])
    for feature in wanted:
        if feature not in held:
            _grant(store, customer, feature)
    if set(wanted) != held.keys():
        emit(store, "entitlements.active_entitlement_summary.updated", summary(store, customer))


def _wanted(store: Store, customer: str) -> list[str]:
    products = {
        store.get("price", each["price"])["product"]
        for sub in store.find("subscription", customer=customer)
        if sub["status"] in LIVING
        for each in sub["items"]["data"]
    }
    return list(
        dict.fromkeys(
            each["entitlement_feature"]
            for each in store.table("product_feature").values()
            if each["_product"] in products
        )
    )


def _grant(store: Store, customer: str, feature: str) -> None:
    found = store.get("entitlements.feature", feature)
    grant = {"id": store.mint("ent"), "object": "entitlements.active_entitlement", "feature": feature}
    store.add(grant | {"livemode": False, "lookup_key": found["lookup_key"], "_customer": customer})


def summary(store: Store, customer: str) -> Thing:
    """Return a customer's summary, as its event carries it."""
    held = store.find("entitlements.active_entitlement", _customer=customer)
    return {
        "object": "entitlements.active_entitlement_summary", "customer": customer, "livemode": False,
        "entitlements": listing(held, f"/v1/customer/{customer}/entitlements"),
    }  # fmt: skip

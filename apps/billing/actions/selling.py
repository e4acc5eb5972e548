"""Put what plans.yaml describes on sale at Stripe, and mirror it. Safe to repeat: what is there already stays."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import stripe
import yaml
from django.conf import settings
from djstripe.models import Price, Product, WebhookEndpoint

from apps.accounts import queries as accounts
from apps.billing import catalogue, rules
from apps.billing.actions import subscriptions
from apps.billing.actions.checkout import PORTAL
from apps.billing.models import Entitlement
from apps.lib.errors import Invalid

SOLD = Path(__file__).resolve().parent.parent / "plans.yaml"


def read(path: Path = SOLD) -> dict[str, Any]:
    """Return what plans.yaml says. Raises Invalid with the plan and the figure that is missing or wrong."""
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    for slug, plan in found["plans"].items():
        limits = plan.get("limits", {})
        if wrong := [name for name in rules.LIMITS if not isinstance(limits.get(name), int) or limits[name] < 0]:
            raise Invalid(f"{path.name}: {slug}: {', '.join(wrong)} must be whole numbers.")
        if strange := set(plan.get("features", ())) - set(found["features"]):
            raise Invalid(f"{path.name}: {slug}: there is no feature {', '.join(sorted(strange))}.")
    tiers = found["overage"]["tiers"]
    edges = [until for until, _rate in tiers[:-1]]
    if not tiers or tiers[-1][0] is not None or edges != sorted(set(edges)) or any(rate < 0 for _until, rate in tiers):
        raise Invalid(f"{path.name}: overage: tiers ascend, and the last one has no end.")
    if any(plan.get("overage") and not plan["monthly"] for plan in found["plans"].values()):
        raise Invalid(f"{path.name}: a plan that costs nothing has nobody to bill overage to.")
    if sum(not plan["monthly"] for plan in found["plans"].values()) != 1:
        raise Invalid(f"{path.name}: exactly one plan costs nothing.")
    return found


def sell(*, events: tuple[str, ...]) -> int:
    """Put everything on sale, listen to events, and give each workspace without a plan the one that costs nothing.

    Returns how many workspaces were new to it. Raises Invalid, and Stripe's own errors.
    """
    stripe.api_key = settings.STRIPE_SECRET_KEY
    found = read()
    features = _features(found["features"])
    paid: dict[str, str] = {}
    for slug, plan in found["plans"].items():
        words = {name: str(plan["limits"][name]) for name in rules.LIMITS} | {catalogue.PLAN: slug}
        words |= {"trial_days": str(plan.get("trial_days", 0)), "overage": "yes" if plan.get("overage") else "no"}
        product = _product(f"footnote_{slug}", plan["name"], plan["about"], words)
        monthly = {"recurring": {"interval": "month"}}
        price = _price(product, plan["monthly"], found["currency"], f"{slug}_monthly", **monthly)
        paid |= {product: price} if plan["monthly"] else {}
        _attach(product, {features[name] for name in plan["features"]})
        _mirror(product)
    _beyond(found["overage"], found["currency"])
    for slug, topup in found["topups"].items():
        words = {catalogue.TOPUP: slug, "credits": str(topup["credits"])}
        product = _product(f"footnote_{slug}", topup["name"], "", words)
        _price(product, topup["price"], found["currency"], slug)
        _mirror(product)
    _portal(paid)
    listen(events)
    return _begin()


def listen(events: tuple[str, ...]) -> None:
    """Have Stripe tell us of events at an address of ours, unless it does already."""
    known = WebhookEndpoint.objects.filter(
        url__startswith=f"{settings.PUBLIC_ORIGIN}/stripe/", status="enabled"
    ).first()
    if known is not None and known.secret:
        return
    key = str(uuid.uuid4())
    create: Any = stripe.WebhookEndpoint.create  # typed by every event and version there is
    made = create(
        url=f"{settings.PUBLIC_ORIGIN}/stripe/webhook/{key}/", enabled_events=list(events),
        metadata={"djstripe_uuid": key}, api_version=stripe.api_version,
    )  # fmt: skip
    WebhookEndpoint.sync_from_stripe_data(made, api_key=settings.STRIPE_SECRET_KEY)
    WebhookEndpoint.objects.filter(id=made["id"]).update(secret=made["secret"])


def _features(names: Mapping[str, str]) -> dict[str, str]:
    known = {each["lookup_key"]: each["id"] for each in stripe.entitlements.Feature.list(limit=100).data}
    for key, name in names.items():
        if key not in known:
            known[key] = stripe.entitlements.Feature.create(lookup_key=key, name=name)["id"]
    return known


def _product(id: str, name: str, about: str, words: dict[str, str]) -> str:
    given: dict[str, Any] = {"name": name, "metadata": words} | ({"description": about} if about else {})
    try:
        stripe.Product.retrieve(id)
        stripe.Product.modify(id, active=True, **given)
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
        stripe.Product.create(id=id, **given)
    return id


def _mirror(product: str) -> None:
    """Mirror a Product with its features, and let it bind who has it."""
    Product.sync_from_stripe_data(stripe.Product.retrieve(product), api_key=settings.STRIPE_SECRET_KEY)
    subscriptions.refresh_plan(product=product)


def _price(product: str, cents: int, currency: str, key: str, **more: Any) -> str:
    """Ask this price from now on and return its id; who pays another one goes on with it."""
    there = stripe.Price.list(lookup_keys=[key], active=True, limit=1).data
    if not there or (there[0]["unit_amount"], there[0]["currency"]) != (cents, currency):
        made = stripe.Price.create(
            product=product, unit_amount=cents, currency=currency, lookup_key=key, transfer_lookup_key=True, **more
        )
        for old in there:
            _mirror_price(stripe.Price.modify(old["id"], active=False))
        there = [made]
    _mirror_price(there[0])
    return str(there[0]["id"])


def _beyond(given: Mapping[str, Any], currency: str) -> None:
    """Sell tokens beyond the plans: a meter that counts them, and a price in tiers that it feeds.

    Who subscribed at other tiers keeps them: a price of Stripe's never changes, so another one is made.
    """
    words = {catalogue.BEYOND: rules.tiers_in_words(given["tiers"]), "event_name": given["meter"]}
    product = _product("footnote_overage", given["name"], "", {})
    meters = stripe.billing.Meter.list(status="active", limit=100).auto_paging_iter()
    meter = next((each for each in meters if each["event_name"] == given["meter"]), None)
    if meter is None:
        meter = stripe.billing.Meter.create(
            display_name=given["name"], event_name=given["meter"], default_aggregation={"formula": "sum"}
        )
    there = stripe.Price.list(lookup_keys=["overage"], active=True, limit=1).data
    kept = there and (dict(there[0]["metadata"]), there[0]["recurring"]["meter"]) == (words, meter["id"])
    if not kept:
        asked: Any = {"metered": {"interval": "month", "usage_type": "metered", "meter": meter["id"]}}
        made = stripe.Price.create(
            product=product, currency=currency, lookup_key="overage", transfer_lookup_key=True, metadata=words,
            recurring=asked["metered"], billing_scheme="tiered", tiers_mode="graduated",
            tiers=[_tier(until, rate) for until, rate in given["tiers"]],
        )  # fmt: skip
        for old in there:
            _mirror_price(stripe.Price.modify(old["id"], active=False))
        there = [made]
    _mirror(product)
    _mirror_price(there[0])


def _tier(until: int | None, rate: int) -> Any:
    """Return a tier as Stripe takes it. rate: micro-dollars for 1,000; Stripe counts in cents for one."""
    return {"up_to": "inf" if until is None else until, "unit_amount_decimal": f"{Decimal(rate) / 10_000_000:f}"}


def _mirror_price(price: Any) -> None:
    Price.sync_from_stripe_data(price, api_key=settings.STRIPE_SECRET_KEY)


def _portal(paid: Mapping[str, str]) -> None:
    """Let customers change between the paid plans, end them, change cards and see invoices. paid: product → price."""
    change = {
        "enabled": True, "default_allowed_updates": ["price"], "proration_behavior": "always_invoice",
        "products": [{"product": product, "prices": [price]} for product, price in paid.items()],
        # Another plan is paid at once: a trial of one plan brings no credits of a dearer one.
        "trial_update_behavior": "end_trial",
    }  # fmt: skip
    features: Any = {
        "subscription_update": change,
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
    }
    there = stripe.billing_portal.Configuration.list(active=True, limit=100).data
    known = next((each for each in there if PORTAL.items() <= dict(each["metadata"] or {}).items()), None)
    if known is None:
        stripe.billing_portal.Configuration.create(features=features, metadata=PORTAL)
    else:
        stripe.billing_portal.Configuration.modify(known["id"], features=features)


def _attach(product: str, wanted: set[str]) -> None:
    there = stripe.Product.list_features(product, limit=100).data
    known = {each["entitlement_feature"]["id"]: each for each in there}
    for feature in wanted - set(known):
        stripe.Product.create_feature(product, entitlement_feature=feature)
    for feature in set(known) - wanted:
        stripe.Product.delete_feature(product, known[feature]["id"])


def _begin() -> int:
    known = set(Entitlement.objects.values_list("workspace", flat=True))
    new = [schema for schema in accounts.schemas() if schema not in known]
    for schema in new:
        subscriptions.begin(schema=schema, by=0)
    return len(new)

"""What is sold, read from dj-stripe's mirror: plans and top-ups with their prices, limits and features."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from djstripe.models import Price, Product, ProductFeature

from apps.billing import rules

PLAN, TOPUP, BEYOND = "footnote_plan", "footnote_topup", "footnote_overage"


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan, or a top-up of credits. cents: a month, or once. price: Stripe's id, empty for what costs nothing."""

    slug: str
    name: str
    about: str
    cents: int
    currency: str
    price: str
    trial_days: int
    credits: int
    limits: dict[str, int]
    features: tuple[str, ...]
    feature_names: tuple[str, ...]
    overage: bool = False

    @property
    def amount(self) -> str:
        """Return the price as it is written: 49, or 49.50."""
        whole, part = divmod(self.cents, 100)
        return f"{whole}.{part:02}" if part else str(whole)


@dataclass(frozen=True, slots=True)
class Beyond:
    """What tokens beyond a plan cost. price, meter: Stripe's ids; event_name: by which the meter knows its events."""

    price: str
    meter: str
    event_name: str
    tiers: rules.Tiers


def plans() -> list[Offer]:
    """List the plans that are sold, cheapest first. Runs with the platform's role."""
    return sorted(_offers(PLAN), key=lambda offer: offer.cents)


def topups() -> list[Offer]:
    """List the credits that can be bought once, fewest first. Runs with the platform's role."""
    return sorted(_offers(TOPUP), key=lambda offer: offer.credits)


def free() -> Offer | None:
    """Return the plan that costs nothing, which holds where nobody pays; None where nothing is sold."""
    return next((offer for offer in plans() if not offer.cents), None)


def beyond() -> Beyond | None:
    """Return what tokens beyond a plan cost whoever subscribes now; None where they are not sold."""
    prices = Price.objects.filter(product__active=True, active=True)
    found = [made for row in prices if (made := beyond_of(row.stripe_data))]
    return found[-1] if found else None


def beyond_of(price: dict[str, Any]) -> Beyond | None:
    """Return what a price of Stripe's asks for tokens beyond a plan; None for a price of something else."""
    given, recurring = price.get("metadata") or {}, price.get("recurring") or {}
    tiers = rules.tiers_of(str(given.get(BEYOND) or ""))
    if not tiers or not recurring.get("meter"):
        return None
    return Beyond(str(price["id"]), str(recurring["meter"]), str(given.get("event_name")), tiers)


def metered(prices: Collection[str]) -> set[str]:
    """Return those of some prices of Stripe's that ask for tokens beyond a plan."""
    return {row.id for row in Price.objects.filter(id__in=prices) if beyond_of(row.stripe_data)}


def of_product(product: str) -> Offer | None:
    """Return the plan or top-up that is this Product of Stripe's, on sale or not; None where it is none of ours."""
    row = Product.objects.filter(id=product).first()
    return _offer(row, row.stripe_data.get("metadata") or {}) if row else None


def _offers(kind: str) -> Iterable[Offer]:
    for row in Product.objects.filter(active=True):
        given = row.stripe_data.get("metadata") or {}
        if kind in given and (found := _offer(row, given)):
            yield found


def _offer(row: Product, given: dict[str, Any]) -> Offer | None:
    slug = given.get(PLAN) or given.get(TOPUP)
    if not slug:
        return None
    price = _price(row)
    limits = {name: _whole(given.get(name)) for name in rules.LIMITS}
    mirrored = ProductFeature.objects.filter(product=row).select_related("entitlement_feature").order_by("id")
    features = [each.entitlement_feature for each in mirrored]
    return Offer(
        slug, row.name, row.stripe_data.get("description") or "", price.get("unit_amount") or 0,
        price.get("currency", ""), price.get("id", ""), _whole(given.get("trial_days")), limits["credits"], limits,
        tuple(each.lookup_key for each in features), tuple(each.name for each in features),
        given.get("overage") == "yes",
    )  # fmt: skip


def _price(row: Product) -> dict[str, Any]:
    """Return the price that is asked: the newest active one that is not metered."""
    found = [each.stripe_data for each in Price.objects.filter(product=row, active=True)]
    fixed = [each for each in found if (each.get("recurring") or {}).get("usage_type") != "metered"]
    return max(fixed, key=lambda each: int(each.get("created", 0)), default={})


def _whole(text: Any) -> int:
    return int(text) if str(text or "").isdecimal() else 0

"""What is sold, read from dj-stripe's mirror: plans and top-ups with their prices, limits and features."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from djstripe.models import Price, Product, ProductFeature

from apps.billing import rules

PLAN, TOPUP = "footnote_plan", "footnote_topup"


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

    @property
    def amount(self) -> str:
        """Return the price as it is written: 49, or 49.50."""
        whole, part = divmod(self.cents, 100)
        return f"{whole}.{part:02}" if part else str(whole)


def plans() -> list[Offer]:
    """List the plans that are sold, cheapest first. Runs with the platform's role."""
    return sorted(_offers(PLAN), key=lambda offer: offer.cents)


def topups() -> list[Offer]:
    """List the credits that can be bought once, fewest first. Runs with the platform's role."""
    return sorted(_offers(TOPUP), key=lambda offer: offer.credits)


def free() -> Offer | None:
    """Return the plan that costs nothing, which holds where nobody pays; None where nothing is sold."""
    return next((offer for offer in plans() if not offer.cents), None)


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
    )  # fmt: skip


def _price(row: Product) -> dict[str, Any]:
    """Return the price that is asked: the newest active one that is not metered."""
    found = [each.stripe_data for each in Price.objects.filter(product=row, active=True)]
    fixed = [each for each in found if (each.get("recurring") or {}).get("usage_type") != "metered"]
    return max(fixed, key=lambda each: int(each.get("created", 0)), default={})


def _whole(text: Any) -> int:
    return int(text) if str(text or "").isdecimal() else 0

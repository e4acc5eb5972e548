"""What a quantity costs: one amount a unit, or graduated tiers, each with an amount of its own."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import wrong
from .forms import Form
from .store import Thing

MOST = 99_999_999


def amount_of(form: Form) -> Decimal:
    """Return the amount of a unit that a request names, in cents. Raises Refusal."""
    amount, exact = form.number("unit_amount", 0, MOST), form.text("unit_amount_decimal", 30)
    if (amount is None) == (exact is None):
        message = "Exactly one of unit_amount and unit_amount_decimal is needed."
        raise wrong(message, form.place("unit_amount"), "parameter_missing")
    try:
        value = Decimal(exact or amount or 0)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= MOST or -int(value.as_tuple().exponent) > 12:
        raise wrong(f"Invalid decimal: {exact}", form.place("unit_amount_decimal"))
    return value


def made_tiers(form: Form, recurring: Thing | None) -> list[Thing]:
    """Return the tiers that a request names, the last one without an end. Raises Refusal."""
    if form.choice("tiers_mode", "graduated", "volume") != "graduated":
        raise wrong("This test Stripe knows graduated tiers only.", "tiers_mode")
    if not recurring:
        raise wrong("Tiers are for recurring prices.", "billing_scheme")
    made: list[Thing] = []
    for row in form.rows("tiers"):
        last = row.raw("up_to") == "inf"
        until, value = None if last else row.number("up_to", 1), amount_of(row)
        if made and (made[-1]["up_to"] is None or (until is not None and until <= made[-1]["up_to"])):
            raise wrong("Tiers ascend, and the last one is up to inf.", row.place("up_to"))
        if until is None and not last:
            raise wrong(f"Missing required param: {row.place('up_to')}.", row.place("up_to"), "parameter_missing")
        whole = int(value) if value == value.to_integral_value() else None
        made.append({"up_to": until, "unit_amount": whole, "unit_amount_decimal": f"{value:f}", "flat_amount": None,
                     "flat_amount_decimal": None})  # fmt: skip
    if not made or made[-1]["up_to"] is not None:
        raise wrong("Tiers ascend, and the last one is up to inf.", "tiers")
    return made


def cents(price: Thing, quantity: int) -> int:
    """Return what a quantity costs, in cents; each tier is rounded half up, as it is a line of its own."""
    return sum(amount for _part, _unit, amount in parts(price, quantity))


def parts(price: Thing, quantity: int) -> Iterator[tuple[int, str, int]]:
    """Split a quantity by tier: how much of it, cents for one, cents in all. Without tiers it is one part."""
    tiers = price.get("_tiers") or [{"up_to": None, "unit_amount_decimal": price["unit_amount_decimal"]}]
    below = 0
    for each in tiers:
        upper = quantity if each["up_to"] is None else min(quantity, each["up_to"])
        if upper > below or not below:
            part, unit = upper - below, each["unit_amount_decimal"]
            yield part, unit, int((Decimal(unit) * part).quantize(Decimal(1), ROUND_HALF_UP))
        below = max(below, upper)
        if below >= quantity:
            return

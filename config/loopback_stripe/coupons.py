"""Addresses of coupons and promotion codes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from .catalogue import identity
from .errors import wrong
from .hooks import emit
from .periods import DISTANT
from .routes import Call, expose, route
from .store import Thing

expose("coupon", "/v1/coupons")
expose("promotion_code", "/v1/promotion_codes", active="active", code="code", customer="customer")


@route("POST", "/v1/coupons")
def create_coupon(call: Call) -> Thing:
    """Create a coupon."""
    form, store = call.form, call.store
    percent, amount = form.text("percent_off", 10), form.number("amount_off", 1, 99_999_999)
    if (percent is None) == (amount is None):
        raise wrong("Exactly one of percent_off and amount_off is needed.", "percent_off", "parameter_missing")
    try:
        part = None if percent is None else float(Decimal(percent))
    except InvalidOperation:
        part = -1.0
    if part is not None and not 0 < part <= 100:
        raise wrong("Invalid percent_off: more than 0, at most 100.", "percent_off")
    if amount:
        form.need("currency")
    duration, months = (
        form.choice("duration", "once", "repeating", "forever") or "once",
        form.number("duration_in_months", 1, 120),
    )
    if (duration == "repeating") != bool(months):
        raise wrong("duration_in_months belongs to repeating coupons, and to no others.", "duration_in_months")
    applies = form.table("applies_to")
    coupon = {
        "id": identity(call, "co", "coupon"), "object": "coupon", "amount_off": amount, "created": store.now(),
        "currency": form.text("currency", 3), "duration": duration, "duration_in_months": months, "livemode": False,
        "max_redemptions": form.number("max_redemptions", 1), "metadata": form.metadata(),
        "name": form.text("name", 40),
        "percent_off": part, "redeem_by": form.number("redeem_by", 0, DISTANT), "times_redeemed": 0, "valid": True,
        "_applies_to": {"products": applies.words("products")} if applies else None,
    }  # fmt: skip
    if applies:
        raise wrong("Coupons of single products are not known to this test Stripe.", "applies_to")
    emit(store, "coupon.created", store.add(coupon))
    return coupon


@route("DELETE", "/v1/coupons/{key}")
def delete_coupon(call: Call, key: str) -> Thing:
    """Let a coupon be used no more; who has it keeps it."""
    coupon = call.store.edit("coupon", key)
    coupon["valid"] = False
    emit(call.store, "coupon.deleted", coupon)
    return {"id": key, "object": "coupon", "deleted": True}


@route("POST", "/v1/promotion_codes")
def create_code(call: Call) -> Thing:
    """Create a promotion code of a coupon."""
    form, store = call.form, call.store
    promotion = form.table("promotion")
    coupon = (promotion.text("coupon") if promotion else None) or form.text("coupon")
    if promotion:
        promotion.choice("type", "coupon")
    coupon = store.get("coupon", coupon, "coupon", 400)["id"]
    code = form.text("code", 500) or store.mint("x", 8)[2:].upper()
    if any(each["code"].lower() == code.lower() and each["active"] for each in store.table("promotion_code").values()):
        raise wrong(f"An active promotion code with `code: {code}` already exists.", "code")
    made = {
        "id": store.mint("promo"), "object": "promotion_code", "active": form.flag("active") is not False, "code": code,
        "created": store.now(), "customer": form.text("customer"), "expires_at": form.number("expires_at", 0, DISTANT),
        "livemode": False, "max_redemptions": form.number("max_redemptions", 1), "metadata": form.metadata(),
        "promotion": {"type": "coupon", "coupon": coupon}, "times_redeemed": 0,
        "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
    }  # fmt: skip
    emit(store, "promotion_code.created", store.add(made))
    return made


@route("POST", "/v1/promotion_codes/{key}")
def update_code(call: Call, key: str) -> Thing:
    """Switch a promotion code on or off."""
    made = call.store.edit("promotion_code", key)
    before = dict(made)
    made |= {"metadata": call.form.metadata(made["metadata"])}
    made["active"] = made["active"] if call.form.flag("active") is None else call.form.flag("active")
    emit(call.store, "promotion_code.updated", made, before)
    return made

"""Coupons and promotion codes as somebody redeems them."""

from __future__ import annotations

from .errors import wrong
from .forms import Form
from .periods import later
from .store import Store, Thing


def redeemable(store: Store, coupon: str, code: str | None = None) -> Thing:
    """Return a coupon that can be redeemed now. code: the promotion code's id. Raises Refusal."""
    found, now = store.get("coupon", coupon, "discounts[0][coupon]", 400), store.now()
    ways = [(found, "coupon", found["redeem_by"], found["valid"])]
    if code:
        promotion = store.get("promotion_code", code, "discounts[0][promotion_code]", 400)
        ways.append((promotion, "promotion code", promotion["expires_at"], promotion["active"]))
    for thing, noun, ending, good in ways:
        full = thing["max_redemptions"] is not None and thing["times_redeemed"] >= thing["max_redemptions"]
        if not good or full or (ending is not None and ending <= now):
            raise wrong(f"This {noun} is expired or has been used up.", "discounts", "coupon_expired")
    return found


def wanted(store: Store, form: Form) -> list[tuple[str, str | None]]:
    """Return the coupons, each with its promotion code, that a request's `discounts` name. Raises Refusal."""
    made = []
    for row in form.rows("discounts"):
        code, coupon = row.text("promotion_code"), row.text("coupon")
        if bool(code) == bool(coupon):
            raise wrong("A discount names a coupon or a promotion code.", row.place("coupon"))
        if code:
            promotion = store.get("promotion_code", code, row.place("promotion_code"), 400)
            coupon = promotion["promotion"]["coupon"]
        made.append((redeemable(store, coupon or "", code)["id"], code))
    return made


def by_word(store: Store, word: str) -> tuple[str, str]:
    """Return the coupon and the promotion code that a customer typed. Raises Refusal."""
    for each in store.table("promotion_code").values():
        if each["code"].lower() == word.strip().lower() and each["active"]:
            return redeemable(store, each["promotion"]["coupon"], each["id"])["id"], each["id"]
    raise wrong("This code is invalid.", "promotion_code")


def redeem(store: Store, coupon: str, code: str | None, customer: str | None, **more: str | None) -> str:
    """Use a coupon once more; return the discount's id. more: subscription, checkout_session."""
    found, now = store.edit("coupon", coupon), store.now()
    found["times_redeemed"] += 1
    if code:
        store.edit("promotion_code", code)["times_redeemed"] += 1
    months = found["duration_in_months"]
    end = later(now, {"interval": "month", "interval_count": months}, 1) if months else None
    made: Thing = {
        "id": store.mint("di"),
        "object": "discount",
        "checkout_session": None,
        "customer": customer,
        "end": end,
    }
    made |= {"invoice": None, "invoice_item": None, "promotion_code": code, "start": now, "subscription": None}
    made |= {"source": {"type": "coupon", "coupon": coupon}, "subscription_item": None}
    return str(store.add(made | more)["id"])

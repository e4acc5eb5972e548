"""Changes of a running subscription: other prices, more or fewer, another end; what they cost, to the second."""

from __future__ import annotations

import copy

from . import billing, entitled, invoices
from .errors import declined, wrong
from .hooks import emit
from .periods import following, share
from .store import Store, Thing


def change_parts(
    store: Store, key: str, wanted: list[Thing], proration: str, behaviour: str, anew: bool = False
) -> Thing:
    """Change what a subscription consists of. wanted: id, price, quantity, deleted, metadata of each part.

    proration: always_invoice, create_prorations or none. anew: its cycle begins now. Raises Refusal.
    """
    sub = store.edit("subscription", key)
    if sub["status"] in billing.ENDED:
        raise wrong("A canceled subscription can only update its cancellation_details and metadata.")
    before = copy.deepcopy(sub)
    old = {each["id"]: each for each in before["items"]["data"]}
    for each in wanted:
        _place(store, sub, each)
    if not sub["items"]["data"]:
        raise wrong("A subscription must have at least one active plan. Cancel it instead.", "items")
    anew = anew or _interval(store, sub["items"]["data"][0]) != _interval(store, next(iter(old.values())))
    lines = [] if sub["status"] == "trialing" or proration == "none" else _prorate(store, sub, old, anew)
    if anew and sub["status"] != "trialing":
        lines += _restart(store, sub)
    _bill(store, sub, lines, anew or proration == "always_invoice", behaviour)
    if sub["items"]["data"] != before["items"]["data"]:
        emit(store, "customer.subscription.updated", sub, before)
    entitled.refresh(store, sub["customer"])
    return sub


def _interval(store: Store, each: Thing) -> tuple[str, int]:
    recurring = store.get("price", each["price"])["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _place(store: Store, sub: Thing, wanted: Thing) -> None:
    parts = sub["items"]["data"]
    found = next((each for each in parts if each["id"] == wanted["id"]), None)
    if wanted["id"] and not found:
        raise wrong(f"No such subscription item: '{wanted['id']}'", "items[0][id]", "resource_missing")
    if found and wanted["deleted"]:
        parts.remove(found)
        return
    if wanted["price"]:
        price = store.get("price", wanted["price"], "items[0][price]", 400)
        if not price["recurring"] or price["currency"] != sub["currency"] or not price["active"]:
            raise wrong("The price must be active, recurring and of the subscription's currency.", "items[0][price]")
    if not found:
        if not wanted["price"]:
            raise wrong("Missing required param: items[0][price].", "items[0][price]", "parameter_missing")
        if any(each["price"] == wanted["price"] for each in parts):
            raise wrong("A subscription cannot have the same price twice.", "items[0][price]")
        period = parts[0]["current_period_start"], parts[0]["current_period_end"]
        quantity = 1 if wanted["quantity"] is None else wanted["quantity"]
        parts.append(billing.part(store, sub["id"], wanted["price"], quantity, wanted["metadata"] or {}, *period))
        return
    found["price"] = wanted["price"] or found["price"]
    if store.get("price", found["price"])["recurring"]["usage_type"] == "metered":
        found.pop("quantity", None)
    elif wanted["quantity"] is not None or "quantity" not in found:
        found["quantity"] = 1 if wanted["quantity"] is None else wanted["quantity"]
    found["metadata"] = found["metadata"] if wanted["metadata"] is None else wanted["metadata"]


def _prorate(store: Store, sub: Thing, old: dict[str, Thing], anew: bool) -> list[Thing]:
    new = {each["id"]: each for each in sub["items"]["data"]}
    made = []
    for key in dict.fromkeys([*old, *new]):
        gone, come = old.get(key), new.get(key)
        same = gone and come and (gone["price"], gone.get("quantity")) == (come["price"], come.get("quantity"))
        if same and not anew:
            continue
        made += [_part_of(store, sub, gone, -1)] if gone and "quantity" in gone else []
        made += [_part_of(store, sub, come, 1)] if come and "quantity" in come and not anew else []
    return made


def _part_of(store: Store, sub: Thing, each: Thing, sign: int) -> Thing:
    price, now = store.get("price", each["price"]), store.now()
    start, end = each["current_period_start"], each["current_period_end"]
    amount = sign * share(invoices.cents(price, each["quantity"]), now, start, end)
    name = store.get("product", price["product"])["name"]
    words = f"{'Unused' if sign < 0 else 'Remaining'} time on {each['quantity']} × {name}"
    more = {"subscription": sub["id"], "subscription_item": each["id"], "proration": True}
    return invoices.line(store, amount, price, (now, end), words, quantity=each["quantity"], **more)


def _restart(store: Store, sub: Thing) -> list[Thing]:
    now = store.now()
    used = billing.usage_lines(store, sub)
    sub["billing_cycle_anchor"] = now
    for each in sub["items"]["data"]:
        recurring = store.get("price", each["price"])["recurring"]
        each |= {"current_period_start": now, "current_period_end": following(now, recurring, now)}
    return [
        *(
            billing.period_line(store, sub, each, now, each["current_period_end"])
            for each in sub["items"]["data"]
            if "quantity" in each
        ),
        *used,
    ]


def _bill(store: Store, sub: Thing, lines: list[Thing], at_once: bool, behaviour: str) -> None:
    if not lines:
        return
    if not at_once:
        for each in lines:
            _wait(store, sub, each)
        return
    lines += billing.pending_lines(store, sub["customer"], sub["id"])
    now = store.now()
    invoice = invoices.draft(
        store, sub["customer"], sub["currency"], lines, "subscription_update", sub=sub, period=(now, now)
    )
    billing.claim(store, invoice)
    sub["latest_invoice"] = invoice["id"]
    invoices.finalize(store, invoice["id"])
    if invoice["status"] == "open" and not billing.collect(store, invoice["id"]) and behaviour == "error_if_incomplete":
        raise declined("generic_decline", "Your card was declined.", keep=False)


def _wait(store: Store, sub: Thing, each: Thing) -> None:
    details = {
        "subscription": sub["id"],
        "subscription_item": each["parent"]["subscription_item_details"]["subscription_item"],
    }
    made = {
        "id": store.mint("ii"), "object": "invoiceitem", "amount": each["amount"], "currency": each["currency"],
        "customer": sub["customer"], "date": store.now(), "description": each["description"], "discountable": False,
        "discounts": [], "invoice": None, "livemode": False, "metadata": {}, "net_amount": each["amount"],
        "parent": {"type": "subscription_details", "subscription_details": details}, "period": each["period"],
        "pricing": each["pricing"], "proration": True, "proration_details": {"discount_amounts": []},
        "quantity": each["quantity"], "quantity_decimal": str(each["quantity"]), "tax_rates": [], "test_clock": None,
        "_subscription": sub["id"],
    }  # fmt: skip
    emit(store, "invoiceitem.created", store.add(made))


def change_end(store: Store, key: str, at_period_end: bool | None, trial_end: int | None) -> Thing:
    """Have a subscription end with its period, or no longer; or move its trial's end. Raises Refusal."""
    sub = store.edit("subscription", key)
    if sub["status"] in billing.ENDED:
        raise wrong("A canceled subscription can only update its cancellation_details and metadata.")
    before = copy.deepcopy(sub)
    if at_period_end is not None:
        ending = sub["items"]["data"][0]["current_period_end"]
        sub["cancel_at_period_end"] = at_period_end
        sub |= {"cancel_at": ending if at_period_end else None, "canceled_at": store.now() if at_period_end else None}
        reason = "cancellation_requested" if at_period_end else None
        sub["cancellation_details"] = sub["cancellation_details"] | {"reason": reason}
    if trial_end is not None:
        if sub["status"] != "trialing":
            raise wrong("Only the trial of a subscription that is on trial can be moved here.", "trial_end")
        sub |= {"trial_end": trial_end, "billing_cycle_anchor": trial_end}
        for each in sub["items"]["data"]:
            each["current_period_end"] = trial_end
    if before != sub:
        emit(store, "customer.subscription.updated", sub, before)
    if trial_end is not None and trial_end <= store.now():
        billing.renew(store, key)
    return sub

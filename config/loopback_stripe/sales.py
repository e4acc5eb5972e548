"""Addresses of subscriptions, invoices, payments and refunds."""

from __future__ import annotations

from . import billing, changes, discounts, invoices, payments
from .errors import Refusal, declined, wrong
from .forms import Form
from .hooks import emit
from .periods import DAY, DISTANT
from .routes import Call, choose, expose, page, route
from .store import Store, Thing

expose("invoice", "/v1/invoices", customer="customer", status="status", subscription="_subscription")
expose("invoiceitem", "/v1/invoiceitems", customer="customer", invoice="invoice")
expose("payment_intent", "/v1/payment_intents", customer="customer")
expose("charge", "/v1/charges", customer="customer", payment_intent="payment_intent")
expose("refund", "/v1/refunds", charge="charge", payment_intent="payment_intent")
BEHAVIOURS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")
PRORATIONS = ("create_prorations", "always_invoice", "none")


def recurring(store: Store, row: Form) -> str:
    """Return the id of the active recurring price that a row names. Raises Refusal."""
    row.need("price")
    price = store.get("price", row.text("price"), row.place("price"), 400)
    if not price["recurring"] or not price["active"]:
        raise wrong("The price specified must be active and recurring.", row.place("price"))
    return str(price["id"])


def trial_of(store: Store, form: Form) -> int | None:
    """Return the moment at which the trial that a request wants ends, None without one."""
    days, moment = form.number("trial_period_days", 1, 730), form.text("trial_end", 20)
    if days and moment:
        raise wrong("Only one of trial_end and trial_period_days can be given.", "trial_end")
    if moment and moment != "now":
        until = form.number("trial_end", 0, DISTANT) or 0
        if not store.now() < until <= store.now() + 730 * DAY:
            raise wrong("Invalid timestamp: must be in the future, within two years.", "trial_end")
        return until
    return store.now() + days * DAY if days else None


def trial_settings(form: Form) -> Thing | None:
    """Return what happens at the end of a trial without a card."""
    settings = form.table("trial_settings")
    ending = settings and settings.table("end_behavior")
    if not ending:
        return None
    what = ending.choice("missing_payment_method", "cancel", "create_invoice", "pause") or "create_invoice"
    return {"end_behavior": {"missing_payment_method": what}}


@route("GET", "/v1/subscriptions")
def list_subscriptions(call: Call) -> Thing:
    """List subscriptions; those that have ended only where the status asks for them."""
    things = list(call.store.table("subscription").values())
    if not call.form.has("status"):
        things = [each for each in things if each["status"] not in billing.ENDED]
    if price := call.form.text("price"):
        things = [each for each in things if any(part["price"] == price for part in each["items"]["data"])]
    return page(call, choose(call, things, {"customer": "customer", "status": "status"}), "subscription")


@route("GET", "/v1/subscriptions/{key}")
def retrieve_subscription(call: Call, key: str) -> Thing:
    """Return a subscription."""
    return call.store.get("subscription", key)


@route("POST", "/v1/subscriptions")
def create_subscription(call: Call) -> Thing:
    """Start a subscription."""
    form, store = call.form, call.store
    customer = store.get("customer", form.text("customer"), "customer", 400)["id"]
    rows = form.rows("items")
    wanted = []
    for row in rows[:20]:
        quantity = row.number("quantity", 0, 1_000_000)
        wanted.append((recurring(store, row), 1 if quantity is None else quantity, row.metadata()))
    if not wanted or len({price for price, _, _ in wanted}) < len(wanted):
        raise wrong("A subscription has items, each of another price.", "items", "parameter_missing")
    method = form.text("default_payment_method")
    if method and store.get("payment_method", method, "default_payment_method", 400)["customer"] != customer:
        raise wrong("The payment method does not belong to this customer.", "default_payment_method")
    form.choice("collection_method", "charge_automatically"), form.raw("payment_settings"), form.flag("off_session")
    behaviour, trial = form.choice("payment_behavior", *BEHAVIOURS), trial_of(store, form)
    _has_card(store, customer, method, trial, behaviour)
    cuts = [discounts.redeem(store, coupon, code, customer) for coupon, code in discounts.wanted(store, form)]
    sub = billing.start(
        store, customer, wanted, trial_end=trial, method=method, metadata=form.metadata(), discounts=cuts,
        behaviour=behaviour, cancel_at_end=bool(form.flag("cancel_at_period_end")),
        trial_settings=trial_settings(form), description=form.text("description"),
    )  # fmt: skip
    for cut in cuts:
        store.edit("discount", cut)["subscription"] = sub["id"]
    return sub


def _has_card(store: Store, customer: str, method: str | None, trial: int | None, behaviour: str | None) -> None:
    card = method or store.get("customer", customer)["invoice_settings"]["default_payment_method"]
    if not card and not trial and behaviour != "default_incomplete":
        message = "This customer has no attached payment source or default payment method."
        raise Refusal(message, code="resource_missing", param="default_payment_method")


def _rows(store: Store, form: Form) -> list[Thing]:
    made = []
    for row in form.rows("items"):
        made.append({
            "id": row.text("id"), "price": recurring(store, row) if row.has("price") else None,
            "quantity": row.number("quantity", 0, 1_000_000), "deleted": row.flag("deleted"),
            "metadata": row.metadata() if row.has("metadata") else None,
        })  # fmt: skip
        row.flag("clear_usage")
    return made


@route("POST", "/v1/subscriptions/{key}")
def update_subscription(call: Call, key: str) -> Thing:
    """Change a subscription: its parts, its end, its card, its metadata."""
    form, store = call.form, call.store
    sub, rows = store.edit("subscription", key), _rows(store, form)
    before = dict(sub)
    proration = form.choice("proration_behavior", *PRORATIONS) or "create_prorations"
    behaviour = form.choice("payment_behavior", *BEHAVIOURS) or "allow_incomplete"
    anew = form.choice("billing_cycle_anchor", "now", "unchanged") == "now"
    sub["metadata"] = form.metadata(sub["metadata"])
    if form.has("description"):
        sub["description"] = form.text("description")
    if form.has("default_payment_method"):
        method = form.text("default_payment_method")
        if method and store.get("payment_method", method, "default_payment_method", 400)["customer"] != sub["customer"]:
            raise wrong("The payment method does not belong to this customer.", "default_payment_method")
        sub["default_payment_method"] = method
    if form.has("discounts"):
        pairs = discounts.wanted(store, form)
        sub["discounts"] = [discounts.redeem(store, *pair, sub["customer"], subscription=key) for pair in pairs]
    _say(store, sub, before)
    if rows or anew:
        changes.change_parts(store, key, rows, proration, behaviour, anew)
    ends, trial = form.flag("cancel_at_period_end"), form.text("trial_end", 20)
    moment = store.now() if trial == "now" else trial_of(store, form)
    if ends is not None or moment is not None:
        changes.change_end(store, key, ends, moment)
    if (
        behaviour == "error_if_incomplete"
        and moment
        and store.get("invoice", sub["latest_invoice"])["status"] == "open"
    ):
        raise declined("generic_decline", "Your card was declined.", keep=False)
    return sub


def _say(store: Store, sub: Thing, before: Thing) -> None:
    if sub != before:
        emit(store, "customer.subscription.updated", sub, before)


@route("DELETE", "/v1/subscriptions/{key}")
def cancel_subscription(call: Call, key: str) -> Thing:
    """End a subscription now."""
    details, form = call.form.table("cancellation_details"), call.form
    sub = call.store.edit("subscription", key)
    if details:
        told = {name: details.text(name) for name in ("comment", "feedback")}
        sub["cancellation_details"] = sub["cancellation_details"] | told
    if form.flag("prorate") or form.flag("invoice_now"):
        raise wrong("This test Stripe ends subscriptions without a last invoice.", "invoice_now")
    return billing.end(call.store, key)


@route("GET", "/v1/subscription_items")
def list_parts(call: Call) -> Thing:
    """List a subscription's items."""
    call.form.need("subscription")
    sub = call.store.get("subscription", call.form.text("subscription"), "subscription", 400)
    return page(call, sub["items"]["data"], "subscription_item", newest_first=False)


def _of_part(store: Store, key: str) -> Thing:
    for sub in store.table("subscription").values():
        if any(each["id"] == key for each in sub["items"]["data"]):
            return sub
    raise Refusal(f"No such subscription_item: '{key[:80]}'", status=404, code="resource_missing", param="id")


def _part(sub: Thing, key: str) -> Thing:
    found: Thing = next(each for each in sub["items"]["data"] if each["id"] == key)
    return found


@route("GET", "/v1/subscription_items/{key}")
def retrieve_part(call: Call, key: str) -> Thing:
    """Return a subscription's item."""
    return _part(_of_part(call.store, key), key)


@route("POST", "/v1/subscription_items")
def create_part(call: Call) -> Thing:
    """Add an item to a subscription."""
    form, store = call.form, call.store
    sub = store.get("subscription", form.text("subscription"), "subscription", 400)
    wanted: Thing = {"id": None, "price": recurring(store, form), "quantity": form.number("quantity", 0, 1_000_000)}
    wanted |= {"deleted": None, "metadata": form.metadata()}
    changes.change_parts(store, sub["id"], [wanted], _proration(form), _behaviour(form))
    return next(each for each in sub["items"]["data"] if each["price"] == wanted["price"])


def _proration(form: Form) -> str:
    return form.choice("proration_behavior", *PRORATIONS) or "create_prorations"


def _behaviour(form: Form) -> str:
    return form.choice("payment_behavior", *BEHAVIOURS) or "allow_incomplete"


@route("POST", "/v1/subscription_items/{key}")
def update_part(call: Call, key: str) -> Thing:
    """Change a subscription's item."""
    form, store = call.form, call.store
    sub = _of_part(store, key)
    wanted: Thing = {"id": key, "price": recurring(store, form) if form.has("price") else None, "deleted": None}
    wanted |= {"quantity": form.number("quantity", 0, 1_000_000)}
    wanted |= {"metadata": form.metadata(_part(sub, key)["metadata"])}
    changes.change_parts(store, sub["id"], [wanted], _proration(form), _behaviour(form))
    return _part(sub, key)


@route("DELETE", "/v1/subscription_items/{key}")
def delete_part(call: Call, key: str) -> Thing:
    """Take an item from a subscription."""
    sub, form = _of_part(call.store, key), call.form
    form.flag("clear_usage")
    wanted = {"id": key, "price": None, "quantity": None, "deleted": True, "metadata": None}
    changes.change_parts(call.store, sub["id"], [wanted], _proration(form), "allow_incomplete")
    return {"id": key, "object": "subscription_item", "deleted": True}


@route("GET", "/v1/invoices/{key}/lines")
def list_lines(call: Call, key: str) -> Thing:
    """List an invoice's lines."""
    return page(call, call.store.get("invoice", key)["lines"]["data"], "line_item", newest_first=False)


@route("GET", "/v1/invoice_payments/{key}")
def retrieve_invoice_payment(call: Call, key: str) -> Thing:
    """Return an invoice's payment."""
    return call.store.get("invoice_payment", key)


@route("GET", "/v1/invoice_payments")
def list_invoice_payments(call: Call) -> Thing:
    """List what invoices were paid with; `payment[payment_intent]` picks those of one intent."""
    things, by = list(call.store.table("invoice_payment").values()), call.form.table("payment")
    if by:
        by.choice("type", "payment_intent")
        intent = by.text("payment_intent")
        things = [each for each in things if each["payment"]["payment_intent"] == intent]
    return page(call, choose(call, things, {"invoice": "invoice", "status": "status"}), "invoice_payment")


@route("POST", "/v1/invoices/{key}/pay")
def pay_invoice(call: Call, key: str) -> Thing:
    """Pay an invoice now."""
    form, store = call.form, call.store
    name = form.text("payment_method")
    form.flag("off_session"), form.flag("forgive")
    method = store.get("payment_method", name, "payment_method", 400) if name else None
    if method and method["customer"] != store.get("invoice", key)["customer"]:
        raise wrong("The payment method does not belong to this customer.", "payment_method")
    return billing.pay(store, key, method)


@route("POST", "/v1/invoices/{key}/finalize")
def finalize_invoice(call: Call, key: str) -> Thing:
    """Finalize a draft."""
    call.form.flag("auto_advance")
    return invoices.finalize(call.store, key)


@route("POST", "/v1/invoices/{key}/(void|mark_uncollectible)")
def void_invoice(call: Call, key: str, act: str) -> Thing:
    """Void an invoice, or mark it as uncollectible."""
    return invoices.void(call.store, key, "void" if act == "void" else "uncollectible")


@route("POST", "/v1/refunds")
def create_refund(call: Call) -> Thing:
    """Give a charge or a payment back."""
    form, store = call.form, call.store
    charge, intent = form.text("charge"), form.text("payment_intent")
    if bool(charge) == bool(intent):
        raise wrong("Exactly one of charge and payment_intent is needed.", "charge", "parameter_missing")
    if intent:
        found = store.get("payment_intent", intent, "payment_intent", 400)
        if found["status"] != "succeeded":
            message = f"This PaymentIntent ({intent}) does not have a successful charge to refund."
            raise wrong(message, "payment_intent")
        charge = found["latest_charge"]
    reason = form.choice("reason", "duplicate", "fraudulent", "requested_by_customer")
    return payments.refund(store, charge or "", form.number("amount", 1), reason, form.metadata())

"""Checkout: sessions, and what paying one makes."""

from __future__ import annotations

from . import billing, catalogue, discounts, invoices, payments
from .clock import close
from .errors import Refusal, declined, wrong
from .forms import Form
from .hooks import emit
from .people import make_customer
from .periods import DAY, DISTANT
from .routes import Call, expose, page, route
from .sales import trial_of, trial_settings
from .store import Store, Thing

expose(
    "checkout.session", "/v1/checkout/sessions", customer="customer", status="status",
    subscription="subscription", payment_intent="payment_intent",
)  # fmt: skip
# Members that are kept as they were given and change nothing here.
KEPT = (
    "automatic_tax", "billing_address_collection", "consent_collection", "customer_creation", "customer_update",
    "custom_text", "invoice_creation", "locale", "payment_method_options", "phone_number_collection", "submit_type",
    "tax_id_collection", "saved_payment_method_options", "payment_method_collection",
)  # fmt: skip


@route("POST", "/v1/checkout/sessions")
def create_session(call: Call) -> Thing:
    """Open a session in mode subscription or payment."""
    form, store = call.form, call.store
    form.need("mode")
    form.need("success_url")
    mode = form.choice("mode", "subscription", "payment")
    lines = [_line(store, row, mode or "") for row in form.rows("line_items")]
    if not 1 <= len(lines) <= 20:
        raise wrong("Missing required param: line_items.", "line_items", "parameter_missing")
    if mode == "subscription" and not any(each["_recurring"] for each in lines):
        raise wrong("In subscription mode at least one recurring price is needed.", "line_items[0][price]")
    key, customer = store.mint("cs_test", 40), form.text("customer")
    if customer:
        store.get("customer", customer, "customer", 400)
    offered, typed = discounts.wanted(store, form), bool(form.flag("allow_promotion_codes"))
    if offered and form.has("allow_promotion_codes"):
        raise wrong("You may only specify one of these parameters: allow_promotion_codes, discounts.", "discounts")
    session = _shape(call, key, customer) | {"mode": mode, "allow_promotion_codes": typed or None, "_line_items": lines}
    session |= {"currency": lines[0]["currency"], "_coupons": [list(pair) for pair in offered]} | _inner(store, form)
    recount(store, session)
    store.add(session)
    return session


def _line(store: Store, row: Form, mode: str) -> Thing:
    key, inline = row.text("price"), row.table("price_data")
    if bool(key) == bool(inline):
        raise wrong("A line names exactly one of price and price_data.", row.place("price"), "parameter_missing")
    price = _made(store, inline) if inline else store.get("price", key, row.place("price"), 400)
    if not price["active"]:
        raise wrong("The price specified is inactive. This field only accepts active prices.", row.place("price"))
    if price["recurring"] and mode == "payment":
        raise wrong("You specified `payment` mode but passed a recurring price.", "mode")
    metered = price["recurring"] and price["recurring"]["usage_type"] == "metered"
    quantity = row.number("quantity", 1, 999_999)
    row.raw("adjustable_quantity")
    if (quantity is None) != bool(metered):
        raise wrong("A quantity belongs to every price that is not metered.", row.place("quantity"))
    amount = 0 if metered else invoices.cents(price, quantity or 1)
    return {
        "id": store.mint("li", 14), "object": "item", "amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0,
        "amount_total": amount, "currency": price["currency"], "price": price["id"], "quantity": quantity,
        "description": store.get("product", price["product"])["name"], "discounts": [],
        "_recurring": bool(price["recurring"]), "_metered": bool(metered),
    }  # fmt: skip


def _made(store: Store, inline: Form) -> Thing:
    product, details = inline.text("product"), inline.table("product_data")
    if details:
        product = catalogue.create_product(Call(store, details, "", ""))["id"]
    found = store.get("product", product, "line_items[0][price_data][product]", 400)
    return store.add(catalogue.make_price(store, inline, found["id"]))


def _shape(call: Call, key: str, customer: str | None) -> Thing:
    form, store = call.form, call.store
    now = store.now()
    until = form.number("expires_at", 0, DISTANT) or now + DAY
    if not now + 1800 <= until <= now + DAY:
        raise wrong("The `expires_at` timestamp must be 30 minutes to 24 hours from now.", "expires_at")
    form.choice("ui_mode", "hosted", "hosted_page"), form.words("payment_method_types")
    nothing = ("after_expiration", "client_secret", "collected_information", "consent", "currency_conversion",
               "customer_details", "invoice", "payment_intent", "payment_link", "recovered_from", "return_url",
               "setup_intent", "shipping_address_collection", "shipping_cost", "subscription")  # fmt: skip
    return dict.fromkeys(nothing) | {name: form.raw(name) for name in KEPT} | {
        "id": key, "object": "checkout.session", "cancel_url": form.text("cancel_url"), "created": now,
        "client_reference_id": form.text("client_reference_id", 200), "customer": customer, "custom_fields": [],
        "customer_email": form.text("customer_email", 800), "discounts": [], "expires_at": until, "livemode": False,
        "metadata": form.metadata(), "payment_method_types": ["card"], "payment_status": "unpaid",
        "shipping_options": [], "status": "open", "success_url": form.text("success_url"), "ui_mode": "hosted_page",
        "url": f"{store.origin}/c/pay/{key}",
    }  # fmt: skip


def _inner(store: Store, form: Form) -> Thing:
    sub, intent = form.table("subscription_data"), form.table("payment_intent_data")
    made: Thing = {"_sub": {}, "_intent": {}}
    if sub:
        made["_sub"] = {"metadata": sub.metadata(), "trial_days": sub.number("trial_period_days", 1, 730)}
        made["_sub"] |= {"trial_end": trial_of(store, sub) if sub.has("trial_end") else None}
        made["_sub"] |= {"trial_settings": trial_settings(sub), "description": sub.text("description")}
    if intent:
        made["_intent"] = {"metadata": intent.metadata(), "description": intent.text("description")}
        intent.choice("setup_future_usage", "on_session", "off_session")
    return made


def recount(store: Store, session: Thing) -> None:
    """Reckon a session's amounts: what is due today, with its coupons."""
    trial = session["_sub"].get("trial_days") or session["_sub"].get("trial_end")
    subtotal = sum(each["amount_subtotal"] for each in session["_line_items"] if not (trial and each["_recurring"]))
    total, cuts = subtotal, []
    for coupon, code in session["_coupons"]:
        total -= invoices._cut(store.get("coupon", coupon), total, "")
        cuts.append({"coupon": None if code else coupon, "promotion_code": code})
    session |= {"amount_subtotal": subtotal, "amount_total": total, "discounts": cuts}
    session["total_details"] = {"amount_discount": subtotal - total, "amount_shipping": 0, "amount_tax": 0}


@route("GET", "/v1/checkout/sessions/{key}/line_items")
def list_line_items(call: Call, key: str) -> Thing:
    """List what a session sells."""
    return page(call, call.store.get("checkout.session", key)["_line_items"], "item", newest_first=False)


@route("POST", "/v1/checkout/sessions/{key}/expire")
def expire_session(call: Call, key: str) -> Thing:
    """Expire an open session."""
    session = call.store.get("checkout.session", key)
    if session["status"] != "open":
        raise wrong(f"Only Checkout Sessions with a status of open can be expired. This one is {session['status']}.")
    close(call.store, key)
    return session


def complete(store: Store, key: str, number: str, month: int, year: int, email: str, name: str) -> Thing:
    """Pay an open session with a card. Raises Refusal where it is declined, or where the session is not open."""
    session = store.edit("checkout.session", key)
    if session["status"] != "open":
        raise Refusal(f"This session is {session['status']}.")
    customer = session["customer"] or _customer(store, email or session["customer_email"], name)
    details = {"email": email or store.get("customer", customer)["email"], "name": name or None}
    method = payments.make_card(store, number, month, year, details)
    if method["_behaviour"] in payments.MESSAGES and (session["amount_total"] or session["mode"] == "subscription"):
        raise declined(method["_behaviour"], payments.MESSAGES[method["_behaviour"]], keep=False)
    for coupon, code in session["_coupons"]:
        discounts.redeemable(store, coupon, code)
    session |= {"customer": customer, "status": "complete", "url": None}
    session["customer_details"] = details | {"address": None, "phone": None, "tax_exempt": "none", "tax_ids": []}
    payments.attach(store, method, customer)
    cuts = [
        discounts.redeem(store, coupon, code, customer, checkout_session=key) for coupon, code in session["_coupons"]
    ]
    (_subscribe if session["mode"] == "subscription" else _take)(store, session, method, cuts)
    if session["mode"] == "subscription":
        owner = store.edit("customer", customer)
        owner["invoice_settings"] = owner["invoice_settings"] | {"default_payment_method": method["id"]}
        emit(store, "customer.updated", owner)
    emit(store, "checkout.session.completed", session)
    return session


def _customer(store: Store, email: str | None, name: str) -> str:
    if not email or "@" not in email or len(email) > 500:
        raise wrong("Your email is incomplete.", "email")
    return str(make_customer(store, Form({"email": email, "name": name}))["id"])


def _subscribe(store: Store, session: Thing, method: Thing, cuts: list[str]) -> None:
    inner, days = session["_sub"], session["_sub"].get("trial_days")
    wanted: list[tuple[str, int, Thing]] = [
        (each["price"], each["quantity"] or 1, {}) for each in session["_line_items"] if each["_recurring"]
    ]
    once = [each for each in session["_line_items"] if not each["_recurring"]]
    if once:
        raise wrong("One-time prices beside a subscription are not known to this test Stripe.", "line_items")
    sub = billing.start(
        store, session["customer"], wanted, trial_end=store.now() + days * DAY if days else inner.get("trial_end"),
        method=method["id"], metadata=dict(inner.get("metadata", {})), discounts=cuts, present=True,
        behaviour="error_if_incomplete", trial_settings=inner.get("trial_settings"),
        description=inner.get("description"),
    )  # fmt: skip
    for cut in cuts:
        store.edit("discount", cut)["subscription"] = sub["id"]
    session |= {"subscription": sub["id"], "invoice": sub["latest_invoice"]}
    session["payment_status"] = "paid" if session["amount_total"] else "no_payment_required"


def _take(store: Store, session: Thing, method: Thing, _cuts: list[str]) -> None:
    if not session["amount_total"]:
        session["payment_status"] = "no_payment_required"
        return
    more = {
        "metadata": dict(session["_intent"].get("metadata", {})),
        "description": session["_intent"].get("description"),
    }
    intent = payments.make_intent(store, session["amount_total"], session["currency"], session["customer"], **more)
    if not payments.confirm(store, intent["id"], method, present=True):
        raise declined("generic_decline", payments.MESSAGES["generic_decline"], keep=False)
    session |= {"payment_intent": intent["id"], "payment_status": "paid"}


@route("POST", "/v1/checkout/sessions/{key}")
def update_session(call: Call, key: str) -> Thing:
    """Change a session's metadata."""
    session = call.store.edit("checkout.session", key)
    session["metadata"] = call.form.metadata(session["metadata"])
    return session

"""The account, its customers and their cards, webhook endpoints and events."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from . import billing, entitled, payments
from .errors import Refusal, wrong
from .forms import Form
from .hooks import emit
from .render import API_VERSION, listing
from .routes import Call, choose, expose, page, route
from .store import Store, Thing

ACCOUNT = "acct_1LoopbackTest0000"
LOOPBACK = ("127.0.0.1", "localhost")

expose("customer", "/v1/customers", email="email")
expose("event", "/v1/events", type="type", types="type")
expose("webhook_endpoint", "/v1/webhook_endpoints")
expose("payment_method", "/v1/payment_methods", customer="customer", type="type")
expose("balance_transaction", "/v1/balance_transactions", source="source", type="type")


@route("GET", "/v1/account")
def own_account(call: Call) -> Thing:
    """Return the account."""
    return {
        "id": ACCOUNT, "object": "account", "business_profile": {"name": "Test Stripe: no money moves", "url": None},
        "business_type": None, "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True, "controller": {"type": "account"}, "country": "US", "created": 1_700_000_000,
        "default_currency": "usd", "details_submitted": True, "email": None, "metadata": {}, "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "dashboard": {"display_name": "Test Stripe: no money moves", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "TEST"},
        },
        "type": "standard",
    }  # fmt: skip


@route("GET", "/v1/accounts/{key}")
def an_account(call: Call, key: str) -> Thing:
    """Return the account by its id."""
    if key != ACCOUNT:
        message = f"The provided key does not have access to account '{key[:80]}' (or that account does not exist)."
        raise Refusal(message, status=403, code="account_invalid")
    return own_account(call)


PERSON = ("description", "email", "name", "phone")
KEPT = ("address", "shipping", "tax_exempt", "preferred_locales")


def make_customer(store: Store, form: Form) -> Thing:
    """Return a new customer."""
    customer = {name: form.text(name, 512) for name in PERSON} | {name: form.raw(name) for name in KEPT}
    customer |= {
        "id": store.mint("cus", 14), "object": "customer", "balance": 0, "created": store.now(), "currency": None,
        "default_source": None, "delinquent": False, "discount": None, "invoice_prefix": store.mint("x", 8)[2:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None,
                             "rendering_options": None},
        "livemode": False, "metadata": form.metadata(), "next_invoice_sequence": 1, "test_clock": None,
        "_discounts": [], "_fail_next": 0,
    }  # fmt: skip
    customer |= {
        "tax_exempt": customer["tax_exempt"] or "none",
        "preferred_locales": customer["preferred_locales"] or [],
    }
    store.add(customer)
    emit(store, "customer.created", customer)
    return customer


@route("POST", "/v1/customers")
def create_customer(call: Call) -> Thing:
    """Create a customer, with a card where the request names one."""
    customer = make_customer(call.store, call.form)
    if method := call.form.text("payment_method"):
        payments.attach(call.store, payments.named_card(call.store, method), customer["id"])
    _settings(call, customer)
    return customer


def _settings(call: Call, customer: Thing) -> None:
    settings = call.form.table("invoice_settings")
    if settings is None or not settings.has("default_payment_method"):
        return
    key = settings.text("default_payment_method")
    if key in payments.NAMED:
        key = next(
            (each["id"] for each in reversed(call.store.find("payment_method", customer=customer["id"]))
             if each["card"]["last4"] == payments.NAMED[key][-4:]), key)  # fmt: skip
    param = "invoice_settings[default_payment_method]"
    if key and call.store.get("payment_method", key, param, 400)["customer"] != customer["id"]:
        raise wrong("The payment method does not belong to this customer. Attach it first.", param)
    customer["invoice_settings"] = customer["invoice_settings"] | {"default_payment_method": key}


@route("POST", "/v1/customers/{key}")
def update_customer(call: Call, key: str) -> Thing:
    """Change a customer."""
    customer, form = call.store.edit("customer", key), call.form
    before = dict(customer)
    for name in PERSON:
        if form.has(name):
            customer[name] = form.text(name, 512)
    for name in KEPT:
        if form.has(name):
            customer[name] = form.raw(name)
    balance = form.number("balance", -99_999_999, 99_999_999)
    customer |= {"metadata": form.metadata(customer["metadata"])} | ({} if balance is None else {"balance": balance})
    _settings(call, customer)
    if before != customer:
        emit(call.store, "customer.updated", customer, before)
    return customer


@route("DELETE", "/v1/customers/{key}")
def delete_customer(call: Call, key: str) -> Thing:
    """Delete a customer; what it subscribed to ends now."""
    store = call.store
    customer = store.get("customer", key)
    for sub in store.find("subscription", customer=key):
        if sub["status"] not in billing.ENDED:
            billing.end(store, sub["id"])
    for method in store.find("payment_method", customer=key):
        payments.detach(store, method["id"])
    for invoice in store.find("invoice", customer=key, status="open"):
        store.edit("invoice", invoice["id"]).update(auto_advance=False, next_payment_attempt=None)
    for session in store.find("checkout.session", customer=key, status="open"):
        store.edit("checkout.session", session["id"]).update(status="expired", url=None)
    store.drop("customer", key)
    emit(store, "customer.deleted", customer)
    return {"id": key, "object": "customer", "deleted": True}


@route("GET", "/v1/customers/{key}/payment_methods")
def list_cards(call: Call, key: str) -> Thing:
    """List a customer's cards."""
    call.store.get("customer", key)
    return page(call, choose(call, call.store.find("payment_method", customer=key), {"type": "type"}), "payment_method")


@route("GET", "/v1/customers/{key}/payment_methods/{method}")
def own_card(call: Call, key: str, method: str) -> Thing:
    """Return a customer's card."""
    found = call.store.get("payment_method", method)
    if found["customer"] != key:
        raise Refusal(f"No such payment method: '{method[:80]}'", status=404, code="resource_missing", param="id")
    return found


@route("POST", "/v1/payment_methods")
def create_card(call: Call) -> Thing:
    """Create a card that nobody has yet."""
    form = call.form
    form.need("type")
    form.choice("type", "card")
    card, details = form.table("card"), form.raw("billing_details")
    if card is None or (details is not None and not isinstance(details, dict)):
        raise wrong("Missing required param: card.", "card", "parameter_missing")
    token = card.text("token")
    if token:
        if token not in payments.NAMED:
            raise wrong(f"No such token: '{token[:80]}'", "card[token]", "resource_missing")
        return payments.make_card(call.store, payments.NAMED[token], 12, 2040, details)
    number = (card.text("number", 30) or "").replace(" ", "")
    month, year = card.number("exp_month", 0, 99) or 0, card.number("exp_year", 0, 9999) or 0
    card.text("cvc", 4)
    made = payments.make_card(call.store, number, month, year, details)
    made["metadata"] = form.metadata()
    return made


@route("POST", "/v1/payment_methods/{key}/attach")
def attach_card(call: Call, key: str) -> Thing:
    """Give a card to a customer."""
    customer = call.store.get("customer", call.form.text("customer"), "customer", 400)["id"]
    return payments.attach(call.store, payments.named_card(call.store, key), customer)


@route("POST", "/v1/payment_methods/{key}/detach")
def detach_card(call: Call, key: str) -> Thing:
    """Take a card from its customer."""
    return payments.detach(call.store, key)


@route("GET", "/v1/entitlements/active_entitlements")
def list_entitlements(call: Call) -> Thing:
    """List what a customer is entitled to."""
    call.form.need("customer")
    customer = call.store.get("customer", call.form.text("customer"), "customer", 400)["id"]
    entitled.refresh(call.store, customer)
    found = call.store.find("entitlements.active_entitlement", _customer=customer)
    return page(call, found, "active_entitlement")


def _endpoint(form: Form, endpoint: Thing) -> Thing:
    url = form.text("url", 2048) or endpoint["url"]
    try:
        address = urlsplit(url or "")
        host, good = address.hostname or "", address.scheme == "http" and (address.port or 80) > 0
    except ValueError:
        host, good = "", False
    if not good or address.username or not (host in LOOPBACK or host.endswith(".localhost")):
        raise wrong("Invalid URL: this test Stripe sends to http addresses of this machine only.", "url", "url_invalid")
    events: Any = form.words("enabled_events") or endpoint["enabled_events"]
    if not events:
        raise wrong("Missing required param: enabled_events.", "enabled_events", "parameter_missing")
    off, status = form.flag("disabled"), endpoint["status"]
    same = {"url": url, "enabled_events": events, "description": form.text("description") or endpoint["description"]}
    status = status if off is None else ("disabled" if off else "enabled")
    return same | {"status": status, "metadata": form.metadata(endpoint["metadata"])}


@route("POST", "/v1/webhook_endpoints")
def create_endpoint(call: Call) -> Thing:
    """Create an endpoint; its secret is told this once."""
    nothing: Thing = {"url": None, "enabled_events": [], "description": None, "status": "enabled", "metadata": {}}
    version, secret = call.form.text("api_version", 40), call.store.mint("whsec", 32)
    if version not in (None, API_VERSION):
        raise wrong(f"Events have the version {API_VERSION} here.", "api_version")
    endpoint: Thing = {
        "id": call.store.mint("we"),
        "object": "webhook_endpoint",
        "api_version": version,
        "application": None,
    }
    endpoint |= {"created": call.store.now(), "livemode": False, "_secret": secret} | _endpoint(call.form, nothing)
    call.store.add(endpoint)
    return endpoint | {"secret": secret}


@route("POST", "/v1/webhook_endpoints/{key}")
def update_endpoint(call: Call, key: str) -> Thing:
    """Change an endpoint."""
    endpoint = call.store.edit("webhook_endpoint", key)
    endpoint |= _endpoint(call.form, endpoint)
    return endpoint


@route("DELETE", "/v1/webhook_endpoints/{key}")
def delete_endpoint(call: Call, key: str) -> Thing:
    """Delete an endpoint; nothing is sent to it any more."""
    call.store.get("webhook_endpoint", key)
    call.store.drop("webhook_endpoint", key)
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


@route("GET", "/v1/customers/{key}/(sources|tax_ids)")
def list_nothing(call: Call, key: str, _kind: str) -> Thing:
    """List what customers have none of here."""
    call.store.get("customer", key)
    call.form.raw("limit"), call.form.raw("object"), call.form.raw("starting_after")
    return listing([], call.path)

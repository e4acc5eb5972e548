"""The customer portal's configurations and sessions: what customers may change there by themselves."""

from __future__ import annotations

from typing import Any

from .errors import wrong
from .forms import Form
from .hooks import emit
from .routes import Call, expose, route
from .sales import PRORATIONS
from .store import Store, Thing

expose("billing_portal.configuration", "/v1/billing_portal/configurations", active="active", is_default="is_default")
KIND = "billing_portal.configuration"
PROFILE = ("headline", "privacy_policy_url", "terms_of_service_url")
# What a portal is before anybody asks for more.
FEATURES: dict[str, Thing] = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": []}, "enabled": False, "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_update": {
        "billing_cycle_anchor": "unchanged", "default_allowed_updates": [], "enabled": False, "products": [],
        "proration_behavior": "none", "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}  # fmt: skip


def default(store: Store) -> Thing:
    """Return the configuration of sessions that name none; an account's first one offers all but other plans."""
    for each in store.find(KIND, is_default=True):
        return each
    usual = {"invoice_history", "payment_method_update", "subscription_cancel"}
    features = {name: each | {"enabled": name in usual} for name, each in FEATURES.items()}
    store.add(_shape(store) | {"features": features})
    _appoint(store)
    return store.find(KIND, is_default=True)[0]


def _shape(store: Store) -> Thing:
    now = store.now()
    return {
        "id": store.mint("bpc"), "object": KIND, "active": True, "application": None, "created": now, "updated": now,
        "business_profile": dict.fromkeys(PROFILE), "default_return_url": None, "is_default": False, "livemode": False,
        "login_page": {"enabled": False, "url": None}, "metadata": {}, "name": None,
    }  # fmt: skip


def _appoint(store: Store) -> None:
    """Make the newest active configuration the default one."""
    active = [each["id"] for each in store.find(KIND, active=True)]
    for each in list(store.table(KIND).values()):
        if each["is_default"] != (each["id"] in active[-1:]):
            store.edit(KIND, each["id"])["is_default"] = not each["is_default"]


@route("POST", "/v1/billing_portal/configurations")
def create_configuration(call: Call) -> Thing:
    """Create a configuration of the portal."""
    form, store = call.form, call.store
    form.need("features")
    made = store.add(_configure(store, form, _shape(store) | {"features": FEATURES}))
    _appoint(store)
    emit(store, f"{KIND}.created", made)
    return made


@route("POST", "/v1/billing_portal/configurations/{key}")
def update_configuration(call: Call, key: str) -> Thing:
    """Change a configuration; features that the request leaves out stay as they are."""
    form, store = call.form, call.store
    found = store.edit(KIND, key)
    before, active = dict(found), form.flag("active")
    found |= _configure(store, form, found)
    found |= {"updated": store.now(), "active": found["active"] if active is None else active}
    _appoint(store)
    emit(store, f"{KIND}.updated", found, before)
    return found


def _configure(store: Store, form: Form, before: Thing) -> Thing:
    made = before | {"metadata": form.metadata(before["metadata"])}
    for name, most in (("default_return_url", 5000), ("name", 100)):
        if form.has(name):
            made[name] = form.text(name, most)
    if profile := form.table("business_profile"):
        told = {name: profile.text(name, 2048) for name in PROFILE if profile.has(name)}
        made["business_profile"] = before["business_profile"] | told
    if (login := form.table("login_page")) and login.flag("enabled"):
        raise wrong("This test Stripe has no page to sign in at.", "login_page[enabled]")
    if features := form.table("features"):
        made["features"] = {name: _feature(store, features, name, before["features"][name]) for name in FEATURES}
    return made


def _feature(store: Store, features: Form, name: str, before: Thing) -> Thing:
    form = features.table(name)
    if form is None:
        return before
    enabled = form.flag("enabled")
    made = before | ({} if enabled is None else {"enabled": enabled})
    if name == "customer_update" and form.has("allowed_updates"):
        made["allowed_updates"] = form.words("allowed_updates")
    if name == "subscription_cancel":
        made |= _cancel(form, before)
    if name == "subscription_update":
        made |= _update(store, form, made)
    return made


def _cancel(form: Form, before: Thing) -> Thing:
    mode = form.choice("mode", "at_period_end", "immediately") or before["mode"]
    if form.choice("proration_behavior", *PRORATIONS) not in (None, "none"):
        raise wrong("This test Stripe ends subscriptions without a last invoice.", form.place("proration_behavior"))
    reason = form.table("cancellation_reason")
    if reason is None:
        return {"mode": mode}
    told = {"enabled": bool(reason.flag("enabled")), "options": reason.words("options")}
    return {"mode": mode, "cancellation_reason": told}


def _update(store: Store, form: Form, before: Thing) -> Thing:
    made: Thing = {
        "proration_behavior": form.choice("proration_behavior", *PRORATIONS) or before["proration_behavior"],
        "trial_update_behavior": form.choice("trial_update_behavior", "end_trial", "continue_trial")
        or before["trial_update_behavior"],
    }
    form.choice("billing_cycle_anchor", "unchanged")
    if form.has("default_allowed_updates"):
        made["default_allowed_updates"] = _allowed(form)
    if form.has("products"):
        made["products"] = _products(store, form)
    made = before | made
    if made["enabled"] and not (made["products"] and made["default_allowed_updates"]):
        lacks = "default_allowed_updates" if made["products"] else "products"
        raise wrong(f"Missing required param: {form.place(lacks)}.", form.place(lacks), "parameter_missing")
    return made


def _allowed(form: Form) -> list[str]:
    found = form.words("default_allowed_updates")
    if strange := set(found) - {"price", "promotion_code", "quantity"}:
        message = f"Invalid {form.place('default_allowed_updates')}: {sorted(strange)[0][:40]}"
        raise wrong(message, form.place("default_allowed_updates"))
    return found


def _products(store: Store, form: Form) -> list[Thing]:
    made: list[Thing] = []
    for row in form.rows("products"):
        product = store.get("product", row.text("product"), row.place("product"), 400)["id"]
        prices = row.words("prices")
        for key in prices:
            price = store.get("price", key, row.place("prices"), 400)
            if price["product"] != product or not price["recurring"] or not price["active"]:
                raise wrong(f"The price {key} must be an active recurring one of {product}.", row.place("prices"))
        if not prices or any(each["product"] == product for each in made):
            raise wrong("Each product is named once, with its prices.", row.place("prices"), "parameter_missing")
        made.append({"product": product, "prices": prices, "adjustable_quantity": {"enabled": False}})
    if len(made) > 10:
        raise wrong("At most 10 products can be listed.", form.place("products"))
    return made


@route("POST", "/v1/billing_portal/sessions")
def create_session(call: Call) -> Thing:
    """Open the portal for a customer."""
    form, store = call.form, call.store
    customer = store.get("customer", form.text("customer"), "customer", 400)["id"]
    key, flow, token = form.text("configuration"), form.raw("flow_data"), store.mint("bps", 32)
    chosen = store.get(KIND, key, "configuration", 400) if key else default(store)
    if not chosen["active"]:
        raise wrong("This configuration is not active.", "configuration")
    made: dict[str, Any] = {
        "id": token, "object": "billing_portal.session", "configuration": chosen["id"], "created": store.now(),
        "customer": customer, "flow": flow, "livemode": False, "locale": form.text("locale", 10),
        "on_behalf_of": None, "return_url": form.text("return_url", 5000) or chosen["default_return_url"],
        "url": f"{store.origin}/p/session/{token}",
    }  # fmt: skip
    return store.add(made)

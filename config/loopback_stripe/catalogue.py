"""What is for sale: products with their features, and prices."""

from __future__ import annotations

from .errors import Refusal, wrong
from .forms import Form
from .hooks import emit
from .routes import Call, expose, page, route
from .store import Store, Thing
from .tiers import amount_of, made_tiers

expose("product", "/v1/products", active="active", ids="id", type="type")
expose(
    "price",
    "/v1/prices",
    active="active",
    product="product",
    lookup_keys="lookup_key",
    currency="currency",
    type="type",
)
expose("entitlements.feature", "/v1/entitlements/features", lookup_key="lookup_key", archived="_archived")
expose("billing.meter", "/v1/billing/meters", status="status")


def identity(call: Call, prefix: str, kind: str) -> str:
    """Return the id that the request chose, or a new one. Raises Refusal where it is taken."""
    key = call.form.text("id", 200)
    if key and key in call.store.kinds:
        raise wrong(f"{kind.title()} already exists.", "id", "resource_already_exists")
    if key and not all(each.isalnum() or each in "_-" for each in key):
        raise wrong("Ids consist of letters, digits, _ and -.", "id")
    return key or call.store.mint(prefix, 14)


@route("POST", "/v1/products")
def create_product(call: Call) -> Thing:
    """Create a product."""
    form, now = call.form, call.store.now()
    form.need("name")
    product = {
        "id": identity(call, "prod", "product"), "object": "product", "active": form.flag("active") is not False,
        "created": now, "default_price": None, "description": form.text("description"), "images": form.words("images"),
        "livemode": False, "marketing_features": _told(form), "metadata": form.metadata(),
        "name": form.text("name", 250),
        "package_dimensions": None, "shippable": form.flag("shippable"), "tax_code": form.text("tax_code"),
        "statement_descriptor": form.text("statement_descriptor", 22),
        "type": form.choice("type", "service", "good") or "service",
        "unit_label": form.text("unit_label", 12), "updated": now, "url": form.text("url"),
    }  # fmt: skip
    emit(call.store, "product.created", call.store.add(product))
    return product


def _told(form: Form) -> list[Thing]:
    return [{"name": row.text("name", 80)} for row in form.rows("marketing_features")][:15]


@route("POST", "/v1/products/{key}")
def update_product(call: Call, key: str) -> Thing:
    """Change a product."""
    product, form = call.store.edit("product", key), call.form
    before = dict(product)
    for name in ("name", "description", "url", "unit_label", "statement_descriptor", "tax_code"):
        if form.has(name):
            product[name] = form.text(name)
    if not product["name"]:
        raise wrong("Missing required param: name.", "name", "parameter_missing")
    product["metadata"] = form.metadata(product["metadata"])
    product["active"] = product["active"] if form.flag("active") is None else form.flag("active")
    if form.has("marketing_features"):
        product["marketing_features"] = _told(form)
    if form.has("images"):
        product["images"] = form.words("images")
    if price := form.text("default_price"):
        product["default_price"] = call.store.get("price", price, "default_price", 400)["id"]
    product["updated"] = call.store.now()
    emit(call.store, "product.updated", product, before)
    return product


@route("DELETE", "/v1/products/{key}")
def delete_product(call: Call, key: str) -> Thing:
    """Delete a product that has no prices."""
    product = call.store.get("product", key)
    if call.store.find("price", product=key):
        raise wrong("This product cannot be deleted because it has one or more user-created prices.", "id")
    call.store.drop("product", key)
    emit(call.store, "product.deleted", product)
    return {"id": key, "object": "product", "deleted": True}


@route("POST", "/v1/products/{key}/features")
def attach_feature(call: Call, key: str) -> Thing:
    """Give a product a feature."""
    store = call.store
    store.get("product", key)
    feature = store.get("entitlements.feature", call.form.text("entitlement_feature"), "entitlement_feature", 400)
    if store.find("product_feature", _product=key, entitlement_feature=feature["id"]):
        raise wrong("This feature is already attached to this product.", "entitlement_feature")
    made = {"id": store.mint("prodft"), "object": "product_feature", "entitlement_feature": feature["id"]}
    return store.add(made | {"livemode": False, "_product": key})


@route("GET", "/v1/products/{key}/features")
def list_features(call: Call, key: str) -> Thing:
    """List a product's features."""
    call.store.get("product", key)
    return page(call, call.store.find("product_feature", _product=key), "product_feature")


@route("GET", "/v1/products/{key}/features/{feature}")
def retrieve_feature(call: Call, key: str, feature: str) -> Thing:
    """Return a product's feature."""
    call.store.get("product", key)
    return call.store.get("product_feature", feature)


@route("DELETE", "/v1/products/{key}/features/{feature}")
def detach_feature(call: Call, key: str, feature: str) -> Thing:
    """Take a feature from a product."""
    found = call.store.get("product_feature", feature)
    if found["_product"] != key:
        raise Refusal(f"No such product feature: '{feature}'", status=404, code="resource_missing", param="id")
    call.store.drop("product_feature", feature)
    return {"id": feature, "object": "product_feature", "deleted": True}


@route("POST", "/v1/entitlements/features")
def create_feature(call: Call) -> Thing:
    """Create a feature."""
    form, store = call.form, call.store
    form.need("lookup_key")
    form.need("name")
    key = form.text("lookup_key", 80)
    if store.find("entitlements.feature", lookup_key=key, active=True):
        raise wrong(f"A feature with lookup_key '{key}' already exists.", "lookup_key", "resource_already_exists")
    made = {"id": store.mint("feat"), "object": "entitlements.feature", "active": True, "livemode": False}
    return store.add(
        made | {"lookup_key": key, "metadata": form.metadata(), "name": form.text("name", 80), "_archived": False}
    )


@route("POST", "/v1/entitlements/features/{key}")
def update_feature(call: Call, key: str) -> Thing:
    """Rename or archive a feature."""
    feature, form = call.store.edit("entitlements.feature", key), call.form
    feature |= {"name": form.text("name", 80) or feature["name"], "metadata": form.metadata(feature["metadata"])}
    active = form.flag("active")
    feature |= {} if active is None else {"active": active, "_archived": not active}
    return feature


def make_price(store: Store, form: Form, product: str) -> Thing:
    """Return a new price of a product. Raises Refusal."""
    form.need("currency")
    currency = (form.text("currency", 3) or "").lower()
    if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
        raise wrong(f"Invalid currency: {currency}", "currency")
    scheme, recurring = form.choice("billing_scheme", "per_unit", "tiered"), _recurring(store, form.table("recurring"))
    tiers, value = (made_tiers(form, recurring), None) if scheme == "tiered" else (None, amount_of(form))
    return {
        "id": store.mint("price"), "object": "price", "active": form.flag("active") is not False,
        "billing_scheme": scheme or "per_unit", "created": store.now(), "_tiers": tiers,
        "currency": currency, "custom_unit_amount": None, "livemode": False, "lookup_key": None,
        "metadata": form.metadata(), "nickname": form.text("nickname"), "product": product, "recurring": recurring,
        "tax_behavior": form.choice("tax_behavior", "inclusive", "exclusive", "unspecified") or "unspecified",
        "tiers_mode": "graduated" if tiers else None, "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": int(value) if value is not None and value == value.to_integral_value() else None,
        "unit_amount_decimal": None if value is None else f"{value:f}",
    }  # fmt: skip


def _recurring(store: Store, form: Form | None) -> Thing | None:
    if form is None:
        return None
    form.need("interval")
    usage, meter = form.choice("usage_type", "licensed", "metered") or "licensed", form.text("meter")
    if (usage == "metered") != bool(meter):
        raise wrong("A metered price names its meter, a licensed one names none.", "recurring[meter]")
    if meter:
        store.get("billing.meter", meter, "recurring[meter]", 400)
    return {
        "interval": form.choice("interval", "day", "week", "month", "year"), "meter": meter, "usage_type": usage,
        "interval_count": form.number("interval_count", 1, 36) or 1, "trial_period_days": None,
    }  # fmt: skip


@route("POST", "/v1/prices")
def create_price(call: Call) -> Thing:
    """Create a price, of a product that is there or of a new one."""
    form, store = call.form, call.store
    key, inline = form.text("product"), form.table("product_data")
    if bool(key) == bool(inline):
        raise wrong("Exactly one of product and product_data is needed.", "product", "parameter_missing")
    if inline:
        key = create_product(Call(store, inline, call.path, call.version))["id"]
    product = store.get("product", key, "product", 400)
    price = store.add(make_price(store, form, product["id"]))
    _name(store, price, form)
    emit(store, "price.created", price)
    return price


def _name(store: Store, price: Thing, form: Form) -> None:
    key, move = form.text("lookup_key", 200), form.flag("transfer_lookup_key")
    if not form.has("lookup_key"):
        return
    for other in store.find("price", lookup_key=key) if key else []:
        if other["id"] != price["id"] and not move:
            raise wrong(f"A price (`{other['id']}`) already uses that lookup key.", "lookup_key")
        store.edit("price", other["id"])["lookup_key"] = None
    price["lookup_key"] = key


@route("POST", "/v1/prices/{key}")
def update_price(call: Call, key: str) -> Thing:
    """Change what of a price can be changed: not its amount."""
    price, form = call.store.edit("price", key), call.form
    before = dict(price)
    price["metadata"] = form.metadata(price["metadata"])
    price["active"] = price["active"] if form.flag("active") is None else form.flag("active")
    if form.has("nickname"):
        price["nickname"] = form.text("nickname")
    _name(call.store, price, form)
    emit(call.store, "price.updated", price, before)
    return price

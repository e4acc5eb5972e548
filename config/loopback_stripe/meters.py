"""Meters of usage, and what they counted."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import Refusal, missing, wrong
from .periods import DAY, DISTANT
from .routes import Call, route
from .store import Store, Thing


def total(store: Store, meter: str | None, customer: str, start: int, end: int) -> Decimal:
    """Return what a meter counted for a customer from `start` up to before `end`, seconds."""
    found = store.table("billing.meter").get(meter or "")
    if not found:
        return Decimal(0)
    values = [
        (each["timestamp"], Decimal(each["_value"]))
        for each in store.find("billing.meter_event", event_name=found["event_name"], _customer=customer)
        if start <= each["timestamp"] < end and not each["_cancelled"]
    ]
    formula = found["default_aggregation"]["formula"]
    if formula == "count":
        return Decimal(len(values))
    if formula == "last":
        return max(values, key=lambda each: each[0])[1] if values else Decimal(0)
    return sum((value for _, value in values), Decimal(0))


@route("POST", "/v1/billing/meters")
def create_meter(call: Call) -> Thing:
    """Create a meter."""
    form, now = call.form, call.store.now()
    form.need("display_name")
    form.need("event_name")
    name = form.text("event_name", 100)
    aggregation, mapping, value = (
        form.table(key) for key in ("default_aggregation", "customer_mapping", "value_settings")
    )
    if aggregation is None:
        raise wrong("Missing required param: default_aggregation.", "default_aggregation", "parameter_missing")
    if call.store.find("billing.meter", event_name=name, status="active"):
        raise wrong(f"An active meter already exists for event name '{name}'.", "event_name")
    return call.store.add(
        {
            "id": call.store.mint("mtr"), "object": "billing.meter", "created": now, "updated": now,
            "customer_mapping": {
                "event_payload_key": (mapping and mapping.text("event_payload_key", 100)) or "stripe_customer_id",
                "type": (mapping and mapping.choice("type", "by_id")) or "by_id",
            },
            "default_aggregation": {"formula": aggregation.choice("formula", "sum", "count", "last") or "sum"},
            "display_name": form.text("display_name", 250), "event_name": name,
            "event_time_window": form.choice("event_time_window", "day", "hour"), "livemode": False,
            "status": "active", "status_transitions": {"deactivated_at": None},
            "value_settings": {"event_payload_key": (value and value.text("event_payload_key", 100)) or "value"},
        }
    )  # fmt: skip


@route("POST", "/v1/billing/meters/{key}/(deactivate|reactivate)")
def switch_meter(call: Call, key: str, act: str) -> Thing:
    """Switch a meter off or on again."""
    meter, off = call.store.edit("billing.meter", key), act == "deactivate"
    if (meter["status"] == "inactive") == off:
        raise wrong(f"This meter is already {meter['status']}.")
    meter |= {"status": "inactive" if off else "active", "updated": call.store.now()}
    meter["status_transitions"] = {"deactivated_at": call.store.now() if off else None}
    return meter


@route("POST", "/v1/billing/meters/{key}")
def update_meter(call: Call, key: str) -> Thing:
    """Rename a meter."""
    meter = call.store.edit("billing.meter", key)
    meter |= {"display_name": call.form.text("display_name", 250) or meter["display_name"], "updated": call.store.now()}
    return meter


@route("POST", "/v1/billing/meter_events")
def create_event(call: Call) -> Thing:
    """Take in what was used; an identifier counts once."""
    form, store, now = call.form, call.store, call.store.now()
    form.need("event_name")
    name, payload = form.text("event_name", 100), form.raw("payload")
    meters = store.find("billing.meter", event_name=name, status="active")
    if not meters:
        raise missing("active meter for event name", name or "", "event_name", 400)
    if not isinstance(payload, dict) or not all(isinstance(each, str) for each in payload.values()):
        raise wrong("Missing required param: payload.", "payload", "parameter_missing")
    moment = form.number("timestamp", 0, DISTANT) or now
    if not now - 35 * DAY <= moment <= now + 300:
        raise wrong("The timestamp must be within the past 35 days and at most 5 minutes ahead.", "timestamp")
    identifier = form.text("identifier", 100) or store.mint("meid")
    for each in store.find("billing.meter_event", identifier=identifier):
        # Stripe promises a day of this, so nobody may rely on more.
        if each["created"] > now - DAY:
            raise wrong(f"An event already exists with identifier {identifier}.", "identifier")
    event = {
        "id": store.mint("mtrev"), "object": "billing.meter_event", "created": now, "event_name": name,
        "identifier": identifier, "livemode": False, "payload": payload, "timestamp": moment,
    }  # fmt: skip
    return store.add(event | _counted(store, meters[0], payload))


def _counted(store: Store, meter: Thing, payload: Any) -> Thing:
    customer = payload.get(meter["customer_mapping"]["event_payload_key"])
    store.get("customer", customer, "payload[stripe_customer_id]", 400)
    text = payload.get(meter["value_settings"]["event_payload_key"], "1" if _counts(meter) else "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value < 10**15:
        raise wrong(f"Invalid value of the event: '{text[:40]}' must be a number of 0 or more.", "payload[value]")
    return {"_customer": customer, "_value": str(value), "_cancelled": False}


def _counts(meter: Thing) -> bool:
    return bool(meter["default_aggregation"]["formula"] == "count")


@route("POST", "/v1/billing/meter_event_adjustments")
def cancel_event(call: Call) -> Thing:
    """Take an event back, within 24 hours."""
    form, store = call.form, call.store
    cancel = form.table("cancel")
    identifier, name = (cancel and cancel.text("identifier", 100)) or "", form.text("event_name", 100)
    found = store.find("billing.meter_event", identifier=identifier, event_name=name, _cancelled=False)
    if form.choice("type", "cancel") != "cancel" or not found:
        raise missing("meter event", identifier, "cancel[identifier]", 400)
    if found[0]["created"] < store.now() - DAY:
        raise Refusal("Meter events can be cancelled within 24 hours.", param="cancel[identifier]")
    store.edit("billing.meter_event", found[0]["id"])["_cancelled"] = True
    made = {"object": "billing.meter_event_adjustment", "event_name": name, "livemode": False, "type": "cancel"}
    return made | {"cancel": {"identifier": identifier}, "status": "complete"}


@route("GET", "/v1/billing/meters/{key}/event_summaries")
def list_summaries(call: Call, key: str) -> Thing:
    """Sum up a meter's events of a customer: one summary of the whole span."""
    store, form = call.store, call.form
    store.get("billing.meter", key)
    for name in ("customer", "start_time", "end_time"):
        form.need(name)
    customer = store.get("customer", form.text("customer"), "customer", 400)["id"]
    start, end = form.number("start_time", 0, DISTANT) or 0, form.number("end_time", 0, DISTANT) or 0
    form.choice("value_grouping_window", "day", "hour"), form.raw("limit"), form.raw("starting_after")
    for name, moment in (("start_time", start), ("end_time", end)):
        if moment % 60:
            raise wrong(f"{name} must be aligned with minute boundaries.", name)
    value = total(store, key, customer, start, end)
    summary: Thing = {"id": f"mtrusg_{key[4:]}_{start}_{end}", "object": "billing.meter_event_summary", "meter": key}
    summary |= {"aggregated_value": float(value), "start_time": start, "end_time": end, "livemode": False}
    return {"object": "list", "data": [summary] if value else [], "has_more": False, "url": call.path}

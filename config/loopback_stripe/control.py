"""Controls that no Stripe has: move the clock, make a charge fail, list and deliver events."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import clock, hooks
from .errors import Refusal, wrong
from .store import Store, Thing

Guard = Callable[[Request], Response | None]
OUTCOMES = ("cancel", "unpaid", "past_due")


def move_clock(store: Store, asked: Thing) -> Thing:
    """Move the clock by `seconds`; all that falls due on the way happens."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        done = clock.advance(store, _whole(asked, "seconds"))
        return {"now": store.now(), "happened": done}


def fail_charges(store: Store, asked: Thing) -> Thing:
    """Have the next charges of a `customer` fail; `times`, 1 by default."""
    with store.change():
        times = _whole(asked, "times") if "times" in asked else 1
        if not 0 <= times <= 1000:
            raise wrong("times: 0 to 1000.", "times")
        customer = store.edit("customer", str(asked.get("customer")), "customer")
        customer["_fail_next"] = times
        return {"customer": customer["id"], "times": times}


def settle_retries(store: Store, asked: Thing) -> Thing:
    """Choose what becomes of a subscription when the last try to charge it fails."""
    if asked.get("after_retries") not in OUTCOMES:
        raise wrong(f"after_retries: one of {', '.join(OUTCOMES)}.", "after_retries")
    with store.change():
        store.note()
        store.settings["after_retries"] = asked["after_retries"]
        return dict(store.settings)


def list_events(store: Store, asked: Thing) -> Thing:
    """List all events, oldest first, with their deliveries; `type` picks."""
    with store.lock:
        events = [event for event in store.table("event").values() if asked.get("type") in (None, event["type"])]
        deliveries = list(store.table("delivery").values())
        made = [
            event | {"deliveries": [each for each in deliveries if each["event"] == event["id"]]} for event in events
        ]
        return copy.deepcopy({"events": made})


def deliver(store: Store, asked: Thing) -> Thing:
    """Send an `event` to every endpoint that wants it (or to `endpoint`), now, `times` over."""
    times = _whole(asked, "times") if "times" in asked else 1
    if not 1 <= times <= 100:
        raise wrong("times: 1 to 100.", "times")
    with store.lock:
        event = store.get("event", str(asked.get("event")), "event")
        endpoints = [key for key, each in store.table("webhook_endpoint").items() if hooks.wants(each, event["type"])]
    chosen = asked.get("endpoint")
    targets = [str(chosen)] if chosen else endpoints
    statuses = [hooks.deliver(store, event["id"], each) for each in targets for _ in range(times)]
    return {"event": event["id"], "statuses": statuses}


def deliver_waiting(store: Store, _asked: Thing) -> Thing:
    """Try every delivery that waits for its time, now."""
    return {"statuses": [hooks.attempt(store, each) for each in hooks.waiting(store, time.time() + 10**9)]}


def _whole(asked: Thing, name: str) -> int:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(f"{name}: a whole number.", name)
    return value


CONTROLS: dict[tuple[str, str], Callable[[Store, Thing], Thing]] = {
    ("POST", "/test/clock"): move_clock,
    ("POST", "/test/fail"): fail_charges,
    ("POST", "/test/settings"): settle_retries,
    ("GET", "/test/events"): list_events,
    ("POST", "/test/deliver"): deliver,
    ("POST", "/test/deliver_waiting"): deliver_waiting,
}


def addresses(store: Store, guard: Guard) -> list[Route]:
    """Return the controls' addresses. They take JSON, which no page elsewhere can send unasked."""

    async def serve(request: Request) -> Response:
        if refused := guard(request):
            return refused
        control = CONTROLS.get((request.method, request.url.path))
        try:
            if control is None:
                raise Refusal(f"There is no {request.method} {request.url.path} here.", status=404)
            asked = dict(request.query_params) if request.method == "GET" else await _body(request)
            return JSONResponse(await run_in_threadpool(control, store, asked))
        except Refusal as refusal:
            return JSONResponse(refusal.body(), refusal.status)

    return [Route("/test/{rest:path}", serve, methods=["GET", "POST"])]


async def _body(request: Request) -> Any:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise wrong("Send JSON.")
    try:
        asked = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise wrong("This is no JSON.") from error
    if not isinstance(asked, dict):
        raise wrong("Send a JSON object.")
    return asked

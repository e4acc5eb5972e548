"""Events in Stripe's shape, and their delivery: signed, tried again with growing pauses until the answer is 2xx."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.client import HTTPConnection, HTTPException  # noqa: TID251 -- sends to this machine only
from typing import Any
from urllib.parse import urlsplit

from .render import API_VERSION, show
from .store import Store, Thing

# Seconds until the next try; Stripe's own pauses are hours.
PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
PATIENCE = 10


def emit(store: Store, kind: str, thing: Thing, before: Thing | None = None) -> Thing:
    """Note that something happened and queue it for every endpoint that wants it. `before`: what changed, as it was."""
    told: Thing = {"object": show(store, thing)}
    if before is not None:
        told["previous_attributes"] = {
            name: value for name, value in show(store, before).items() if value != told["object"].get(name)
        }
    event = store.add(
        {
            "id": store.mint("evt"), "object": "event", "api_version": API_VERSION, "created": store.now(),
            "data": told, "livemode": False, "pending_webhooks": 0, "request": dict(store.request), "type": kind,
        }
    )  # fmt: skip
    for endpoint in store.table("webhook_endpoint").values():
        if endpoint["status"] == "enabled" and wants(endpoint, kind):
            event["pending_webhooks"] += 1
            _queue(store, event, endpoint)
    return event


def wants(endpoint: Thing, kind: str) -> bool:
    """Say whether an endpoint asked for events of a type."""
    return "*" in endpoint["enabled_events"] or kind in endpoint["enabled_events"]


def _queue(store: Store, event: Thing, endpoint: Thing) -> None:
    delivery = {"id": store.mint("whd"), "event": event["id"], "endpoint": endpoint["id"], "tries": 0, "due": 0.0}
    store.add(delivery | {"status": "waiting", "answers": []}, "delivery")


def sign(body: bytes, secret: str, moment: int | None = None) -> str:
    """Return the Stripe-Signature header of a body. `moment`: seconds of the epoch, the real now by default."""
    moment = int(time.time()) if moment is None else moment
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def send(url: str, body: bytes, signature: str) -> int:
    """Post an event to an address of this machine; return the answer's status, 0 where there is none."""
    address = urlsplit(url)
    line = HTTPConnection("127.0.0.1", address.port or 80, timeout=PATIENCE)
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
    headers |= {"User-Agent": "Stripe/1.0 (test, loopback)", "Host": address.netloc}
    try:
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        line.request("POST", target, body, headers)
        return line.getresponse().status
    except (OSError, HTTPException, ValueError):
        return 0
    finally:
        line.close()


def deliver(store: Store, event: str, endpoint: str) -> int:
    """Send an event to an endpoint once, now; return the answer's status, 0 where nobody answered. Raises Refusal."""
    with store.lock:
        target = store.get("webhook_endpoint", endpoint)
        body = json.dumps(show(store, store.get("event", event)), indent=2).encode()
        url, secret = target["url"], target["_secret"]
    return send(url, body, sign(body, secret))


def waiting(store: Store, moment: float) -> list[Thing]:
    """Return the deliveries whose time has come, oldest first."""
    with store.lock:
        return [dict(each) for each in store.find("delivery", status="waiting") if each["due"] <= moment]


def attempt(store: Store, delivery: Thing) -> int:
    """Try a delivery and note what came of it; return the answer's status."""
    with store.lock:
        gone = delivery["endpoint"] not in store.table("webhook_endpoint")
    status = 0 if gone else deliver(store, delivery["event"], delivery["endpoint"])
    with store.change():
        _note(store, delivery["id"], status, gone)
    return status


def _note(store: Store, key: str, status: int, gone: bool) -> None:
    if key not in store.table("delivery"):
        return
    kept = store.edit("delivery", key)
    kept["tries"] += 1
    kept["answers"] = [*kept["answers"], status][-20:]
    if 200 <= status < 300:
        kept["status"] = "delivered"
    elif gone or kept["tries"] > len(PAUSES):
        kept["status"] = "failed"
    else:
        kept["due"] = time.time() + PAUSES[kept["tries"] - 1]
    event = store.table("event").get(kept["event"])
    if event and kept["status"] == "delivered" and event["pending_webhooks"]:
        store.edit("event", event["id"])["pending_webhooks"] -= 1


class Courier:
    """Delivers what waits, in threads of its own, until it is stopped."""

    def __init__(self, store: Store, tick: Any) -> None:
        self.store, self.tick = store, tick
        self.bell, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True, name="courier")

    def start(self) -> None:
        """Begin."""
        self.store.after.append(self.bell.set)
        self.thread.start()

    def stop(self) -> None:
        """End after the delivery that is under way."""
        self.over.set()
        self.bell.set()
        self.thread.join(PATIENCE + 1)

    def _run(self) -> None:
        while not self.over.is_set():
            self.bell.wait(1)
            self.bell.clear()
            self.tick(self.store)
            for delivery in waiting(self.store, time.time()):
                if self.over.is_set():
                    return
                attempt(self.store, delivery)

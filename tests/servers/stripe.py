"""The loopback Stripe in a thread, for tests: they deliver its events by hand, in any order, as often as they like."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPErrorProcessor, Request, build_opener

import uvicorn

from config.loopback_stripe import clock, control, hooks
from config.loopback_stripe.api import application
from config.loopback_stripe.render import show
from config.loopback_stripe.store import Store

KEY = "sk_test_" + "loopback0" * 3


class _AsItIs(HTTPErrorProcessor):
    """Follow no redirect and raise for no status."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response


class LoopbackStripe:
    """A running one. origin: for `stripe.StripeClient(KEY, base_addresses={"api": origin})` or `stripe.api_base`."""

    def __init__(self, origin: str, store: Store) -> None:
        self.origin, self.store = origin, store

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the events so far as they are sent, oldest first; of some types only, where any are named."""
        with self.store.lock:
            every = list(self.store.table("event").values())
            return [show(self.store, each) for each in every if not kinds or each["type"] in kinds]

    def signed(self, event: str, endpoint: str) -> tuple[bytes, str]:
        """Return an event's body and its Stripe-Signature for an endpoint, for a test that posts by itself."""
        import json

        body = json.dumps(show(self.store, self.store.get("event", event)), indent=2).encode()
        return body, hooks.sign(body, self.store.get("webhook_endpoint", endpoint)["_secret"])

    def deliver(self, event: str, times: int = 1) -> list[int]:
        """Send an event to every endpoint that wants it; return the answers' statuses."""
        statuses: list[int] = control.deliver(self.store, {"event": event, "times": times})["statuses"]
        return statuses

    def deliver_waiting(self) -> list[int]:
        """Send what waits, in order; return the answers' statuses."""
        statuses: list[int] = control.deliver_waiting(self.store, {})["statuses"]
        return statuses

    def shuffle(self, seed: int, *kinds: str) -> list[str]:
        """Return the ids of the events so far in an order of chance that a seed fixes."""
        keys = [each["id"] for each in self.events(*kinds)]
        random.Random(seed).shuffle(keys)
        return keys

    def advance(self, *, days: float = 0, seconds: int = 0) -> int:
        """Move the clock; return how much happened on the way."""
        with self.store.change():
            return clock.advance(self.store, int(days * 86400) + seconds)

    def fail_next(self, customer: str, times: int = 1) -> None:
        """Have the next charges of a customer fail."""
        control.fail_charges(self.store, {"customer": customer, "times": times})

    def settle_retries(self, outcome: str) -> None:
        """Choose what the last failed try does to a subscription: cancel, unpaid or past_due."""
        control.settle_retries(self.store, {"after_retries": outcome})

    def fill(self, url: str, **fields: str) -> tuple[int, str, str]:
        """Post a page's form; return the status, the address it leads to, and the page."""
        return post(url, **fields)

    def pay(self, url: str, card: str = "4242424242424242", email: str = "ada@example.com") -> tuple[int, str, str]:
        """Pay on a page of Checkout; return the status, the address it leads to, and the page."""
        return post(url, act="pay", number=card, expiry="12/40", email=email, name="Ada")


def post(url: str, **fields: str) -> tuple[int, str, str]:
    """Post a form; return the status, the Location and the body."""
    request = Request(url, urlencode(fields).encode())
    with build_opener(_AsItIs).open(request, timeout=20) as answer:
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()


@contextmanager
def loopback_stripe(home: Path | None = None, *, deliver: bool = False) -> Iterator[LoopbackStripe]:
    """Serve one on a free port for as long as the block lasts. deliver: whether it sends events by itself."""
    store = Store(home)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    app = application(store=store, deliver=deliver)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    store.origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
    try:
        yield LoopbackStripe(store.origin, store)
    finally:
        server.should_exit = True
        thread.join(5)
        taken.close()

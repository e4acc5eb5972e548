"""What falls due: renewals, ends of trials, tries to charge again, sessions that expire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import billing, entitled
from .errors import Refusal, wrong
from .hooks import emit
from .periods import DAY
from .store import Store

LONGEST = 5 * 366 * DAY
MOST = 20_000
Due = tuple[int, str, Callable[[Store, str], object]]


def advance(store: Store, seconds: int) -> int:
    """Move the clock and have all that falls due on the way happen in its order; return how much that was.

    Raises Refusal for more than five years or backwards.
    """
    if not 0 <= seconds <= LONGEST:
        raise wrong("The clock goes forward by 0 seconds to five years.", "seconds")
    store.note()
    target = store.now() + seconds
    done = settle(store, target)
    store.offset += seconds
    return done


def settle(store: Store, target: int | None = None) -> int:
    """Have everything happen that is due by a moment, now by default; return how much that was. Raises Refusal."""
    target, done = store.now() if target is None else target, 0
    try:
        while due := min((each for each in _due(store) if each[0] <= target), key=lambda each: each[0], default=None):
            store.passing, done = max(due[0], 0), done + 1
            due[2](store, due[1])
            if done > MOST:
                raise Refusal("Too much would fall due: advance the clock by less.")
    finally:
        store.passing = None
    return done


def tick(store: Store) -> None:
    """Have happen what fell due in real time."""
    with store.lock:
        now = store.now()
        if not any(each[0] <= now for each in _due(store)):
            return
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        settle(store)


def _due(store: Store) -> Iterator[Due]:
    for key, sub in store.table("subscription").items():
        if sub["status"] in ("trialing", "active", "past_due", "unpaid"):
            yield min(each["current_period_end"] for each in sub["items"]["data"]), key, billing.renew
        if sub["status"] == "trialing" and not sub["_told"]:
            yield sub["trial_end"] - 3 * DAY, key, _tell
        if sub["status"] == "incomplete":
            yield sub["created"] + 23 * 3600, key, _expire
    for key, invoice in store.table("invoice").items():
        if invoice["status"] == "open" and invoice["next_payment_attempt"]:
            yield invoice["next_payment_attempt"], key, billing.collect
    for key, session in store.table("checkout.session").items():
        if session["status"] == "open":
            yield session["expires_at"], key, close


def _tell(store: Store, key: str) -> None:
    sub = store.edit("subscription", key)
    sub["_told"] = True
    emit(store, "customer.subscription.trial_will_end", sub)


def _expire(store: Store, key: str) -> None:
    sub = store.edit("subscription", key)
    before = dict(sub)
    sub |= {"status": "incomplete_expired", "ended_at": store.now()}
    emit(store, "customer.subscription.updated", sub, before)
    entitled.refresh(store, sub["customer"])


def close(store: Store, key: str) -> None:
    """Expire a session of Checkout."""
    session = store.edit("checkout.session", key)
    session |= {"status": "expired", "url": None}
    emit(store, "checkout.session.expired", session)

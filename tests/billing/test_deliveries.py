"""Events three times, shuffled, replayed later, two at once, with handlers that die: the same end, nothing twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import stripe
from django.db import connection

from apps.accounts import tenancy
from apps.billing.actions import credits, subscriptions
from apps.billing.models import CreditEntry, CreditGrant, Entitlement
from tests.billing.shop import Shop
from tests.conftest import Cast, make_cast, numbers
from tests.recycling import recycle
from tests.servers.stripe import KEY

Stage = Callable[[Shop], None]


def customer(shop: Shop) -> str:
    with tenancy.as_platform("whose customer"):
        return str(Entitlement.objects.values_list("customer", flat=True).get(workspace=shop.cast.acme))


def fails(shop: Shop) -> None:
    shop.loopback.fail_next(customer(shop), 9)
    shop.loopback.advance(days=33)


def recovers(shop: Shop) -> None:
    shop.loopback.fail_next(customer(shop), 0)
    for each in stripe.Invoice.list(customer=customer(shop), status="open", api_key=KEY).data:
        stripe.Invoice.pay(each.id, api_key=KEY)


def ends(shop: Shop) -> None:
    stripe.Subscription.modify(shop.now.subscription, cancel_at_period_end=True, api_key=KEY)
    shop.loopback.advance(days=40)


LIFE: tuple[Stage, ...] = (
    lambda shop: shop.buy("pro"),
    lambda shop: shop.loopback.advance(days=15) and None,
    lambda shop: shop.change("enterprise_monthly"),
    fails,
    recovers,
    lambda shop: shop.buy("topup_500"),
    ends,
    lambda shop: shop.buy("pro"),
)


def end(shop: Shop) -> tuple[Any, ...]:
    """Return what events may change, without the ids that differ from one life to the next."""
    row = shop.now
    with tenancy.as_platform("a test compares"):
        grants = sorted(CreditGrant.objects.filter(workspace=shop.cast.acme).values_list("source", "credits", "left"))
        entries = CreditEntry.objects.filter(workspace=shop.cast.acme).count()
    return (
        row.plan,
        row.state,
        row.limits,
        row.features,
        row.ends,
        bool(row.overdue_since),
        grants,
        entries,
        shop.balance,
    )


@contextmanager
def dying(pick: random.Random, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Cut one handler in five from the database, before or after it wrote something, as a killed process is."""
    died: list[int] = []
    for module, name in (
        (credits, "grant"),
        (subscriptions, "_set"),
        (subscriptions.Subscription, "sync_from_stripe_data"),
    ):
        real = getattr(module, name)

        def maybe(*given: Any, _real: Any = real, **more: Any) -> Any:
            early = pick.random()
            if early < 0.1:
                died.append(1)
                connection.connection.close()
            found = _real(*given, **more)
            if early > 0.9:
                died.append(1)
                connection.connection.close()
            return found

        monkeypatch.setattr(module, name, maybe)
    try:
        yield died
    finally:
        monkeypatch.undo()


def storm(shop: Shop, keys: list[str], pick: random.Random, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Deliver each event three times, shuffled, two at once, handlers dying; then as Stripe does, until it is taken."""
    order = keys * 3
    pick.shuffle(order)
    if len(order) % 2:
        order.append(order[0])

    def one(event: str) -> tuple[str, int]:
        try:
            return event, shop.post(event)
        finally:
            tenancy.close()

    taken = set()
    with dying(pick, monkeypatch) as died, ThreadPoolExecutor(2) as hands:
        for pair in zip(order[::2], order[1::2], strict=True):
            answers = list(hands.map(one, pair))
            assert {status for _event, status in answers} <= {200, 500}
            taken |= {event for event, status in answers if status == 200}
    again = [event for event in keys if event not in taken]
    for event in again:
        assert shop.post(event) == 200, "an event that nobody could take"
    return len(order) + len(again), len(died)


def other(shop: Shop) -> tuple[Shop, Cast]:
    """Return the same shop with another customer."""
    cast = make_cast(f"d{next(numbers)}")
    made = Shop(shop.loopback, cast)
    made.endpoint = shop.endpoint
    return made, cast


def test_shuffled_repeated_simultaneous_and_dying_deliveries_end_like_orderly_ones(
    shop: Shop, full: bool, proof: Callable[[str, int, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    life = LIFE if full else LIFE[:2]
    expected = []
    for stage in life:
        stage(shop)
        shop.tell()
        expected.append(end(shop))
    sent = deaths = 0
    for seed in range(20 if full else 1):
        pick = random.Random(seed)
        made, cast = other(shop)
        earlier: list[str] = []
        known = {each["id"] for each in shop.loopback.events()}
        for stage, wanted in zip(life, expected, strict=True):
            stage(made)
            new = [each["id"] for each in shop.loopback.events() if each["id"] not in known]
            known |= set(new)
            delivered, died = storm(made, new + pick.sample(earlier, min(3, len(earlier))), pick, monkeypatch)
            sent, deaths = sent + delivered, deaths + died
            earlier += new
            assert end(made) == wanted
        for schema in (cast.acme, cast.globex):
            recycle(schema)
    proof("webhooks shuffled, thrice, two at once, handlers dying: the same end", sent, f"{deaths} died, 0 twice")
    assert sent > (5_000 if full else 40) and deaths

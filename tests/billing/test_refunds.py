"""Money that goes back takes with it what it bought and nobody used: all of it, or its share."""

from __future__ import annotations

import pytest
import stripe

from apps.accounts import tenancy
from apps.billing.actions import credits
from apps.billing.models import CreditGrant
from tests.billing.shop import Shop
from tests.servers.stripe import KEY

pytestmark = pytest.mark.sample_of_file(1)


def charge_of(cents: int) -> str:
    (found,) = [each for each in stripe.Charge.list(limit=20, api_key=KEY).data if each.amount == cents]
    return str(found.id)


def give_back(shop: Shop, charge: str, cents: int | None = None) -> None:
    stripe.Refund.create(charge=charge, api_key=KEY, **({"amount": cents} if cents else {}))
    keys = [each["id"] for each in shop.loopback.events("charge.refunded")]
    assert {shop.post(each) for each in [*reversed(keys), keys[-1]]} == {200}


def left(shop: Shop) -> dict[str, int]:
    with tenancy.as_platform("a test looks"):
        rows = CreditGrant.objects.filter(workspace=shop.cast.acme).order_by("pk")
        found: dict[str, int] = {}
        for row in rows:
            found[row.source] = found.get(row.source, 0) + row.left
        return found


def test_a_refunded_invoice_takes_its_unspent_credits_and_no_others(shop: Shop) -> None:
    shop.buy("enterprise")
    shop.tell()
    acme, whole = shop.cast.acme, 25_000
    with tenancy.in_workspace(acme):
        credits.hold(by=shop.cast.alice, workspace=acme, run="run_x", credits=1_100)
        credits.settle(workspace=acme, run="run_x", used=600)
        credits.hold(by=shop.cast.alice, workspace=acme, run="run_y", credits=400)
    charge = charge_of(49_900)
    give_back(shop, charge, 4_990)
    assert left(shop)["plan"] == whole + 100 - 600 - 400 - whole // 10
    give_back(shop, charge, 4_990)
    assert left(shop)["plan"] == whole + 100 - 600 - 400 - 2 * (whole // 10)
    give_back(shop, charge)
    # The free plan's credits came with no invoice; they were used first, as they end first.
    assert left(shop) == {"welcome": 1_000, "plan": 0}
    with tenancy.in_workspace(acme):
        credits.settle(workspace=acme, run="run_y", used=100)
    assert left(shop) == {"welcome": 1_000, "plan": 0} and shop.balance.available == 1_000
    assert shop.balance.held == 0


def test_a_topup_goes_by_its_share_and_never_more_than_is_left(shop: Shop) -> None:
    shop.buy("topup_500")
    shop.tell()
    charge = charge_of(1_500)
    give_back(shop, charge, 501)
    assert left(shop)["topup"] == 500 - 500 * 501 // 1_500
    acme = shop.cast.acme
    with tenancy.in_workspace(acme):
        credits.hold(by=shop.cast.alice, workspace=acme, run="run_x", credits=shop.balance.available - 3)
    give_back(shop, charge, 900)
    assert left(shop)["topup"] == 0 and shop.balance.available == 0 and shop.balance.held > 0

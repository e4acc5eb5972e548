"""A workspace that is closed renews nothing, and one that is erased has no subscription left."""

from __future__ import annotations

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.billing.actions import ending
from tests.billing.shop import Shop


def test_closing_lets_the_plan_end_with_its_period_and_erasing_ends_it_at_once(shop: Shop) -> None:
    with tenancy.as_platform("a workspace that pays for nothing"):
        ending.renew_no_more(schema=shop.cast.acme, by=shop.cast.alice)
        ending.end(schema=shop.cast.acme)
    shop.buy("pro")
    shop.tell()
    before = shop.subscription()
    assert before["status"] == "trialing" and not before["cancel_at_period_end"]
    workspaces.close(by=shop.cast.alice, schema=shop.cast.acme, name="Acme")
    assert shop.subscription()["cancel_at_period_end"]
    with tenancy.as_platform("its grace is over"):
        ending.end(schema=shop.cast.acme)
        assert shop.subscription()["status"] == "canceled"
        ending.end(schema=shop.cast.acme)

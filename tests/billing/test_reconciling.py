"""The books, the call ledger and Stripe agree after a life of a subscription; each thing that is off is named."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.accounts import tenancy
from apps.billing.actions import credits, reconciling
from apps.billing.models import Balance, CreditGrant, Entitlement
from tests.billing.shop import Shop


def off(shop: Shop) -> list[str]:
    return [each.what for each in reconciling.compare(shop.cast.acme, ask_stripe=True) if not each.why]


def test_after_buying_upgrading_and_topping_up_nothing_differs_and_what_is_changed_by_hand_is_named(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    shop.change("enterprise_monthly")
    shop.buy("topup_500")
    assert any(what.startswith("top-up cs_") for what in off(shop)), "a paid top-up that was not given"
    assert "plan" in off(shop)
    shop.tell()
    assert off(shop) == []
    slug = shop.cast.acme_host.partition(".")[0]
    said = StringIO()
    call_command("reconcile", slug, stdout=said)
    assert "1 workspaces compared, 0 differences" in said.getvalue()
    with tenancy.as_platform("somebody meddles"):
        Balance.objects.filter(workspace=shop.cast.acme).update(available=7)
        first = CreditGrant.objects.filter(workspace=shop.cast.acme).order_by("id").first()
        assert first is not None
        CreditGrant.objects.filter(pk=first.pk).update(left=1)
        Entitlement.objects.filter(workspace=shop.cast.acme).update(plan="pro", state="past_due")
    assert off(shop) == ["balance, available", f"grant {first.pk}, left", "subscription", "plan"]
    with pytest.raises(CommandError, match="differ"):
        call_command("reconcile", slug, stdout=said)
    assert "balance, available: 7 here" in said.getvalue()
    connection.close()


def test_a_run_that_was_charged_without_calls_is_named_and_one_under_way_has_its_reason(shop: Shop) -> None:
    acme = shop.cast.acme
    with tenancy.in_workspace(acme):
        credits.hold(by=shop.cast.alice, workspace=acme, run="run_x", credits=5)
        credits.settle(workspace=acme, run="run_x", used=3)
    (found,) = reconciling.compare(acme, ask_stripe=False)
    assert (found.what, found.ours, found.theirs, found.why) == ("run run_x, charged", "3", "0 by its calls", "")


def test_an_address_that_nobody_has_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="no workspace nobody"):
        call_command("reconcile", "nobody")

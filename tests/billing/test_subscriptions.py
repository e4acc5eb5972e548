"""From Checkout to cancelling, over real HTTP: what Stripe says holds here, whatever reaches us first or twice."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
import stripe

from apps.accounts import tenancy
from apps.billing import catalogue
from apps.billing.actions import checkout, credits, selling
from apps.billing.models import Entitlement
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid, NotFound
from tests.billing.shop import BACK, Shop, plan_credits
from tests.servers.stripe import KEY

pytestmark = pytest.mark.sample_of_file(6)


def test_the_plans_of_the_file_are_sold_mirrored_and_everybody_begins_with_the_free_one(shop: Shop) -> None:
    found = selling.read()["plans"]
    with tenancy.as_platform("what is sold"):
        offers = {offer.slug: offer for offer in catalogue.plans()}
    assert set(offers) == set(found)
    for slug, plan in found.items():
        offer = offers[slug]
        assert (offer.name, offer.cents, offer.limits) == (plan["name"], plan["monthly"], plan["limits"])
        assert set(offer.features) == set(plan["features"])
    assert (shop.now.plan, shop.now.state, shop.now.limit("seats")) == (
        "free",
        "none",
        found["free"]["limits"]["seats"],
    )
    assert shop.balance.available == 1_000 + 100


def test_selling_again_makes_nothing_twice(shop: Shop) -> None:
    prices, endpoints = len(shop.loopback.store.table("price")), len(shop.loopback.store.table("webhook_endpoint"))
    shop.open()
    assert len(shop.loopback.store.table("price")) == prices
    assert len(shop.loopback.store.table("webhook_endpoint")) == endpoints
    assert shop.balance.available == 1_100


def test_a_bought_plan_holds_once_stripe_has_said_so_and_brings_its_credits_once(shop: Shop) -> None:
    shop.buy("pro")
    assert shop.now.plan == "free"
    assert set(shop.tell()) == {200}
    now = shop.now
    assert (now.plan, now.state, now.limit("seats")) == ("pro", "trialing", 10)
    assert now.includes("web_search", ("pro",)) and now.trial_ends_at is not None
    assert [size for size, _end in plan_credits(shop.cast)] == [100, 2_000]
    before = shop.state()
    for event in shop.loopback.shuffle(1):
        assert shop.post(event) == 200
    assert shop.state() == before


def test_after_the_trial_each_period_brings_its_credits_and_the_last_ones_end(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    shop.loopback.advance(days=15)
    shop.tell()
    assert shop.now.state == "active"
    first = plan_credits(shop.cast)
    assert [size for size, _end in first] == [100, 2_000, 2_000]
    assert first[-1][1] == shop.now.period_ends_at


def test_an_upgrade_brings_the_difference_and_a_downgrade_takes_nothing_back(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    shop.change("enterprise_monthly")
    shop.tell()
    assert shop.now.plan == "enterprise" and shop.now.limit("seats") == 200
    assert [size for size, _end in plan_credits(shop.cast)] == [100, 2_000, 23_000]
    had = shop.balance.available
    shop.change("pro_monthly")
    shop.tell()
    assert shop.now.plan == "pro" and shop.balance.available == had


def test_the_plan_is_changed_and_back_on_our_page_and_stripes_portal_ends_it_only(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    shop.loopback.advance(days=15)
    shop.tell()
    sub, enterprise = shop.now.subscription, shop.price("enterprise_monthly")
    assert shop.loopback.fill(portal(shop), act="change", sub=sub, price=enterprise)[0] == 402
    shop.switch("enterprise")
    assert shop.now.plan == "pro", "it holds once Stripe has said so"
    assert set(shop.tell()) == {200}
    now = shop.now
    assert (now.plan, now.state, now.limit("seats"), now.subscription) == ("enterprise", "active", 200, sub)
    assert [size for size, _end in plan_credits(shop.cast)] == [100, 2_000, 2_000, 23_000]
    had = shop.balance.available
    with pytest.raises(Conflict, match="changed now"):
        shop.switch("enterprise")
    shop.switch("pro")
    assert set(shop.tell()) == {200}
    assert (shop.now.plan, shop.now.limit("seats"), shop.balance.available) == ("pro", 10, had)
    with pytest.raises(NotFound):
        shop.switch("free")
    assert len(shop.subscription()["items"]["data"]) == 2, "a plan and what is metered"
    assert shop.loopback.fill(portal(shop), act="end", sub=sub)[0] == 303
    shop.tell()
    assert shop.now.ends


def test_another_plan_during_a_trial_is_paid_at_once_and_a_declined_card_changes_nothing(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    with tenancy.as_platform("whose customer"):
        customer = str(Entitlement.objects.get(workspace=shop.cast.acme).customer)
    shop.loopback.fail_next(customer, 1)
    with pytest.raises(checkout.Declined, match="nothing was changed"):
        shop.switch("enterprise")
    shop.tell()
    assert (shop.now.plan, shop.now.state) == ("pro", "trialing")
    shop.loopback.fail_next(customer, 0)
    shop.switch("enterprise")
    assert set(shop.tell()) == {200}
    assert (shop.now.plan, shop.now.state) == ("enterprise", "active")
    assert stripe.Invoice.retrieve(str(shop.subscription().latest_invoice), api_key=KEY).amount_paid == 49_900
    assert [size for size, _end in plan_credits(shop.cast)] == [100, 2_000, 25_000]


def test_selling_again_brings_the_portal_up_to_date(shop: Shop) -> None:
    (before,) = stripe.billing_portal.Configuration.list(api_key=KEY).data
    stripe.billing_portal.Configuration.modify(
        before.id, features={"subscription_update": {"enabled": False}}, api_key=KEY
    )
    shop.open()
    (after,) = stripe.billing_portal.Configuration.list(api_key=KEY).data
    update: Any = after.features.subscription_update
    assert (after.id, update.enabled, update.proration_behavior) == (before.id, True, "always_invoice")
    assert {each.product for each in update.products} == {"footnote_pro", "footnote_enterprise"}
    assert after.features.subscription_cancel.mode == "at_period_end"


def portal(shop: Shop) -> str:
    return checkout.open_portal(by=shop.cast.alice, workspace=shop.cast.acme, back=BACK)


def test_a_failed_payment_begins_the_grace_and_paying_ends_it(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    with tenancy.as_platform("whose customer"):
        customer = Entitlement.objects.get(workspace=shop.cast.acme).customer
    assert customer
    shop.loopback.fail_next(customer, 4)
    shop.loopback.advance(days=15)
    shop.tell()
    assert shop.now.state == "past_due" and shop.now.overdue_since is not None
    assert not shop.now.is_blocked(clock.now()) and shop.now.is_blocked(clock.now() + timedelta(days=8))
    granted = plan_credits(shop.cast)
    assert [size for size, _end in granted] == [100, 2_000]
    shop.loopback.fail_next(customer, 0)
    (open_invoice,) = stripe.Invoice.list(customer=customer, status="open", api_key=KEY).data
    stripe.Invoice.pay(open_invoice.id, api_key=KEY)
    shop.tell()
    assert (shop.now.state, shop.now.overdue_since) == ("active", None)
    assert [size for size, _end in plan_credits(shop.cast)] == [100, 2_000, 2_000]


def test_cancelling_ends_with_the_period_and_falls_back_to_the_free_plan(shop: Shop) -> None:
    shop.buy("enterprise")
    shop.tell()
    stripe.Subscription.modify(shop.now.subscription, cancel_at_period_end=True, api_key=KEY)
    shop.tell()
    assert shop.now.plan == "enterprise" and shop.now.ends
    shop.loopback.advance(days=32)
    shop.tell()
    assert (shop.now.plan, shop.now.state, shop.now.subscription) == ("free", "none", "")
    shop.buy("pro")
    shop.tell()
    assert shop.now.plan == "pro" and shop.now.state == "active", "a second trial was given"


def test_credits_are_bought_once_and_go_when_the_money_goes_back(shop: Shop) -> None:
    shop.buy("topup_500")
    for _ in range(3):
        shop.told = set()
        shop.tell()
    assert shop.balance.available == 1_100 + 500 and shop.now.plan == "free"
    (charge,) = [each for each in stripe.Charge.list(limit=10, api_key=KEY).data if each.amount == 1_500]
    stripe.Refund.create(charge=charge.id, api_key=KEY)
    shop.tell()
    assert shop.balance.available == 1_100


def test_others_customers_and_their_metadata_change_nothing(shop: Shop) -> None:
    before = shop.state()
    theirs = stripe.Customer.create(
        email="mallory@example.test", api_key=KEY,
        metadata={"workspace": shop.cast.acme, "djstripe_subscriber": "1", "djstripe_subscriber_id": "1"},
    )  # fmt: skip
    session = stripe.checkout.Session.create(
        mode="subscription", customer=theirs.id, client_reference_id=shop.cast.acme, success_url=BACK, api_key=KEY,
        line_items=[{"price": shop.price("enterprise_monthly"), "quantity": 1}],
        metadata={"workspace": shop.cast.acme},
    )  # fmt: skip
    shop.loopback.pay(str(session.url))
    assert set(shop.tell()) == {200}
    assert shop.state() == before


def test_what_is_not_signed_not_recent_or_too_large_is_not_even_stored(shop: Shop) -> None:
    from djstripe.models import WebhookEventTrigger

    shop.buy("pro")
    event = shop.loopback.events("customer.subscription.created")[0]["id"]
    body, signature = shop.loopback.signed(event, shop.endpoint.id)
    old = stripe.WebhookSignature._compute_signature(f"1000000000.{body.decode()}", shop.endpoint.secret)
    with tenancy.as_platform("what is stored"):
        stored = WebhookEventTrigger.objects.count()
    for wrong in ("", "t=1,v1=00", signature[:-1] + ("0" if signature[-1] != "0" else "1"), f"t=1000000000,v1={old}"):
        assert shop.send(body, wrong) == 400
    assert shop.send(body[:-1] + b" ", signature) == 400
    assert shop.send(b"x" * (513 * 1024), signature) == 413
    with tenancy.as_platform("what is stored"):
        assert WebhookEventTrigger.objects.count() == stored
    assert shop.now.plan == "free"
    assert shop.send(body, signature) == 200


def test_a_handler_that_dies_midway_leaves_nothing_and_the_next_delivery_does_it_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.buy("pro")
    before, grant = shop.state(), credits.grant
    event = shop.loopback.events("customer.subscription.created")[0]["id"]

    def dies(**_given: object) -> bool:
        raise ConnectionError("the power went")

    monkeypatch.setattr(credits, "grant", dies)
    assert shop.post(event) == 500
    assert shop.state() == before
    monkeypatch.setattr(credits, "grant", grant)
    assert shop.post(event) == 200
    assert shop.now.plan == "pro" and [size for size, _end in plan_credits(shop.cast)] == [100, 2_000]


def test_the_order_of_events_does_not_matter(shop: Shop) -> None:
    shop.buy("pro")
    shop.tell()
    shop.change("enterprise_monthly")
    stripe.Subscription.modify(shop.now.subscription, cancel_at_period_end=True, api_key=KEY)
    keys = [each["id"] for each in shop.loopback.events() if each["id"] not in shop.told]
    random.Random(4).shuffle(keys)
    for event in keys * 3:
        assert shop.post(event) == 200
    assert (shop.now.plan, shop.now.ends) == ("enterprise", True)
    assert [size for size, _end in plan_credits(shop.cast)] == [100, 2_000, 23_000]


def test_what_is_not_sold_or_held_already_is_refused_in_words(shop: Shop) -> None:
    with pytest.raises(NotFound):
        checkout.open_checkout(by=shop.cast.alice, workspace=shop.cast.acme, offer="gold", back=BACK)
    with pytest.raises(NotFound):
        checkout.open_checkout(by=shop.cast.alice, workspace=shop.cast.acme, offer="free", back=BACK)
    with pytest.raises(Invalid, match="Nothing was bought yet"):
        checkout.open_portal(by=shop.cast.alice, workspace=shop.cast.acme, back=BACK)
    shop.buy("pro")
    shop.tell()
    with pytest.raises(Conflict, match="on the page Plan"):
        checkout.open_checkout(by=shop.cast.alice, workspace=shop.cast.acme, offer="enterprise", back=BACK)
    assert "/p/" in checkout.open_portal(by=shop.cast.alice, workspace=shop.cast.acme, back=BACK)

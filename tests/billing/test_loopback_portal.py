"""The loopback Stripe's customer portal: its configurations, and a plan that the customer changes there."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import stripe

from tests.servers.stripe import KEY, LoopbackStripe, loopback_stripe

pytestmark = pytest.mark.sample_of_file(5)


@pytest.fixture
def server() -> Iterator[LoopbackStripe]:
    with loopback_stripe() as running:
        yield running


@pytest.fixture
def api(server: LoopbackStripe) -> Any:
    return stripe.StripeClient(KEY, base_addresses={"api": server.origin}, max_network_retries=0).v1


@pytest.fixture
def shop(api: Any) -> SimpleNamespace:
    """Two plans, 20 and 50 dollars a month, and a customer with a card who has the first."""
    prices = {}
    for name, cents in (("Small", 2000), ("Large", 5000)):
        product = api.products.create({"name": name})
        monthly = {"currency": "usd", "recurring": {"interval": "month"}}
        prices[name.lower()] = api.prices.create(monthly | {"product": product.id, "unit_amount": cents})
    owner = api.customers.create({"email": "ada@example.com"})
    card = api.payment_methods.attach("pm_card_visa", {"customer": owner.id})
    api.customers.update(owner.id, {"invoice_settings": {"default_payment_method": card.id}})
    return SimpleNamespace(owner=owner, **prices)


def subscribe(api: Any, shop: SimpleNamespace, **more: Any) -> Any:
    return api.subscriptions.create({"customer": shop.owner.id, "items": [{"price": shop.small.id}]} | more)


def configure(api: Any, shop: SimpleNamespace, **more: Any) -> Any:
    products = [{"product": each.product, "prices": [each.id]} for each in (shop.small, shop.large)]
    update = {"enabled": True, "default_allowed_updates": ["price"], "products": products}
    update |= {"proration_behavior": "always_invoice"} | more
    return api.billing_portal.configurations.create({"features": {"subscription_update": update}})


def visit(api: Any, shop: SimpleNamespace, **more: Any) -> str:
    return str(api.billing_portal.sessions.create({"customer": shop.owner.id} | more).url)


def read(url: str) -> str:
    with urlopen(url, timeout=10) as page:
        return str(page.read().decode())


def half_of_it(server: LoopbackStripe, sub: Any) -> None:
    part = sub["items"].data[0]
    server.advance(seconds=(part.current_period_end - part.current_period_start) // 2)


def plan_of(api: Any, sub: Any) -> str:
    return str(api.subscriptions.retrieve(sub.id)["items"].data[0].price.id)


def test_the_newest_active_configuration_is_the_default(api: Any, shop: SimpleNamespace) -> None:
    first, second = configure(api, shop), configure(api, shop)
    assert (first.is_default, second.is_default) == (True, True)
    portals = api.billing_portal.configurations
    assert [each.id for each in portals.list({"is_default": True}).data] == [second.id]
    assert api.billing_portal.sessions.create({"customer": shop.owner.id}).configuration == second.id
    portals.update(second.id, {"active": False, "metadata": {"a": "1"}, "business_profile": {"headline": "Plans"}})
    assert portals.retrieve(first.id).is_default
    again = portals.retrieve(second.id)
    assert (again.is_default, again.metadata["a"], again.business_profile.headline) == (False, "1", "Plans")
    assert again.features.subscription_update.products[1].prices == [shop.large.id]
    with pytest.raises(stripe.InvalidRequestError, match="not active"):
        visit(api, shop, configuration=second.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        visit(api, shop, configuration="bpc_none")
    assert refused.value.code == "resource_missing"


def test_a_change_of_one_feature_leaves_the_others(api: Any, shop: SimpleNamespace) -> None:
    made = configure(api, shop)
    changed = api.billing_portal.configurations.update(
        made.id, {"features": {"subscription_cancel": {"enabled": True, "mode": "immediately"}}}
    )
    assert changed.features.subscription_cancel.mode == "immediately"
    assert changed.features.subscription_update.to_dict() == made.features.subscription_update.to_dict()
    assert not changed.features.invoice_history.enabled


def test_a_configuration_that_cannot_be_is_refused_and_not_kept(api: Any, shop: SimpleNamespace) -> None:
    once = api.prices.create({"product": shop.small.product, "currency": "usd", "unit_amount": 100})
    small = {"product": shop.small.product, "prices": [shop.small.id]}
    wrongs: tuple[dict[str, Any], ...] = (
        {"products": ""},
        {"default_allowed_updates": ["plan"]},
        {"default_allowed_updates": ""},
        {"proration_behavior": "sometimes"},
        {"products": [small, small]},
        {"products": [{"product": shop.small.product, "prices": []}]},
        {"products": [{"product": shop.small.product, "prices": [shop.large.id]}]},
        {"products": [{"product": shop.small.product, "prices": [once.id]}]},
        {"products": [{"product": "prod_none", "prices": [shop.large.id]}]},
        {"products": "all"},
        {"strange": "1"},
    )
    for wrong in wrongs:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            configure(api, shop, **wrong)
        assert (refused.value.http_status, refused.value.code == "parameter_unknown") == (400, "strange" in wrong), (
            wrong
        )
    for body in ({}, {"features": ""}, {"features": "x"}, {"features": {"subscription_update": {"enabled": "maybe"}}}):
        with pytest.raises(stripe.InvalidRequestError):
            api.billing_portal.configurations.create(body)
    assert api.billing_portal.configurations.list().data == []


def test_the_page_says_what_is_due_and_the_change_asks_just_that(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    configure(api, shop)
    sub = subscribe(api, shop)
    half_of_it(server, sub)
    url, events = visit(api, shop), len(server.events())
    page = read(url)
    assert "Change to Large" in page and "Change to Small" not in page
    assert "50.00 USD a month" in page
    assert len(server.events()) == events, "looking changed something"
    assert plan_of(api, sub) == shop.small.id
    assert server.fill(url, act="change", sub=sub.id, price=shop.large.id)[:2] == (
        303, url.removeprefix(server.origin),
    )  # fmt: skip
    invoice = api.invoices.retrieve(api.subscriptions.retrieve(sub.id).latest_invoice)
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert invoice.amount_paid == pytest.approx(1500, abs=2)
    assert f"Due today: {invoice.amount_paid / 100:.2f} USD." in page
    told = [each["type"] for each in server.events()[events:]]
    assert {"invoice.paid", "charge.succeeded", "customer.subscription.updated"} <= set(told)
    page = read(url)
    assert "Due today: 0.00 USD. 15.00 USD for unused time" in page and "Change to Small" in page
    assert server.fill(url, act="change", sub=sub.id, price=shop.small.id)[0] == 303
    assert api.customers.retrieve(shop.owner.id).balance == pytest.approx(-1500, abs=2)


def test_the_events_are_those_of_a_change_by_the_api(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    configure(api, shop)
    told = []
    for by_page in (True, False):
        sub = subscribe(api, shop)
        half_of_it(server, sub)
        events = len(server.events())
        if by_page:
            server.fill(visit(api, shop), act="change", sub=sub.id, price=shop.large.id)
        else:
            line = {"id": sub["items"].data[0].id, "price": shop.large.id}
            api.subscriptions.update(sub.id, {"items": [line], "proration_behavior": "always_invoice"})
        told.append([each["type"] for each in server.events()[events:]])
    assert told[0] == told[1]
    assert "customer.subscription.updated" in told[0]


def test_what_is_to_be_settled_later_is_not_due_today(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    configure(api, shop, proration_behavior="create_prorations")
    sub = subscribe(api, shop)
    half_of_it(server, sub)
    url = visit(api, shop)
    assert "Due today: 0.00 USD. What is left of this period is settled with your next invoice." in read(url)
    server.fill(url, act="change", sub=sub.id, price=shop.large.id)
    assert (plan_of(api, sub), api.subscriptions.retrieve(sub.id).latest_invoice) == (shop.large.id, sub.latest_invoice)
    assert sum(each.amount for each in api.invoice_items.list({"customer": shop.owner.id}).data) == pytest.approx(
        1500, abs=2
    )


def test_a_trial_ends_with_the_change_or_goes_on(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    for behaviour, status, due in (("end_trial", "active", "50.00"), ("continue_trial", "trialing", "0.00")):
        made = configure(api, shop, trial_update_behavior=behaviour)
        sub = subscribe(api, shop, trial_period_days=14)
        url = visit(api, shop, configuration=made.id)
        page = read(url)
        assert f"Due today: {due} USD" in page
        assert server.fill(url, act="change", sub=sub.id, price=shop.large.id)[0] == 303
        assert (api.subscriptions.retrieve(sub.id).status, plan_of(api, sub)) == (status, shop.large.id)
        api.subscriptions.cancel(sub.id)


@pytest.mark.parametrize("days", [0, 14])
def test_a_declined_card_changes_nothing(server: LoopbackStripe, api: Any, shop: SimpleNamespace, days: int) -> None:
    configure(api, shop)
    sub = subscribe(api, shop, **({"trial_period_days": days} if days else {}))
    half_of_it(server, sub)
    url, before = visit(api, shop), api.subscriptions.retrieve(sub.id).to_dict()
    server.fail_next(shop.owner.id)
    events = len(server.events())
    status, _, page = server.fill(url, act="change", sub=sub.id, price=shop.large.id)
    assert (status, "Your card was declined." in page) == (402, True)
    assert (api.subscriptions.retrieve(sub.id).to_dict(), len(server.events())) == (before, events)


def test_only_what_is_offered_to_this_customer_can_be_chosen(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    configure(api, shop)
    sub, other = subscribe(api, shop), api.customers.create({"name": "Mallory"})
    secret = api.prices.create(
        {"product": shop.large.product, "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month"}}
    )
    url = visit(api, shop)
    theirs = str(api.billing_portal.sessions.create({"customer": other.id}).url)
    for page, price in ((url, secret.id), (url, shop.small.id), (url, ""), (url, "price_no"), (theirs, shop.large.id)):
        assert server.fill(page, act="change", sub=sub.id, price=price)[0] == 402
    api.prices.update(shop.large.id, {"active": False})
    assert "Change to" not in read(url)
    assert server.fill(url, act="change", sub=sub.id, price=shop.large.id)[0] == 402
    api.prices.update(shop.large.id, {"active": True})
    api.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    assert "Change to" not in read(url)
    assert "Keep it first" in server.fill(url, act="change", sub=sub.id, price=shop.large.id)[2]
    assert plan_of(api, sub) == shop.small.id


def test_a_portal_offers_only_what_its_configuration_allows(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    sub = subscribe(api, shop)
    usual = visit(api, shop)
    assert "Change to" not in read(usual) and "Card number" in read(usual) and "<h2>Invoices" in read(usual)
    configure(api, shop, enabled=False)
    bare = visit(api, shop)
    page = read(bare)
    assert not [each for each in ("Change to", "Card number", "<h2>Invoices", "End it") if each in page]
    for fields in ({"act": "change", "price": shop.large.id}, {"act": "end"}, {"act": "card", "number": "4242"}):
        assert server.fill(bare, sub=sub.id, **fields)[0] == 402
    assert not api.subscriptions.retrieve(sub.id).cancel_at_period_end
    now = api.billing_portal.configurations.create(
        {"features": {"subscription_cancel": {"enabled": True, "mode": "immediately"}}}
    )
    assert server.fill(visit(api, shop, configuration=now.id), act="end", sub=sub.id)[0] == 303
    assert api.subscriptions.retrieve(sub.id).status == "canceled"


def test_rubbish_is_refused_in_stripes_shape(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    made, before = configure(api, shop), server.store.table("billing_portal.configuration").copy()
    name = "features[subscription_update][products]"
    for fields in (
        {f"{name}[0]": "x"}, {f"{name}[0][prices]": "x"}, {f"{name}[0][prices][0][a]": "x"}, {name: "x"},
        {f"{name}[0][product][a]": "x"}, {"features[subscription_cancel]": "x"}, {"business_profile[x]": "1"},
        {"features[subscription_update][default_allowed_updates][a]": "price"}, {"default_return_url[a]": "x"},
        {"features[x][enabled]": "true"}, {"active": "x"}, {"metadata": "x"}, {"login_page[enabled]": "true"},
    ):  # fmt: skip
        request = Request(
            f"{server.origin}/v1/billing_portal/configurations/{made.id}", urlencode(fields).encode(),
            {"Authorization": f"Bearer {KEY}"},
        )  # fmt: skip
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=10)
        with refused.value as answer:
            assert answer.code == 400, fields
    assert server.store.table("billing_portal.configuration") == before

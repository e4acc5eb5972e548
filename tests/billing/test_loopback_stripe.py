"""The loopback Stripe by Stripe's own library: what it sells, bills, sends, refuses and remembers."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import stripe

from config.loopback_stripe.render import API_VERSION
from tests.servers.stripe import KEY, LoopbackStripe, loopback_stripe

pytestmark = pytest.mark.sample_of_file(8)

DAY = 86400


def client(server: LoopbackStripe, key: str = KEY, **more: Any) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": server.origin}, max_network_retries=0, **more)


@pytest.fixture
def server() -> Iterator[LoopbackStripe]:
    with loopback_stripe() as running:
        yield running


@pytest.fixture
def api(server: LoopbackStripe) -> Any:
    return client(server).v1


@pytest.fixture
def shop(api: Any) -> SimpleNamespace:
    return stock(api)


def stock(api: Any) -> SimpleNamespace:
    """A product with a feature, two monthly prices, credits to buy once, and what is metered."""
    product = api.products.create(
        {"name": "Team", "metadata": {"plan": "team"}, "marketing_features": [{"name": "SSO"}]}
    )
    feature = api.entitlements.features.create({"lookup_key": "exports", "name": "Exports"})
    api.products.features.create(product.id, {"entitlement_feature": feature.id})
    meter = api.billing.meters.create(
        {"display_name": "Runs", "event_name": "runs", "default_aggregation": {"formula": "sum"}}
    )
    monthly = {"product": product.id, "currency": "usd", "recurring": {"interval": "month"}}
    return SimpleNamespace(
        product=product, feature=feature, meter=meter,
        small=api.prices.create(monthly | {"unit_amount": 2000, "lookup_key": "small"}),
        large=api.prices.create(monthly | {"unit_amount": 5000, "lookup_key": "large"}),
        credits=api.prices.create({"product": product.id, "currency": "usd", "unit_amount": 100}),
        metered=api.prices.create(
            monthly | {"unit_amount_decimal": "0.5",
                       "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id}}
        ),
    )  # fmt: skip


def buyer(api: Any, card: str = "pm_card_visa") -> Any:
    made = api.customers.create({"email": "ada@example.com", "metadata": {"workspace": "acme"}})
    method = api.payment_methods.attach(card, {"customer": made.id})
    return api.customers.update(made.id, {"invoice_settings": {"default_payment_method": method.id}})


def subscribe(api: Any, shop: SimpleNamespace, **more: Any) -> Any:
    owner = more.pop("owner", None) or buyer(api)
    return api.subscriptions.create({"customer": owner.id, "items": [{"price": shop.small.id}]} | more)


def kinds(server: LoopbackStripe) -> list[str]:
    return [each["type"] for each in server.events()]


def session(api: Any, shop: SimpleNamespace, **more: Any) -> Any:
    asked = {
        "mode": "subscription", "line_items": [{"price": shop.small.id, "quantity": 2}],
        "success_url": "http://localhost/done?session={CHECKOUT_SESSION_ID}",
    }  # fmt: skip
    return api.checkout.sessions.create(asked | more)


class Listener:
    """An endpoint on this machine that answers with the statuses it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_address[1]}/hooks?a=1"


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(5)


def test_its_version_is_the_librarys() -> None:
    assert stripe.api_version == API_VERSION


def test_keys_that_are_no_test_keys_are_refused(server: LoopbackStripe) -> None:
    for key in ("sk_live_" + "a" * 24, "sk_test_short", "pk_test_" + "a" * 24):
        with pytest.raises(stripe.AuthenticationError) as refused:
            client(server, key).v1.products.list()
        assert refused.value.http_status == 401
    for header, status in (("Basic " + b64encode(f"{KEY}:".encode()).decode(), 200), ("Basic !", 401), ("", 401)):
        assert raw(server, "GET", "/v1/products", header=header)[0] == status


def test_a_product_keeps_its_features_and_metadata(api: Any, shop: SimpleNamespace) -> None:
    product = api.products.retrieve(shop.product.id)
    assert (product.metadata["plan"], product.marketing_features[0].name) == ("team", "SSO")
    assert api.products.features.list(product.id).data[0].entitlement_feature.lookup_key == "exports"
    found = api.prices.list({"lookup_keys": ["large"], "expand": ["data.product"]}).data
    assert [(each.id, each.product.name) for each in found] == [(shop.large.id, "Team")]


def test_checkout_makes_a_paid_subscription_and_its_events_are_signed(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace, listener: Listener
) -> None:
    endpoint = api.webhook_endpoints.create({"url": listener.url, "enabled_events": ["*"]})
    made = session(
        api, shop, client_reference_id="acme", metadata={"a": "1"}, subscription_data={"metadata": {"b": "2"}}
    )
    status, where, _ = server.pay(made.url)
    assert (status, where) == (303, f"http://localhost/done?session={made.id}")
    done = api.checkout.sessions.retrieve(made.id, {"expand": ["subscription", "line_items"]})
    assert (done.status, done.payment_status, done.amount_total, done.client_reference_id) == (
        "complete",
        "paid",
        4000,
        "acme",
    )
    assert (done.subscription.status, done.subscription.metadata["b"], done.metadata["a"]) == ("active", "2", "1")
    assert done.line_items.data[0].price.id == shop.small.id
    assert set(server.deliver_waiting()) == {200}
    events = [stripe.Webhook.construct_event(body, signature, endpoint.secret) for body, signature in listener.got]
    assert {
        "customer.created", "customer.subscription.created", "invoice.paid", "payment_intent.succeeded",
        "charge.succeeded", "checkout.session.completed", "entitlements.active_entitlement_summary.updated",
    } <= {each.type for each in events}  # fmt: skip
    assert {(each.api_version, each.livemode) for each in events} == {(API_VERSION, False)}
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(listener.got[0][0] + b" ", listener.got[0][1], endpoint.secret)
    held = api.entitlements.active_entitlements.list({"customer": done.customer}).data
    assert [each.lookup_key for each in held] == ["exports"]


def test_a_declined_card_leaves_the_session_open_and_nothing_behind(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    made, before = session(api, shop), kinds(server)
    status, _, page = server.pay(made.url, card="4000 0000 0000 0002")
    assert status == 402
    assert "Your card was declined." in page
    assert "no money moves" in page
    assert (api.checkout.sessions.retrieve(made.id).status, kinds(server)) == ("open", before)
    assert api.customers.list().data == []
    assert server.pay(made.url)[0] == 303
    assert server.pay(made.url)[0] != 303


def test_a_session_in_mode_payment_sells_credits_once(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    lines = [{"price": shop.credits.id, "quantity": 50}]
    made = session(api, shop, mode="payment", line_items=lines, payment_intent_data={"metadata": {"credits": "50"}})
    assert server.pay(made.url)[0] == 303
    done = api.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})
    assert (done.payment_intent.amount, done.payment_intent.metadata["credits"]) == (5000, "50")
    refund = api.refunds.create({"payment_intent": done.payment_intent.id, "amount": 2000})
    assert refund.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        api.refunds.create({"charge": refund.charge, "amount": 3001})
    api.refunds.create({"charge": refund.charge})
    assert (api.charges.retrieve(refund.charge).refunded, kinds(server).count("charge.refunded")) == (True, 2)


def test_a_promotion_code_is_taken_off_once(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    coupon = api.coupons.create({"percent_off": 25, "duration": "once"})
    api.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING", "max_redemptions": 1}
    )
    made = session(api, shop, allow_promotion_codes=True)
    assert server.fill(made.url, act="code", code="spring")[0] == 200
    assert api.checkout.sessions.retrieve(made.id).amount_total == 3000
    assert server.pay(made.url)[0] == 303
    done = api.checkout.sessions.retrieve(made.id, {"expand": ["invoice"]})
    assert (done.invoice.total, done.invoice.amount_paid) == (3000, 3000)
    server.advance(days=32)
    sub = api.subscriptions.retrieve(done.subscription, {"expand": ["latest_invoice"]})
    assert sub.latest_invoice.total == 4000
    again = session(api, shop, allow_promotion_codes=True)
    assert "used up" in server.fill(again.url, act="code", code="SPRING")[2]


def test_a_trial_ends_in_a_paid_invoice(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    made = session(api, shop, subscription_data={"trial_period_days": 14})
    assert made.amount_total == 0
    server.pay(made.url)
    sub = api.subscriptions.retrieve(api.checkout.sessions.retrieve(made.id).subscription)
    assert (sub.status, sub.trial_end - sub.trial_start) == ("trialing", 14 * DAY)
    server.advance(days=12)
    assert "customer.subscription.trial_will_end" in kinds(server)
    server.advance(days=3)
    sub = api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (sub.status, sub.latest_invoice.amount_paid) == ("active", 4000)


def test_an_upgrade_now_costs_the_difference_for_the_time_left(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    sub = subscribe(api, shop)
    part = sub["items"].data[0]
    length = part.current_period_end - part.current_period_start
    server.advance(seconds=length // 2)
    changed = api.subscriptions.update(
        sub.id,
        {"items": [{"id": part.id, "price": shop.large.id}], "proration_behavior": "always_invoice",
         "expand": ["latest_invoice"]},
    )  # fmt: skip
    amounts = [line.amount for line in changed.latest_invoice.lines.data]
    assert amounts[0] == pytest.approx(-1000, abs=2)
    assert amounts[1] == pytest.approx(2500, abs=2)
    assert (changed.latest_invoice.status, changed.latest_invoice.amount_paid) == ("paid", sum(amounts))
    assert changed["items"].data[0].current_period_end == part.current_period_end


def test_a_downgrade_is_credited_on_the_next_invoice(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    sub = subscribe(api, shop, items=[{"price": shop.large.id}])
    part = sub["items"].data[0]
    server.advance(seconds=(part.current_period_end - part.current_period_start) // 2)
    api.subscription_items.update(part.id, {"price": shop.small.id})
    assert api.subscriptions.retrieve(sub.id).latest_invoice == sub.latest_invoice
    server.advance(days=20)
    total = api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]}).latest_invoice.total
    assert total == pytest.approx(2000 - 1500, abs=3)


def test_a_failing_card_goes_past_due_and_a_paid_invoice_brings_it_back(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    made = session(api, shop)
    server.pay(made.url, card="4000000000000341")
    sub = api.checkout.sessions.retrieve(made.id, {"expand": ["subscription"]}).subscription
    assert sub.status == "active"
    server.advance(days=32)
    sub = api.subscriptions.retrieve(sub.id)
    assert sub.status == "past_due"
    with pytest.raises(stripe.CardError) as refused:
        api.invoices.pay(sub.latest_invoice)
    assert (refused.value.http_status, refused.value.code) == (402, "card_declined")
    assert api.invoices.retrieve(sub.latest_invoice).attempt_count == 2
    good = api.payment_methods.attach("pm_card_visa", {"customer": sub.customer})
    assert api.invoices.pay(sub.latest_invoice, {"payment_method": good.id}).status == "paid"
    assert api.subscriptions.retrieve(sub.id).status == "active"


@pytest.mark.parametrize(
    ("outcome", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
def test_after_the_last_try_a_subscription_ends_as_it_was_set(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace, outcome: str, status: str
) -> None:
    server.settle_retries(outcome)
    sub = subscribe(api, shop)
    server.fail_next(sub.customer, 4)
    server.advance(days=31)
    assert api.subscriptions.retrieve(sub.id).status == "past_due"
    server.advance(days=16)
    assert api.subscriptions.retrieve(sub.id).status == status
    assert kinds(server).count("invoice.payment_failed") == 4


def test_a_subscription_ends_with_its_period_unless_it_is_kept(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    kept, ended = subscribe(api, shop), subscribe(api, shop)
    for each in (kept, ended):
        assert api.subscriptions.update(each.id, {"cancel_at_period_end": True}).cancel_at
    assert api.subscriptions.update(kept.id, {"cancel_at_period_end": False}).cancel_at is None
    server.advance(days=32)
    assert api.subscriptions.retrieve(kept.id).status == "active"
    assert api.subscriptions.retrieve(ended.id).status == "canceled"
    assert api.subscriptions.cancel(kept.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.subscriptions.cancel(kept.id)
    assert refused.value.code == "resource_missing"
    assert api.entitlements.active_entitlements.list({"customer": ended.customer}).data == []


def test_usage_is_billed_at_the_periods_end_and_an_identifier_counts_once(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    sub = subscribe(api, shop, items=[{"price": shop.small.id}, {"price": shop.metered.id}])
    use = {"event_name": "runs", "identifier": "run-1", "payload": {"stripe_customer_id": sub.customer, "value": "100"}}
    api.billing.meter_events.create(use)
    with pytest.raises(stripe.InvalidRequestError, match="already exists with identifier"):
        api.billing.meter_events.create(use)
    api.billing.meter_events.create(use | {"identifier": "run-2"})
    span = {"customer": sub.customer, "start_time": sub.created, "end_time": sub.created + DAY}
    with pytest.raises(stripe.InvalidRequestError, match="aligned with minute"):
        api.billing.meters.event_summaries.list(shop.meter.id, span | {"start_time": 61})
    span |= {name: span[name] // 60 * 60 for name in ("start_time", "end_time")}
    assert api.billing.meters.event_summaries.list(shop.meter.id, span).data[0].aggregated_value == 200
    server.advance(days=32)
    assert api.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]}).latest_invoice.total == 2000 + 100


def test_the_same_key_gives_the_same_answer_and_another_body_an_error(api: Any, server: LoopbackStripe) -> None:
    first = api.customers.create({"name": "Ada"}, {"idempotency_key": "k1"})
    assert api.customers.create({"name": "Ada"}, {"idempotency_key": "k1"}).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        api.customers.create({"name": "Bob"}, {"idempotency_key": "k1"})
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: api.customers.create({"name": "Eve"}, {"idempotency_key": "k2"}).id, range(16)))
    assert len(set(made)) == 1
    assert kinds(server).count("customer.created") == 2


def test_lists_come_in_pages(api: Any) -> None:
    made = [api.customers.create({"name": str(number)}).id for number in range(23)]
    first = api.customers.list({"limit": 10})
    assert ([each.id for each in first.data], first.has_more) == (made[:12:-1], True)
    assert [each.id for each in first.auto_paging_iter()] == made[::-1]
    with pytest.raises(stripe.InvalidRequestError):
        api.customers.list({"limit": 101})


def test_a_delivery_is_tried_again_until_it_is_taken(server: LoopbackStripe, api: Any, listener: Listener) -> None:
    api.webhook_endpoints.create({"url": listener.url, "enabled_events": ["customer.created"]})
    listener.answers = [500, 302]
    made = api.customers.create({"name": "Ada"})
    api.customers.update(made.id, {"name": "Bob"})
    assert [server.deliver_waiting() for _ in range(4)] == [[500], [302], [200], []]
    assert len({json.loads(body)["id"] for body, _ in listener.got}) == 1
    event = server.events("customer.created")[0]
    assert (event["pending_webhooks"], event["data"]["object"]["name"]) == (0, "Ada")
    assert server.deliver(event["id"], times=3) == [200, 200, 200]
    assert server.shuffle(1) == server.shuffle(1)


def test_it_sends_by_itself_when_it_runs_as_a_program(listener: Listener) -> None:
    with loopback_stripe(deliver=True) as server:
        api: Any = client(server).v1
        api.webhook_endpoints.create({"url": listener.url, "enabled_events": ["*"]})
        listener.answers = [503]
        api.customers.create({"name": "Ada"})
        waited = threading.Event()
        for _ in range(100):
            if len(listener.got) >= 2:
                break
            waited.wait(0.1)
        assert len({body for body, _ in listener.got}) == 1
        assert len(listener.got) >= 2


def test_addresses_elsewhere_are_never_sent_to(api: Any) -> None:
    for url in (
        "https://example.com/x",
        "http://example.com/x",
        "http://10.0.0.1/x",
        "ftp://localhost/",
        "http://[",
        "x",
    ):
        with pytest.raises(stripe.InvalidRequestError):
            api.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})


def test_a_restart_finds_everything(tmp_path: Path) -> None:
    with loopback_stripe(tmp_path) as server:
        api: Any = client(server).v1
        sub = subscribe(api, stock(api))
        server.advance(days=3)
        events, now = kinds(server), server.store.now()
    with loopback_stripe(tmp_path) as server:
        found = client(server).v1.subscriptions.retrieve(sub.id)
        assert (found.status, kinds(server)) == ("active", events)
        assert 0 <= server.store.now() - now < 60
    assert (tmp_path / "stripe.json").stat().st_mode & 0o77 == 0


def test_older_versions_get_the_shapes_they_knew(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    sub = subscribe(api, shop)
    invoice = api.invoices.retrieve(sub.latest_invoice, {"expand": ["payments"]})
    assert invoice.parent.subscription_details.subscription == sub.id
    assert "subscription" not in invoice
    intent = invoice.payments.data[0].payment.payment_intent
    old: Any = client(server, stripe_version="2024-06-20").v1
    was = old.invoices.retrieve(sub.latest_invoice)
    assert (was["subscription"], was["payment_intent"], was["paid"]) == (sub.id, intent, True)
    assert old.subscriptions.retrieve(sub.id)["current_period_end"] == sub["items"].data[0].current_period_end


def raw(
    server: LoopbackStripe, method: str, path: str, body: bytes = b"", header: str = f"Bearer {KEY}"
) -> tuple[int, dict[str, Any]]:
    request = Request(server.origin + path, body or None, {"Authorization": header}, method=method)
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


RUBBISH = [
    b"\xff\xfe", b"a[b=1", b"a=1&a[b]=2", b"a[b][c]=1&a[b]=2", b"[]=1", b"name=%ff", b"name=%00", b"name[x]=1",
    b"metadata=x&name=n", b"metadata[a][b]=x&name=n", b"items[0]=x", b"items=x", b"line_items[0][price]=", b"&&&=&",
    b"a" + b"[b]" * 50 + b"=1", b"limit=-1", b"expand=x", b"expand[]=a.b.c.d.e.f", b"expand[][x]=1", b"mode=zzz",
    b"unit_amount=1e9&currency=usd", b"unit_amount_decimal=NaN&currency=usd&product=x", b"percent_off=-1",
    b"percent_off=Infinity", b"trial_end=99999999999999999999", b"trial_end=now", b"expires_at=1", b"created[gte]=x",
    b"customer[]=x", b"price[a]=1", b"recurring=month", b"card=4242", b"timestamp=\xc2\xb2", b"quantity=%C2%B2",
    b"url=http://localhost:99999/&enabled_events[]=*", b"discounts[0][coupon]=x", b"cancel_at_period_end=maybe",
    b"event_name=runs&payload[value]=x", b"default_aggregation[formula]=sum&event_name=e&display_name=d&x=1",
]  # fmt: skip


def test_rubbish_is_refused_in_stripes_shape_everywhere(
    server: LoopbackStripe, api: Any, shop: SimpleNamespace
) -> None:
    from config.loopback_stripe.routes import ROUTES

    sub = subscribe(api, shop)
    known = {"products": shop.product.id, "prices": shop.small.id, "customers": sub.customer, "subscriptions": sub.id,
             "invoices": sub.latest_invoice, "meters": shop.meter.id, "sessions": session(api, shop).id}  # fmt: skip
    before, tried = api.subscriptions.retrieve(sub.id).to_dict(), 0
    for method, pattern, _ in ROUTES:
        words = pattern.pattern.replace("([^/]+)", "{}")
        words = words.replace("(void|mark_uncollectible)", "void").replace("(sources|tax_ids)", "sources")
        words = words.replace("(deactivate|reactivate)", "deactivate")
        collection = words.split("/{}")[0].rpartition("/")[2]
        for key in ("nothing", known.get(collection, "%00")):
            if method == "DELETE" and key != "nothing":
                continue
            path = words.replace("{}", key)
            for body in RUBBISH:
                if path.endswith(("/void", "/deactivate", "/expire")) and key != "nothing":
                    continue
                status, answer = raw(server, method, path if method != "GET" else path + "?x=1", body)
                tried += 1
                assert status < 500, (method, path, body)
                assert status == 200 or answer["error"]["type"] in ("invalid_request_error", "card_error")
    assert tried > 1000
    assert api.subscriptions.retrieve(sub.id).to_dict() == before
    assert raw(server, "GET", "/v1/nothing")[0] == 404
    assert raw(server, "GET", "/v1/customers/none")[1]["error"]["code"] == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        api.customers.create({"nmae": "Ada"})


def test_customers_written_at_once_are_all_kept(api: Any, server: LoopbackStripe) -> None:
    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda number: api.customers.create({"name": str(number)}).id, range(60)))
    assert len(set(made)) == 60
    assert {each.id for each in api.customers.list({"limit": 100}).data} == set(made)


def test_the_portal_ends_keeps_and_changes_the_card(server: LoopbackStripe, api: Any, shop: SimpleNamespace) -> None:
    sub = subscribe(api, shop)
    portal = api.billing_portal.sessions.create({"customer": sub.customer, "return_url": "http://localhost/back"})
    with urlopen(portal.url, timeout=10) as page:
        assert "Test Stripe: no money moves" in page.read().decode()
    assert server.fill(portal.url, act="end", sub=sub.id)[0] == 303
    assert api.subscriptions.retrieve(sub.id).cancel_at_period_end
    assert server.fill(portal.url, act="keep", sub=sub.id)[0] == 303
    assert not api.subscriptions.retrieve(sub.id).cancel_at_period_end
    assert server.fill(portal.url, act="card", number="5555555555554444", expiry="1/41")[0] == 303
    owner = api.customers.retrieve(sub.customer, {"expand": ["invoice_settings.default_payment_method"]})
    assert owner.invoice_settings.default_payment_method.card.last4 == "4444"
    stranger = subscribe(api, shop)
    assert server.fill(portal.url, act="end", sub=stranger.id)[0] == 402
    assert not api.subscriptions.retrieve(stranger.id).cancel_at_period_end

"""Tokens beyond a plan reach Stripe once each and cost what the tiers say, whoever dies on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.accounts import tenancy
from apps.billing import overage, rules
from apps.billing.actions import asking, metering, reconciling, selling
from apps.billing.models import Entitlement, UsagePeriod, UsageReport
from apps.lib import clock
from apps.lib.errors import Unavailable
from tests.billing.shop import Shop
from tests.billing.test_usage import call
from tests.conftest import Cast
from tests.servers.stripe import KEY

pytestmark = pytest.mark.sample_of_file(4)
INCLUDED = selling.read()["plans"]["enterprise"]["limits"]["tokens"]
TIERS = selling.read()["overage"]["tiers"]


@pytest.fixture
def metered(shop: Shop) -> Shop:
    """A workspace with the plan that includes most, in its first paid period."""
    shop.buy("enterprise")
    shop.tell()
    return shop


def use(shop: Shop, tokens: int, at: datetime | None = None) -> None:
    """Have a model read so many tokens."""
    with tenancy.in_workspace(shop.cast.acme, gate=True):
        call(at or clock.now(), tool="model_complete", model="m", input_tokens=tokens)


def period() -> UsagePeriod:
    with tenancy.as_platform("a test looks"):
        return UsagePeriod.objects.latest("began_at")


def reports() -> list[tuple[int, int, bool]]:
    with tenancy.as_platform("a test looks"):
        rows = UsageReport.objects.order_by("pk")
        return [(row.tokens, row.total, row.sent_at is not None) for row in rows]


def events(shop: Shop) -> list[dict[str, Any]]:
    return list(shop.loopback.store.table("billing.meter_event").values())


@contextmanager
def later(shop: Shop, **more: float) -> Iterator[None]:
    """Have time pass, here and there."""
    shop.loopback.advance(seconds=int(timedelta(**more).total_seconds()))
    with clock.stopped(datetime.fromtimestamp(shop.loopback.store.now(), tz=clock.now().tzinfo)):
        yield


def report() -> None:
    """What the scheduler does, whoever's turn it is."""
    with tenancy.as_platform("every turn has come"):
        UsagePeriod.objects.update(looked_at=None)
        UsageReport.objects.filter(sent_at=None).update(due_at=clock.now(), leased_until=None)
    metering.report()


def off(shop: Shop) -> list[str]:
    return [
        f"{each.what.rpartition(', ')[2]}: {each.ours} here, {each.theirs}"
        for each in reconciling.compare(shop.cast.acme, ask_stripe=True) if not each.why and "run " not in each.what
    ]  # fmt: skip


def test_each_period_is_invoiced_at_its_tiers_to_the_cent_and_what_is_included_costs_nothing(metered: Shop) -> None:
    use(metered, INCLUDED)
    report()
    assert events(metered) == [] and reports() == []
    for tokens in (1, 499_999, 500_001, 2_000_000, 2_003_001):
        with later(metered, days=32):
            metered.tell()
            use(metered, INCLUDED + tokens)
            report()
            (made,) = [each for each in events(metered) if int(each["_value"]) == tokens]
            assert period().began_at.timestamp() <= made["timestamp"] < period().ends_at.timestamp()
            before = metered.subscription().latest_invoice
            metered.loopback.advance(seconds=int((period().ends_at - clock.now()).total_seconds()) + 1)
            invoice = stripe.Invoice.retrieve(str(metered.subscription().latest_invoice), api_key=KEY)
            assert invoice.id != before
            exact = rules.overage(tokens, TIERS)
            lines = [each for each in invoice.lines.data if "Tokens beyond" in str(each.description)]
            assert sum(int(each.quantity or 0) for each in lines) == tokens
            assert sum(each.amount for each in lines) == (exact + 5_000) // 10_000
            metered.tell()
    assert off(metered) == []


def test_a_report_that_was_cut_off_anywhere_is_counted_once(metered: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    use(metered, INCLUDED + 700)
    create = UsageReport.objects.create

    def dies(**given: Any) -> UsageReport:
        create(**given)
        raise ConnectionError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(UsageReport.objects, "create", dies)
        with pytest.raises(ConnectionError):
            metering.note(period=period().pk)
    assert (reports(), period().noted) == ([], 0)
    assert (metering.note(period=period().pk), metering.note(period=period().pk)) == (700, 0)

    def deaf(what: Any, *given: Any, **more: Any) -> Any:
        asking.ask(what, *given, **more)
        raise Unavailable("the answer was lost")

    with monkeypatch.context() as patch:
        patch.setattr(metering, "ask", deaf)
        report()
    assert len(events(metered)) == 1 and reports() == [(700, 700, False)]
    assert metering.send_due() == 0, "it was tried and waits"
    with later(metered, hours=3):
        report()
    assert len(events(metered)) == 1 and reports() == [(700, 700, True)]


def test_a_day_later_stripes_own_sum_tells_what_arrived(metered: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    use(metered, INCLUDED + 700)
    metering.note(period=period().pk)

    def deaf(what: Any, *given: Any, **more: Any) -> Any:
        asking.ask(what, *given, **more)
        raise Unavailable("the answer was lost")

    with monkeypatch.context() as patch:
        patch.setattr(metering, "ask", deaf)
        report()
    use(metered, 50)
    with later(metered, hours=30):
        report()
        report()
    assert [int(each["_value"]) for each in events(metered)] == [700, 50]
    assert reports() == [(700, 700, True), (50, 750, True)]
    assert off(metered) == []


def test_at_once_it_is_noted_once_and_sent_once(metered: Shop) -> None:
    use(metered, INCLUDED + 3_000)
    key = period().pk
    assert at_once(lambda: metering.note(period=key)) == [0, 0, 3_000]
    with tenancy.as_platform("a test looks"):
        row = UsageReport.objects.get().pk
    assert at_once(lambda: int(metering.send(report=row))) == [0, 0, 1]
    assert [int(each["_value"]) for each in events(metered)] == [3_000]


def at_once(act: Callable[[], int]) -> list[int]:
    """Do something in three threads at the same time; return what came out, sorted."""
    found, gate = [], threading.Barrier(3)

    def run() -> None:
        try:
            gate.wait(10)
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    return sorted(found)


def test_stripe_away_waits_longer_each_time_and_what_it_refuses_is_kept_for_a_person(
    metered: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(metered, INCLUDED + 10)
    report()
    use(metered, 5)
    metering.note(period=period().pk)
    with tenancy.as_platform("a test looks"):
        UsagePeriod.objects.update(customer="cus_nobody")
    waits = []
    for _ in range(3):
        with tenancy.as_platform("a test looks"):
            UsageReport.objects.filter(sent_at=None).update(due_at=clock.now())
        assert metering.send_due() == 0
        with tenancy.as_platform("a test looks"):
            row = UsageReport.objects.get(sent_at=None)
        waits.append(round((row.due_at - clock.now()).total_seconds()))
    assert waits == [30, 60, 120] and "cus_nobody" in row.error and metering.send_due() == 0
    with later(metered, days=40):
        with tenancy.as_platform("a test looks"):
            UsagePeriod.objects.update(customer=Entitlement.objects.get(workspace=metered.cast.acme).customer)
        report()
        assert [each[2] for each in reports()] == [True, False]
        assert any("report 2: 5 here, given up Stripe takes no usage" in each for each in off(metered))


def test_late_usage_goes_to_the_period_in_which_it_was_used(metered: Shop) -> None:
    first = period()
    with later(metered, days=33):
        metered.tell()
        use(metered, INCLUDED + 40, first.ends_at - timedelta(microseconds=1))
        report()
        assert metering.counted(first) == 40 and period().noted == 0
        assert off(metered) == ["invoiced: 40 here, 0 on Stripe's invoices"], "the invoice was there before"
        assert int(events(metered)[0]["timestamp"]) < first.ends_at.timestamp()
    with later(metered, days=40):
        metered.tell()
        use(metered, 7, first.ends_at - timedelta(seconds=1))
        report()
        assert metering.counted(first) == 40
        assert "noted: 40 here, 47 by its calls" in off(metered)


def test_another_plan_never_lowers_what_a_period_includes_and_an_upgrade_bills_nothing_twice(shop: Shop) -> None:
    pro = selling.read()["plans"]["pro"]["limits"]["tokens"]
    shop.buy("pro")
    shop.tell()
    use(shop, pro + 9)
    report()
    assert not reports(), "what is used on trial is free"
    standing = overage.standing(shop.cast.acme)
    assert standing is not None and (standing.billed, standing.beyond, standing.micro_dollars) == (False, 9, 0)
    with later(shop, days=15):
        shop.tell()
        use(shop, pro + 600)
        report()
        assert reports() == [(600, 600, True)] and off(shop) == []
        shop.switch("enterprise")
        shop.tell()
        use(shop, 50)
        report()
        assert reports() == [(600, 600, True)] and off(shop) == []
        shop.switch("pro")
        shop.tell()
        assert period().included == INCLUDED
        use(shop, INCLUDED)
        report()
        assert reports()[1:] == [(pro + 650 - 600, pro + 650, True)] and off(shop) == []
        stripe.Subscription.modify(shop.now.subscription, cancel_at_period_end=True, api_key=KEY)
    with later(shop, days=32):
        shop.tell()
        assert shop.now.plan == "free"
        (last,) = stripe.Invoice.list(limit=1, api_key=KEY).data
        assert last.total == (rules.overage(pro + 650, TIERS) + 5_000) // 10_000


def test_the_books_name_what_was_planted_and_old_reports_are_forgotten(metered: Shop) -> None:
    use(metered, INCLUDED + 100)
    report()
    use(metered, 20)
    report()
    assert off(metered) == []
    customer = period().customer
    stripe.billing.MeterEvent.create(
        event_name="footnote_tokens", payload={"stripe_customer_id": customer, "value": "5"},
        timestamp=int(clock.now().timestamp()) + 120, api_key=KEY,
    )  # fmt: skip
    assert off(metered) == ["sent: 120 here, 125 by Stripe's meter"]
    with tenancy.as_platform("somebody meddles"):
        UsagePeriod.objects.update(noted=90)
    assert off(metered) == ["noted: 90 here, 120 by its reports", "sent: 90 here, 125 by Stripe's meter"]
    with clock.stopped(clock.now() + timedelta(days=91)):
        metering.tidy()
    assert reports() == [(20, 120, True)]


@pytest.mark.parametrize("table", [Entitlement, UsagePeriod, UsageReport])
def test_a_workspaces_own_role_reads_its_plan_and_its_usage_and_writes_neither(cast: Cast, table: Any) -> None:
    for gate in (False, True):
        with tenancy.in_workspace(cast.acme, gate=gate):
            assert list(table.objects.exclude(workspace=cast.acme)) == []
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                table.objects.update(workspace=cast.acme)
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                table.objects.all()._raw_delete("default")
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                table.objects.bulk_create([table(workspace=cast.acme)])


def test_the_pages_say_what_is_included_what_was_used_and_what_more_costs(metered: Shop) -> None:
    use(metered, INCLUDED + 500_001)
    page = Client(headers={"host": metered.cast.acme_host})
    with tenancy.as_platform("a test signs in"):
        page.force_login(get_user_model().objects.get(pk=metered.cast.alice))
    for path in ("/billing", "/billing/usage"):
        said = page.get(path).content.decode()
        assert f"of {INCLUDED:,} included" in said and "500,001" in said and "$6.000008" in said, path
        assert 'id="mark-' in said and "More than that: $0.005" in said
    figures = page.get("/api/billing/summary").json()["tokens"]
    assert (figures["beyond"], figures["micro_dollars"], figures["billed"]) == (500_001, 6_000_008, True)
    assert "$0.012" in page.get("/billing/plan").content.decode()
    asked = page.post("/billing/change", {"offer": "pro"}).content.decode()
    assert "Change to Pro?" in asked and "taken off the next invoices" in asked
    metered.tell()
    assert metered.now.plan == "enterprise", "nothing is changed before it was confirmed"
    assert page.post("/billing/change", {"offer": "pro", "sure": "1"}).status_code == 302
    metered.tell()
    assert metered.now.plan == "pro"
    assert page.post("/billing/change", {"offer": "gold"}).status_code == 404

"""A plan binds on the server: what an unpaid or small plan refuses, on every way in, and with what sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import invitations
from apps.billing import entitlements
from apps.billing.entitlements import BeyondPlan, Unpaid
from apps.billing.models import Entitlement
from apps.lib import clock
from apps.policy.registry import switches
from apps.policy.registry.catalogue import resolve
from apps.research.actions import follow_ups, runs
from tests.web.conftest import House
from tests.web.reading import text
from tests.web.test_pages import ASK

Visit = Callable[..., Client]
LIMITS = {"credits": 100, "seats": 4, "monitors": 1, "retention_days": 30, "priority": 0, "tokens": 0}


@pytest.fixture(autouse=True)
def sold(house: House) -> Iterator[None]:
    """Sell acme a small plan while a test lasts."""
    with tenancy.as_platform("a test sells a plan"):
        Entitlement.objects.create(
            workspace=house.cast.acme, plan="small", state="active", limits=LIMITS, features=["document_write"],
            customer="cus_small",
        )  # fmt: skip
    yield
    with tenancy.as_platform("and takes it away"):
        Entitlement.objects.filter(workspace=house.cast.acme).delete()


def stand(house: House, **now: object) -> None:
    with tenancy.as_platform("a test moves a subscription"):
        Entitlement.objects.filter(workspace=house.cast.acme).update(**now)


@pytest.mark.parametrize("days", [0, 8])
@pytest.mark.parametrize("state", ["past_due", "unpaid"])
def test_a_failed_payment_stops_every_way_to_begin_something_once_the_grace_is_over(
    house: House, visit: Visit, state: str, days: int
) -> None:
    stand(house, state=state, overdue_since=clock.now() - timedelta(days=days))
    alice = visit("alice")
    if state == "past_due" and days < 7:
        assert alice.post("/research", ASK).status_code == 302
        assert "Everything works on until" in text(alice.get("/billing/plan"))
        return
    page = alice.post("/research", ASK)
    assert page.status_code == 402 and "Its owners can pay on the page Plan" in text(page)
    asked = alice.post(f"/research/{house.published}/ask", {"question": "How high is it?"})
    assert asked.status_code == 402 and "can pay on the page Plan" in text(asked)
    with tenancy.in_workspace(house.cast.acme):
        with pytest.raises(Unpaid):
            follow_ups.ask(by=house.cast.alice, run=house.published, question="How high is it?")
        with pytest.raises(Unpaid):
            runs.start(by=house.cast.alice, request=runs.Request("How high?", documents=house.documents))
    for path in ("/billing/plan", "/research", "/research/new"):
        assert "so nothing new is begun" in text(alice.get(path)), path
    # What was researched can still be read.
    assert alice.get(f"/research/{house.published}/report").status_code == 200


def test_paying_lets_everything_go_on_at_once(house: House, visit: Visit) -> None:
    stand(house, state="unpaid", overdue_since=clock.now())
    assert visit("alice").post("/research", ASK).status_code == 402
    stand(house, state="active", overdue_since=None)
    assert visit("alice").post("/research", ASK).status_code == 302


def test_a_full_plan_refuses_one_more_seat_when_inviting_and_when_joining(house: House) -> None:
    acme, alice = house.cast.acme, house.cast.alice
    with pytest.raises(BeyondPlan, match="has 4 seats"):
        invitations.invite(by=alice, schema=acme, email="full@example.test", role="viewer")
    stand(house, limits=LIMITS | {"seats": 5})
    link = invitations.invite(by=alice, schema=acme, email="fifth@example.test", role="viewer")
    with pytest.raises(BeyondPlan, match="has 5 seats"):
        invitations.invite(by=alice, schema=acme, email="sixth@example.test", role="viewer")
    stand(house, limits=LIMITS)
    with pytest.raises(BeyondPlan):
        invitations.accept(by=house.people["charlie"], token=invitations.token_of(link), confirmed=True)
    invitations.revoke(by=alice, schema=acme, invitation=link)


def test_a_tool_that_the_plan_does_not_include_is_refused_and_so_shown(house: House, visit: Visit) -> None:
    tool = resolve("web_search")
    with tenancy.in_workspace(house.cast.acme):
        refused = switches.refusal(tool, name="web_search", at=clock.now(), now=None)
    assert refused is not None and refused.outcome == "plan"
    assert "The plan small does not include web_search" in refused.sentence
    assert "Not in your plan" in text(visit("alice").get("/policies/tools"))


def test_where_nothing_is_sold_everything_is_included(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.globex):
        free = entitlements.of(house.cast.globex)
    assert not free.sold and free.limit("seats") is None and free.includes("web_search", ("enterprise",))
    assert "Nothing is sold here" in text(visit("charlie", host=house.cast.globex_host).get("/billing/plan"))


@pytest.mark.parametrize("person", ["bob", "vera"])
def test_only_owners_and_the_billing_role_see_and_change_the_plan(house: House, visit: Visit, person: str) -> None:
    for path in ("/billing/checkout", "/billing/change", "/billing/portal"):
        assert visit(person).post(path, {"offer": "pro"}).status_code == 403
    assert visit(person).get("/billing/plan").status_code == 403
    assert visit("paula").get("/billing/plan").status_code == 200


def test_what_is_not_sold_can_not_be_bought(house: House, visit: Visit) -> None:
    page = visit("alice").post("/billing/checkout", {"offer": "gold"})
    assert page.status_code == 404

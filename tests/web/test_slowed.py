"""A run that a budget slows down says so, when its page is loaded and while it is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from apps.accounts import tenancy
from apps.lib import clock
from apps.policy import rules
from apps.policy.models import BudgetLimit, BudgetUse
from apps.research import streams
from apps.research.queries import run_page
from apps.runtime.models import Run
from tests.web.conftest import House
from tests.web.reading import text

Visit = Callable[..., Client]
SAYS = "This run is in the slower lane, because the month's budget is at"


@pytest.fixture
def used(house: House) -> Iterator[Callable[[int], None]]:
    """Return a way to let the workspace have used so many per cent of its tokens."""

    def use(share: int) -> None:
        with tenancy.in_workspace(house.cast.acme, gate=True):
            period = rules.period(clock.now())
            limit = {"tokens": 10_000_000, "by": house.cast.alice, "at": clock.now()}
            BudgetLimit.objects.update_or_create(kind="workspace", subject="", defaults=limit)
            BudgetUse.objects.update_or_create(
                kind="workspace", subject="", period=period,
                defaults={"tokens": share * 100_000, "held_tokens": 0, "micro_dollars": 0, "held_micro_dollars": 0},
            )  # fmt: skip

    yield use
    with tenancy.in_workspace(house.cast.acme, gate=True):
        BudgetLimit.objects.all().delete()
        BudgetUse.objects.all().delete()


@pytest.fixture
def at_work(house: House) -> str:
    """A run that is shown at work."""
    run = house.start("plan")
    with tenancy.in_workspace(house.cast.acme):
        Run.objects.filter(pk=run).update(state="running")
    return run


def test_the_page_names_the_share_and_links_whoever_may_see_budgets(
    house: House, visit: Visit, at_work: str, used: Callable[[int], None]
) -> None:
    used(74)
    assert SAYS not in text(visit("alice").get(f"/research/{at_work}"))
    used(80)
    page = visit("alice").get(f"/research/{at_work}")
    assert f"{SAYS} 80 %" in text(page) and 'href="/billing/budgets"' in page.content.decode()
    assert "It goes slowly: the month's budget is at 80 %." in text(page)
    page = visit("bob").get(f"/research/{at_work}")
    assert f"{SAYS} 80 %" in text(page) and "Look at the budgets" not in text(page)
    used(95)
    assert f"{SAYS} 95 %" in text(visit("bob").get(f"/research/{at_work}")), "it is finished from what it set aside"


def test_a_run_that_waits_or_has_ended_is_not_slowed(house: House, visit: Visit, used: Callable[[int], None]) -> None:
    used(80)
    for run in (house.planned, house.published):
        assert SAYS not in text(visit("bob").get(f"/research/{run}"))


def test_the_stream_says_it_and_takes_it_back(house: House, at_work: str, used: Callable[[int], None]) -> None:
    key = streams.Key("runs", house.cast.acme, at_work, "en", run_page.Viewer("owner", True))

    def look(before: streams.State | None) -> streams.State:
        with tenancy.in_workspace(house.cast.acme):
            row = Run.objects.get(pk=at_work)
            Run.objects.filter(pk=at_work).update(event_seq=row.event_seq + 1)
        return streams._read(key, before)

    quiet = look(None)
    used(80)
    slow = look(quiet)
    body = slow.change.decode()
    assert "slower lane" in body and "80 %" in body and "/billing/budgets" in body
    used(10)
    assert "run-notice" in look(slow).change.decode() and "slower lane" not in look(slow).change.decode()

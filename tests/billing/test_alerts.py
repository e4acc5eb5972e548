"""Who looks after the money is told of each mark of the month's credits once, however many runs reach it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.agenda.models import Outbox
from apps.agenda.queries import Parcel
from apps.billing import alerts
from apps.billing.actions import alerts as choices
from apps.billing.actions import credits
from apps.billing.models import CreditAlert
from apps.lib import clock, ids
from apps.lib.errors import Invalid
from apps.messaging import actions as messaging
from apps.messaging import mail
from apps.messaging.models import Notice
from apps.messaging.subscribers import budget_marked
from apps.observability.models import AuditEntry
from apps.policy.budgets import marks
from apps.policy.budgets.marks import Marked
from apps.policy.budgets.standing import Limit
from tests.conftest import Cast, numbers

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def hundred(committed: Cast) -> Iterator[Cast]:
    """acme with exactly 100 credits."""
    with tenancy.in_workspace(committed.acme), clock.stopped(NOON):
        there = alerts.taken(committed.acme)[1]
        credits.take_back(by=1, approved_by=2, workspace=committed.acme, credits=there, key=ids.new("x"), note="")
        credits.grant(by=None, workspace=committed.acme, credits=100, key=ids.new("x"))
        yield committed


def hold(cast: Cast, size: int) -> str:
    run = ids.new("run")
    credits.hold(by=cast.bob, workspace=cast.acme, run=run, credits=size)
    return run


def told(cast: Cast, person: int | None = None) -> list[int]:
    """Return the marks that a person (alice) was told, in that order."""
    rows = Notice.objects.filter(workspace=cast.acme, kind="credits", person=person or cast.alice)
    return list(rows.order_by("id").values_list("mark", flat=True))


def test_each_mark_is_told_once_a_month_and_again_in_the_next(hundred: Cast) -> None:
    steps = []
    for size in (49, 1, 20, 5, 14, 1, 9, 1):
        hold(hundred, size)
        steps.append(told(hundred))
    assert steps == [[], [50], [50], [50, 75], [50, 75], [50, 75, 90], [50, 75, 90], [50, 75, 90, 100]]
    with clock.stopped(NOON + timedelta(days=30)):
        credits.grant(by=None, workspace=hundred.acme, credits=2, key=ids.new("x"))
        hold(hundred, 1)
    assert told(hundred) == [50, 75, 90, 100, 90]


def test_a_jump_over_several_marks_is_told_as_the_highest_and_those_below_never_after_it(hundred: Cast) -> None:
    run = hold(hundred, 92)
    assert told(hundred) == [90]
    credits.settle(workspace=hundred.acme, run=run, used=10)
    hold(hundred, 70)
    assert told(hundred) == [90]
    noted = CreditAlert.objects.filter(workspace=hundred.acme).order_by("mark").values_list("mark", flat=True)
    assert list(noted) == [50, 75, 90]


def test_a_refund_and_what_came_back_are_not_taken(hundred: Cast) -> None:
    run = hold(hundred, 45)
    credits.settle(workspace=hundred.acme, run=run, used=40)
    assert alerts.taken(hundred.acme) == (40, 100)
    credits.refund(by=None, workspace=hundred.acme, run=run, note="")
    assert alerts.taken(hundred.acme) == (0, 100)
    hold(hundred, 49)
    assert told(hundred) == []


def test_nobody_is_told_of_what_was_rolled_back(hundred: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        hold(hundred, 95)
        raise ZeroDivisionError
    assert told(hundred) == []
    with transaction.atomic():
        hold(hundred, 95)
        assert told(hundred) == []
    assert told(hundred) == [90]


def test_a_look_that_fails_takes_nothing_back_and_the_next_movement_makes_up_for_it(hundred: Cast) -> None:
    with mock.patch.object(alerts, "taken", side_effect=OSError("gone")):
        hold(hundred, 60)
    assert told(hundred) == [] and alerts.taken(hundred.acme) == (60, 100)
    hold(hundred, 1)
    assert told(hundred) == [50]


def test_runs_that_settle_and_begin_at_once_tell_each_mark_once(
    committed: Cast, full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    rounds, at_once = (20 if full else 2), 32
    twice = 0
    for number in range(rounds):
        with tenancy.in_workspace(committed.acme):
            before = len(told(committed))
            CreditAlert.objects.filter(workspace=committed.acme).delete()
            there = alerts.taken(committed.acme)[1]
            credits.grant(by=None, workspace=committed.acme, credits=there * 2, key=f"more{number}")
            each = alerts.taken(committed.acme)[1] * 3 // 5 // at_once

        def spend(_number: int, size: int = each) -> None:
            try:
                with tenancy.in_workspace(committed.acme):
                    credits.settle(workspace=committed.acme, run=hold(committed, size), used=size)
            finally:
                tenancy.close()

        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(spend, range(at_once)))
        with tenancy.in_workspace(committed.acme):
            heard = told(committed)[before:]
        twice += len(heard) - len(set(heard))
        assert heard and heard == sorted(heard), heard
    assert twice == 0
    proof("runs that pass the marks of the credits at once: nobody told twice", rounds * at_once, f"{twice} twice")


def test_looks_that_race_for_the_same_mark_tell_it_once(hundred: Cast) -> None:
    with transaction.atomic():
        hold(hundred, 60)
        transaction.get_connection().run_on_commit.clear()

    def look(_number: int) -> None:
        try:
            alerts.look(hundred.acme)
        finally:
            tenancy.close()

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(look, range(24)))
    with tenancy.in_workspace(hundred.acme):
        assert told(hundred) == [50]


def test_without_a_choice_owners_and_the_billing_role_are_told_and_nobody_else(hundred: Cast) -> None:
    paula = join(hundred, "billing")
    adam = join(hundred, "admin")
    hold(hundred, 50)
    assert [told(hundred, each) for each in (hundred.alice, paula, adam, hundred.bob)] == [[50], [50], [], []]


def join(cast: Cast, role: str) -> int:
    email = f"{role}-{next(numbers)}@example.test"
    with tenancy.as_platform("a test"):
        return workspaces.join(by=cast.alice, schema=cast.acme, email=email, role=role, name=role.title())


def test_the_choice_decides_for_credits_and_for_budgets_and_stands_on_the_record_once(hundred: Cast) -> None:
    adam = join(hundred, "admin")
    for expected in (True, False):
        assert (
            choices.choose(by=hundred.alice, workspace=hundred.acme, roles=["admin"], people=[hundred.bob]) is expected
        )
    hold(hundred, 76)
    budget_marked(event=Marked(hundred.acme, "workspace", "", "2026-11", 50, NOON))
    rows = Notice.objects.filter(workspace=hundred.acme).values_list("kind", "person", "mark")
    assert sorted(rows) == sorted(
        (kind, who, mark) for kind, mark in (("credits", 75), ("budget", 50)) for who in (adam, hundred.bob)
    )
    entries = AuditEntry.objects.filter(workspace=hundred.acme, did="alerts.chosen")
    assert [(row.by, row.reason) for row in entries] == [(hundred.alice, f"roles: admin; people: {hundred.bob}")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"roles": [], "people": []}, "somebody has to be told"), ({"roles": ["king"], "people": []}, "no such role"),
        ({"roles": ["owner"], "people": [10**9]}, "members of this workspace"),
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_refused_and_nothing_is_kept(cast: Cast, given: Any, said: str) -> None:
    with tenancy.in_workspace(cast.acme):
        with pytest.raises(Invalid, match=said):
            choices.choose(by=cast.alice, workspace=cast.acme, **given)
        assert alerts.told(cast.acme) == alerts.Told(alerts.USUAL_ROLES, (), False)


def test_where_nobody_of_the_chosen_is_left_the_owner_is_told(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        choices.choose(by=cast.alice, workspace=cast.acme, roles=["approver"], people=[])
        assert alerts.people(cast.acme) == (cast.alice,)


@pytest.mark.parametrize(("kind", "page"), [("credits", "/billing"), ("budget", "/billing/budgets")])
def test_mail_names_the_mark_and_leads_where_its_reader_may_go(cast: Cast, kind: str, page: str) -> None:
    with tenancy.in_workspace(cast.acme):
        messaging.tell(by=None, workspace=cast.acme, people=[cast.alice, cast.bob], kind=kind, run="", at=NOON, mark=75)
        rows = {
            row.person: row for row in Outbox.objects.filter(workspace=cast.acme, kind="mail", person__isnull=False)
        }
    for person, path in ((cast.alice, page), (cast.bob, "/notices")):
        with tenancy.as_platform("the outbox"):
            sent = mail._compose(_parcel(rows[person]))
        assert sent["subject"].startswith("75 % of ") and "%%" not in sent["text"] + sent["subject"]
        assert f"{path}\n" in sent["text"]


def _parcel(row: Outbox) -> Any:
    return Parcel(**{name: getattr(row, name) for name in Parcel.__dataclass_fields__})


def test_each_mark_of_a_budget_is_told_once_by_the_gate(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme, gate=True), transaction.atomic():
        row = marks.lock("workspace", 0, "2026-11")
        for row.tokens in (49, 50, 51, 74, 75, 89, 90, 99, 100, 200):
            marks.note(row, Limit(100, None), at=NOON)
    with tenancy.in_workspace(cast.acme):
        rows = Notice.objects.filter(workspace=cast.acme, kind="budget", person=cast.alice).order_by("id")
        assert list(rows.values_list("mark", flat=True)) == [50, 75, 90, 100]


def test_another_workspace_sees_neither_marks_nor_the_choice(hundred: Cast) -> None:
    choices.choose(by=hundred.alice, workspace=hundred.acme, roles=["admin"], people=[])
    hold(hundred, 60)
    assert CreditAlert.objects.count() == 1
    with tenancy.in_workspace(hundred.globex):
        assert CreditAlert.objects.filter(workspace=hundred.acme).count() == 0
        assert not alerts.told(hundred.acme).chosen

"""Budgets: nothing is overspent, nothing stays held, what was set aside finishes a run, a month begins anew."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum

from apps.accounts import tenancy
from apps.lib import clock, ids, signing
from apps.messaging.models import Notice
from apps.policy.budgets import holds, limits, standing
from apps.policy.gate import sweep
from apps.policy.models import BudgetUse, Call, Grant, GrantUse, RunReserve
from apps.policy.rules import Amount
from tests.conftest import Cast

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CALL = Amount(1_000, 0)


def month(kind: str = "workspace", period: str = "2026-11") -> tuple[int, int]:
    """(used, held) tokens of a month."""
    row = BudgetUse.objects.filter(kind=kind, period=period).aggregate(used=Sum("tokens"), held=Sum("held_tokens"))
    return row["used"] or 0, row["held"] or 0


def allow(by: int, *, tokens: int | None = None, micro_dollars: int | None = None, **more: Any) -> None:
    given = {"kind": "workspace", "subject": "", "reason": "a test"} | more
    limits.set_limit(by=by, tokens=tokens, micro_dollars=micro_dollars, **given)


def hold(run: str = "run_a", amount: Amount = CALL, person: int = 1, at: datetime = NOON) -> holds.Held:
    return holds.hold(run=run, person=person, amount=amount, at=at)


def settle(run: str = "run_a", held: Amount = CALL, spent: Amount = CALL, person: int = 1, at: datetime = NOON) -> None:
    holds.settle(run=run, person=person, held=held, spent=spent, at=at)


@pytest.fixture
def acme(cast: Cast) -> Any:
    with tenancy.in_workspace(cast.acme, gate=True):
        for run in ("run_a", "run_b"):
            GrantUse.objects.create(run=run)
        yield cast


def test_a_call_holds_and_then_counts_what_it_used(acme: Cast) -> None:
    assert not hold().slow
    settle(spent=Amount(400, 0))
    own = RunReserve.objects.get(pk="run_a")
    assert (own.tokens, own.held_tokens) == (400, 0)
    assert holds.let_go(run="run_a") and month() == month("person") == (400, 0)
    assert not holds.let_go(run="run_a")


def test_from_three_quarters_on_calls_go_slowly_and_above_nine_tenths_no_run_begins(acme: Cast) -> None:
    allow(acme.alice, tokens=100_000)
    runs, slow = 0, []
    with pytest.raises(holds.Spent) as stopped:
        for _ in range(100):
            slow.append(hold(run=f"run_{runs}", amount=Amount(5_000, 0)).slow)
            runs += 1
    used, held = month()
    assert (used, held <= 100_000) == (0, True) and held >= 85_000
    assert slow[0] is False and slow[-1] is True
    assert "workspace's budget for November 2026" in str(stopped.value) and "1 December 2026" in str(stopped.value)
    assert stopped.value.kinds == ("workspace",)


def test_a_run_that_has_begun_is_finished_from_what_it_set_aside(acme: Cast) -> None:
    allow(acme.alice, tokens=100_000)
    hold()
    settle()
    allow(acme.alice, tokens=1_000)
    with pytest.raises(holds.Spent):
        hold(run="run_b")
    calls = 0
    with pytest.raises(holds.Spent):
        while True:
            assert hold().slow
            settle()
            calls += 1
    own = RunReserve.objects.get(pk="run_a")
    assert calls >= 10 and own.tokens <= own.reserved_tokens


def test_the_smallest_of_several_budgets_decides(acme: Cast) -> None:
    allow(acme.alice, tokens=1_000_000)
    allow(acme.alice, kind="person", subject="", tokens=10_000)
    with pytest.raises(holds.Spent, match="This person's budget"):
        hold(amount=Amount(9_500, 0))
    allow(acme.alice, kind="person", subject="1", tokens=50_000)
    hold(amount=Amount(9_500, 0))
    with pytest.raises(holds.Spent):
        hold(run="run_b", amount=Amount(9_500, 0), person=2)


def test_a_runs_own_budget_ends_it_at_its_last_token(acme: Cast) -> None:
    allow(acme.alice, kind="run", subject="", tokens=2_500)
    hold(), hold()
    with pytest.raises(holds.Spent, match="its own budget"):
        hold()
    settle(spent=Amount(100, 0))
    hold()


def test_a_call_that_uses_more_than_it_held_is_counted_whole(acme: Cast) -> None:
    hold()
    settle(spent=Amount(900_000, 70))
    own = RunReserve.objects.get(pk="run_a")
    assert own.tokens == own.moved_tokens + 900_000 and own.reserved_tokens >= 900_000 and own.micro_dollars == 70
    holds.let_go(run="run_a")
    assert month() == (900_000, 0)


def test_a_budget_of_dollars_does_not_stop_what_costs_none(acme: Cast) -> None:
    allow(acme.alice, micro_dollars=0)
    hold(amount=Amount(10, 0))
    with pytest.raises(holds.Spent):
        hold(run="run_b", amount=Amount(10, 1))


def test_the_month_rolls_over_with_a_run_under_way(acme: Cast) -> None:
    allow(acme.alice, tokens=20_000)
    hold()
    settle(spent=Amount(700, 0))
    hold()
    december = NOON + timedelta(days=12)
    hold(at=december)
    assert month() == (700, 0)
    used, held = month(period="2026-12")
    assert used == 0 and held >= 2_000
    settle(at=december), settle(at=december)
    holds.let_go(run="run_a")
    assert month() == (700, 0) and month(period="2026-12") == (2_000, 0)


def test_an_exception_holds_for_its_month_only_and_needs_a_reason(acme: Cast) -> None:
    allow(acme.alice, tokens=1_000)
    with pytest.raises(holds.Spent):
        hold(amount=Amount(5_000, 0))
    with clock.stopped(NOON), pytest.raises(limits.Unfit, match="Say why"):
        limits.make_exception(by=acme.alice, kind="workspace", subject="", tokens=9_000, micro_dollars=0, reason=" ")
    with clock.stopped(NOON):
        limits.make_exception(by=acme.alice, kind="workspace", subject="", tokens=9_000, micro_dollars=0, reason="fair")
    hold(amount=Amount(5_000, 0))
    with pytest.raises(holds.Spent):
        hold(run="run_b", amount=Amount(5_000, 0), at=NOON + timedelta(days=20))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "planet"}, "Choose"), ({"tokens": -1}, "at least 0"), ({"tokens": 10**18}, "at most"),
        ({"reason": ""}, "Say why"), ({"kind": "workspace", "subject": "7"}, "Choose"),
        ({"kind": "person", "subject": "nobody"}, "member"), ({"kind": "run", "subject": "run_none"}, "run"),
    ],
)  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused_and_nothing_is_kept(acme: Cast, given: dict, said: str) -> None:
    with pytest.raises(limits.Unfit, match=said):
        limits.set_limit(**{
            "by": acme.alice, "kind": "workspace", "subject": "", "tokens": 5, "micro_dollars": None, "reason": "x",
        } | given)  # fmt: skip
    assert limits.listing() == []


def test_admins_are_told_once_a_mark(acme: Cast) -> None:
    allow(acme.alice, tokens=10_000)
    before = Notice.objects.filter(workspace=acme.acme, kind="budget").count()
    told = []
    for run, amount in (("run_a", 6_000), ("run_a", 10), ("run_b", 1), ("run_b", 5)):
        hold(run=run, amount=Amount(amount, 0))
        told.append(Notice.objects.filter(workspace=acme.acme, kind="budget").count() - before)
    assert told == [1, 1, 2, 2]
    assert Notice.objects.filter(workspace=acme.acme, kind="budget", person=acme.bob).count() == 0


def test_nothing_is_read_more_than_once_for_a_call_within_what_its_run_set_aside(
    acme: Cast, django_assert_num_queries: Any
) -> None:  # fmt: skip
    allow(acme.alice, tokens=10_000_000)
    hold()
    with django_assert_num_queries(1):
        hold()
    with django_assert_num_queries(1):
        settle()


def test_a_thousand_reservations_of_four_processes_that_are_killed_overspend_nothing_and_leave_nothing_held(
    committed: Cast, full: bool, proof: Callable
) -> None:  # fmt: skip
    tries = 1_000 if full else 240
    limit = tries * 1_000 // 2
    runs = [ids.new("run") for _ in range(8)]
    with tenancy.in_workspace(committed.acme):
        allow(committed.alice, tokens=limit, micro_dollars=limit)
        for run in runs:
            Grant.objects.create(run=run, person=committed.alice, scopes=[], mode="live", credits=0, agent_version="1")
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.policy.spender", committed.acme, str(committed.alice), str(tries // 4),
             str(worker % 2), *runs],
            stdout=subprocess.PIPE,
        )
        for worker in range(4)
    ]  # fmt: skip
    most = 0
    while any(worker.poll() is None for worker in workers):
        with tenancy.in_workspace(committed.acme):
            row = BudgetUse.objects.filter(kind="workspace").annotate(all=F("tokens") + F("held_tokens")).first()
            most = max(most, row.all if row else 0)
        time.sleep(0.01)
    assert sorted(worker.wait() for worker in workers) == [-signal.SIGKILL, -signal.SIGKILL, 0, 0]
    said = [worker.communicate()[0] for worker in workers]
    assert sum(b"held" in line for line in said) == 2
    with tenancy.in_workspace(committed.acme, gate=True):
        assert Call.objects.filter(state="intent").count() > 0
        lost = sweep.lose_abandoned(older=timedelta(0))
        sweep.free_idle(committed.acme)
        paid = Call.objects.filter(state="done").aggregate(tokens=Sum("input_tokens") + Sum("output_tokens"))["tokens"]
        row = BudgetUse.objects.get(kind="workspace")
        assert Call.objects.filter(state="intent").count() == 0 and lost > 0
        assert most <= limit and row.tokens == paid <= limit
        assert (row.held_tokens, row.held_micro_dollars) == (0, 0)
        assert not RunReserve.objects.exclude(held_tokens=0, held_micro_dollars=0).exists()
    proof("reservations of 4 processes, 2 killed: overspent, leaked", tries, f"0, 0; {lost} of dead ones lost")


def test_standing_without_any_limit_lets_everything_go(acme: Cast) -> None:
    now = standing.read(run="run_a", person=1, at=NOON)
    assert (now.level(Amount(1, 1)), now.left()) == ("allow", 100)


def test_a_run_that_waits_keeps_what_finishes_it_and_no_more(acme: Cast) -> None:
    with clock.stopped(NOON):
        hold()
        settle()
        assert month()[1] > 40_000
        assert holds.let_go(run="run_a", keep=True) and month() == (1_000, 0)
        allow(acme.alice, tokens=100_000)
        hold()
        settle()
        assert holds.let_go(run="run_a", keep=True) and month() == (2_000, 10_000)
        assert not holds.let_go(run="run_a", keep=True)
        allow(acme.alice, tokens=12_000)
        assert hold().slow


def test_the_scheduler_has_the_gate_sweep_and_nobody_else_does(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme, gate=True):
        GrantUse.objects.create(run="run_gone")
        with transaction.atomic():
            hold(run="run_gone", at=clock.now())
            settle(run="run_gone", at=clock.now())
    with pytest.raises(signing.BadToken):
        sweep.sweep("guessed", {})
    assert sweep.ask()["freed"] >= 1
    with tenancy.in_workspace(committed.acme):
        row = BudgetUse.objects.get(kind="workspace")
        assert (row.tokens, row.held_tokens) == (1_000, 0)

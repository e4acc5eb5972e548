"""Credits are never overspent, each movement happens once, and the books add up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import mock

import pytest
from django.db import Error, transaction

from apps.accounts import tenancy
from apps.billing import queries
from apps.billing.actions import credits
from apps.billing.models import CreditEntry
from apps.lib import clock, ids
from apps.lib.errors import Forbidden
from apps.runtime import outbox
from tests.conftest import Cast


def test_two_hundred_simultaneous_holds_with_credit_for_fifty_admit_fifty(
    committed: Cast, full: bool, proof: Callable
) -> None:  # fmt: skip
    tries = 200 if full else 60
    there = 1000
    each = there // (tries // 4)
    admitted: list[str] = []

    def ask() -> None:
        try:
            with tenancy.in_workspace(committed.acme):
                run = ids.new("run")
                credits.hold(by=committed.alice, workspace=committed.acme, run=run, credits=each)
                admitted.append(run)
        except credits.NotEnoughCredits:
            pass
        finally:
            tenancy.close()

    threads = [threading.Thread(target=ask) for _ in range(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenancy.in_workspace(committed.acme):
        row = queries.balance(committed.acme)
    assert len(admitted) == there // each
    assert row.available == there - len(admitted) * each and row.held == len(admitted) * each
    proof("simultaneous holds with credit for a quarter of them: 0 overspent", tries, f"{len(admitted)} admitted")


def test_ten_thousand_simultaneous_admissions_in_rounds_overspend_nothing(
    committed: Cast, full: bool, proof: Callable[[str, int, str], None]
) -> None:  # fmt: skip
    """Rounds of 200 holds at once with credit for 50, as many connections as there are threads in a web process."""
    rounds, at_once, covered, each = (50 if full else 1), 200, 50, 3
    admitted, taken = 0, 0
    with tenancy.in_workspace(committed.acme):
        there = queries.balance(committed.acme).available
        credits.take_back(by=1, approved_by=2, workspace=committed.acme, credits=there, key="empty", note="")
    for number in range(rounds):
        with tenancy.in_workspace(committed.acme):
            for source, size in (("plan", 100), ("topup", covered * each - 100)):
                credits.grant(by=None, workspace=committed.acme, credits=size, key=f"{source}{number}", source=source)

        def ask(_number: int) -> bool:
            try:
                with tenancy.in_workspace(committed.acme):
                    credits.hold(by=committed.alice, workspace=committed.acme, run=ids.new("run"), credits=each)
                return True
            except credits.NotEnoughCredits:
                return False
            finally:
                tenancy.close()

        with ThreadPoolExecutor(32) as threads:
            held = sum(threads.map(ask, range(at_once)))
        with tenancy.in_workspace(committed.acme):
            row = queries.balance(committed.acme)
        taken += covered * each
        admitted += held
        assert held == covered and (row.available, row.held) == (0, taken)
    proof("admissions at once, 200 a round with credit for 50: 0 overspent", rounds * at_once, f"{admitted} admitted")


def test_settling_charges_what_was_used_and_releases_the_rest_once(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        before = queries.balance(cast.acme).available
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_a", credits=20)
        assert credits.settle(workspace=cast.acme, run="run_a", used=12) == 12
        assert credits.settle(workspace=cast.acme, run="run_a", used=12) == 0
        after = queries.balance(cast.acme)
        assert (after.available, after.held) == (before - 12, 0)
        kinds = [(line.kind, line.credits) for line in queries.ledger(cast.acme, run="run_a")]
        assert kinds == [("hold", 20), ("charge", 12), ("release", 8)]


def test_a_run_never_pays_more_than_it_holds_and_a_second_round_pays_the_difference(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_b", credits=5)
        assert credits.settle(workspace=cast.acme, run="run_b", used=99) == 5
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_c", credits=10)
        assert credits.settle(workspace=cast.acme, run="run_c", used=4) == 4
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_c", credits=6, round=2)
        assert credits.settle(workspace=cast.acme, run="run_c", used=7) == 3
        assert queries.balance(cast.acme).held == 0


def test_the_scheduler_expires_what_is_over_and_leaves_what_runs_hold(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        before = queries.balance(cast.acme).available
        ends = clock.now() + timedelta(seconds=1)
        credits.grant(by=None, workspace=cast.acme, credits=30, key="short", source="plan", expires_at=ends)
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_e", credits=10)
    with mock.patch.object(clock, "now", return_value=ends):
        outbox.do_chores()
        with tenancy.in_workspace(cast.acme):
            row = queries.balance(cast.acme)
            assert (row.available, row.held) == (before, 10)
            assert credits.settle(workspace=cast.acme, run="run_e", used=4) == 4
            row = queries.balance(cast.acme)
            assert (row.available, row.held) == (before, 0)
            assert [line.kind for line in queries.ledger(cast.acme)][-4:] == ["expire", "charge", "release", "expire"]


def test_one_person_alone_takes_no_credits_back(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme), pytest.raises(Forbidden):
        credits.take_back(by=1, approved_by=1, workspace=cast.acme, credits=1, key="alone", note="")


def test_a_grant_with_the_same_key_counts_once(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        before = queries.balance(cast.acme).available
        assert credits.grant(by=None, workspace=cast.acme, credits=7, key="gift")
        assert not credits.grant(by=None, workspace=cast.acme, credits=7, key="gift")
        assert queries.balance(cast.acme).available == before + 7
        with pytest.raises(ValueError):
            credits.grant(by=None, workspace=cast.acme, credits=-1, key="theft")


def test_the_credit_ledger_is_append_only(cast: Cast) -> None:
    for change in (
        lambda: CreditEntry.objects.filter(workspace=cast.acme).update(credits=0),
        lambda: CreditEntry.objects.filter(workspace=cast.acme).delete(),
    ):
        for who, sentence in (("member", "permission denied"), ("owner", "append-only")):
            with tenancy.acting(cast.acme, who), pytest.raises(Error, match=sentence), transaction.atomic():
                change()


def test_the_balance_is_what_the_ledger_adds_up_to(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_d", credits=30)
        credits.settle(workspace=cast.acme, run="run_d", used=11)
        credits.hold(by=cast.alice, workspace=cast.acme, run="run_e", credits=9)
        total = dict.fromkeys(("grant", "hold", "charge", "release", "refund"), 0)
        for line in queries.ledger(cast.acme):
            total[line.kind] += line.credits
        row = queries.balance(cast.acme)
        held = total["hold"] - total["charge"] - total["release"]
        assert (row.held, row.available) == (held, total["grant"] + total["refund"] - total["charge"] - held)

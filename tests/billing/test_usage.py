"""Every call of the ledger becomes billable units, and every way to add them up comes to the same sum."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import tenancy
from apps.billing import usage
from apps.billing.units import UNITS, Units, units
from apps.lib import ids
from apps.policy.models import Call
from apps.policy.registry import catalogue
from tests.conftest import Cast

FIELDS = {"tokens_in", "tokens_out", "calls"}
FEW = st.integers(0, 10**9)


def call(at: datetime, **given_: object) -> str:
    """Write an answered call as the gate does; return its id."""
    row = {
        "id": ids.new("call"), "key": ids.new("key"), "state": "done", "run": "run_a", "task": "t", "epoch": 1,
        "name": "n", "number": 1, "tool": "web_search", "tool_version": "1", "mode": "mock", "person": 1,
        "agent": "analyst", "agent_version": "1.0", "arguments_sha": "", "gate": 1, "started_at": at,
    }  # fmt: skip
    return Call.objects.create(**row | given_).pk


def test_every_tool_of_the_catalogue_has_its_units_and_no_other_has() -> None:
    assert set(UNITS) == set(catalogue.tools())
    assert all(set(kinds) <= FIELDS and kinds for kinds in UNITS.values())


def test_what_a_model_reads_and_writes_is_billed_by_tokens_and_everything_else_by_the_call() -> None:
    given_ = {"calls": 3, "tokens_in": 70, "tokens_out": 9}
    assert units("model_complete", **given_) == Units(70, 9, 0)
    assert units("model_embed", **given_) == Units(70, 0, 0)
    by_call = set(UNITS) - {"model_complete", "model_embed"} | {"tickets.find"}
    assert {tool: units(tool, **given_) for tool in by_call} == dict.fromkeys(by_call, Units(0, 0, 3))


@given(st.sampled_from([*UNITS, "tickets.find"]), st.tuples(FEW, FEW, FEW), st.tuples(FEW, FEW, FEW))
def test_units_of_a_sum_are_the_sum_of_units(tool: str, one: tuple[int, ...], other: tuple[int, ...]) -> None:
    def count(figures: tuple[int, ...]) -> Units:
        return units(tool, calls=figures[0], tokens_in=figures[1], tokens_out=figures[2])

    both = tuple(a + b for a, b in zip(one, other, strict=True))
    assert count(both) == count(one) + count(other)


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [(date(2026, 12, 31), (2026, 12, 1), (2027, 1, 1)), (date(2028, 2, 29), (2028, 2, 1), (2028, 3, 1))],
)
def test_a_month_ends_where_the_next_begins(day: date, since: tuple[int, ...], until: tuple[int, ...]) -> None:
    assert usage.month(day) == usage.Period(datetime(*since, tzinfo=UTC), datetime(*until, tzinfo=UTC))


def test_last_month_of_january_is_december_and_thirty_days_end_today() -> None:
    assert usage.last_month(date(2027, 1, 31)) == usage.month(date(2026, 12, 5))
    days = usage.last_days(date(2026, 3, 1)).days
    assert (len(days), days[0], days[-1]) == (30, date(2026, 1, 31), date(2026, 3, 1))


def test_only_answered_calls_of_the_period_count_and_every_way_comes_to_the_same(cast: Cast) -> None:
    period = usage.month(date(2026, 10, 9))
    edge = timedelta(microseconds=1)
    with tenancy.in_workspace(cast.acme, gate=True):
        call(period.since, credits=1, micro_dollars=2_000)
        call(period.until - edge, run="run_b", person=2, agent_version="2.0", credits=1)
        call(
            period.since, tool="model_complete", model="m", run="run_b", person=2, input_tokens=1_000,
            output_tokens=50, micro_dollars=1_250, credits=3,
        )  # fmt: skip
        call(period.since - edge, credits=100)
        call(period.until, credits=100)
        for state in ("intent", "waiting", "denied", "lost"):
            call(period.since, state=state, credits=100, micro_dollars=100)
    with tenancy.in_workspace(cast.acme):
        found = {by: usage.groups(by, period, seen=("run_a",)) for by in usage.DIMENSIONS}
        days = dict(usage.daily(period))
    expected = usage.Use(3, Units(1_000, 50, 2), 5, 3_250)
    assert {by: usage.total(rows) for by, rows in found.items()} == dict.fromkeys(usage.DIMENSIONS, expected)
    assert (days[date(2026, 10, 1)], days[date(2026, 10, 31)], sum(days.values()), len(days)) == (4, 1, 5, 31)
    assert {row.of: row.use.credits for row in found["person"]} == {"1": 1, "2": 4}
    assert {row.of: row.use.credits for row in found["model"]} == {"m": 3, "": 2}
    assert {row.of: row.use.credits for row in found["agent_version"]} == {"1.0": 4, "2.0": 1}


def test_runs_that_the_reader_may_not_see_are_one_group_without_a_name_and_stand_last(cast: Cast) -> None:
    period = usage.month(date(2026, 10, 9))
    with tenancy.in_workspace(cast.acme, gate=True):
        for run, size in (("run_a", 1), ("run_b", 40), ("run_c", 2), ("run_d", 5)):
            call(period.since, run=run, credits=size)
    with tenancy.in_workspace(cast.acme):
        rows = usage.groups("run", period, seen=("run_a", "run_c"))
    assert [(row.of, row.use.calls, row.use.credits) for row in rows] == [
        ("run_c", 1, 2), ("run_a", 1, 1), (None, 2, 45),
    ]  # fmt: skip


def test_a_dimension_that_is_none_is_refused(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme), pytest.raises(ValueError, match="arguments_sha"):
        usage.groups("arguments_sha", usage.month(date(2026, 10, 9)))

"""Capabilities: a call uses one up at once and wholly, and the last one is taken by one asker only."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts import tenancy
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid
from apps.policy.registry import capabilities
from tests.conftest import Cast


def grant(cast: Cast, **given: Any) -> str:
    values = {
        "by": cast.alice, "tool": "web_search", "calls": 2, "until": clock.now() + timedelta(days=1),
        "micro_dollars": 5_000, "reason": "a trial",
    }  # fmt: skip
    return capabilities.grant(**values | given)


def consume(**given: Any) -> str | None:
    values = {"tool": "web_search", "agent": "planner_retriever", "run": "run_a", "micro_dollars": 2_000}
    return capabilities.consume(**values | given)


def test_it_covers_so_many_calls_and_no_more(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        id = grant(cast)
        assert [consume(), consume(), consume()] == [id, id, None]
        assert [row.state for row in capabilities.listing()] == ["used"]


def test_it_covers_so_much_money_and_no_more(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        id = grant(cast, calls=100)
        assert [consume(), consume(), consume(), consume(micro_dollars=1_000)] == [id, id, None, id]
        capabilities.give_back(id=id, micro_dollars=2_000)
        assert consume() == id


def test_it_is_for_its_tool_agent_run_and_time_only(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        id = grant(cast, agent="planner_retriever", run="run_a")
        assert consume(tool="web_fetch") is consume(agent="analyst") is consume(run="run_b") is None
        with clock.stopped(clock.now() + timedelta(days=2)):
            assert consume() is None
            assert capabilities.listing()[0].state == "over"
        assert consume() == id
        capabilities.revoke(by=cast.alice, id=id, reason="enough")
        assert consume() is None
        with pytest.raises(Conflict):
            capabilities.revoke(by=cast.alice, id=id, reason="enough")
    with tenancy.in_workspace(cast.globex):
        assert consume() is None


def test_the_one_that_ends_first_is_used_first(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        late = grant(cast, until=clock.now() + timedelta(days=9))
        soon = grant(cast, calls=1)
        assert [consume(), consume()] == [soon, late]


@pytest.mark.parametrize(
    "given",
    [{"calls": 0}, {"calls": 10_001}, {"until": clock.now() - timedelta(seconds=1)}, {"tool": ""}, {"reason": ""},
     {"until": clock.now() + timedelta(days=91)}, {"micro_dollars": -1}, {"agent": "nobody"}],
)  # fmt: skip
def test_one_that_makes_no_sense_is_refused_and_nothing_is_kept(cast: Cast, given: dict[str, Any]) -> None:
    with tenancy.in_workspace(cast.acme):
        with pytest.raises(Invalid):
            grant(cast, **given)
        assert capabilities.listing() == []


def test_forty_askers_of_ten_calls_get_ten(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        grant(committed, calls=10, micro_dollars=10**6)
    got: list[str | None] = []

    def ask() -> None:
        try:
            with tenancy.in_workspace(committed.acme, gate=True):
                got.append(consume())
        finally:
            tenancy.close()

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == 40 and sum(one is not None for one in got) == 10
    with tenancy.in_workspace(committed.acme):
        assert capabilities.listing()[0].calls_left == 0

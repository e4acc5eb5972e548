"""A finished run, done again from its record: the same report, byte by byte, PDF included, and nothing asked anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.accounts import tenancy
from apps.policy import queries as policy
from apps.policy.gate import client
from apps.policy.models import Call
from apps.research.actions import replaying
from apps.research.models import Claim
from apps.runtime import replay as engine
from tests.web.conftest import *  # noqa: F403  # the workspace with runs
from tests.web.conftest import House


@pytest.fixture
def silence_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what switches the gate off."""

    def refuse() -> client.Gate:
        raise AssertionError("a replay asks nobody")

    return lambda: monkeypatch.setattr(client, "gate", refuse)


def test_runs_replay_to_the_same_bytes(
    house: House, full: bool, silence_after: Callable[[], None], proof: Callable[[str, int, str], None]
) -> None:
    runs = [house.start() for _run in range(100 if full else 2)]
    silence_after()
    calls = 0
    with tenancy.in_workspace(house.cast.acme):
        ledger = Call.objects.count()
        for run in runs:
            done = replaying.again(run=run)
            assert done.differs == () and set(done.same) == {"report.pdf", "report.md", "report.html", "report.json"}
            assert done.calls == len([row for row in policy.calls(run) if row.state == "done"])
            calls += done.calls
        assert Call.objects.count() == ledger
    proof("recorded runs replayed: the same report, byte by byte", len(runs), f"{calls} calls, all from the ledger")


def test_a_record_that_was_changed_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = policy.recorded
    with tenancy.in_workspace(house.cast.acme):
        run = house.published
        claims = Claim.objects.filter(report_id=run).count()
        row = next(row for row in recorded(run) if row.name == "synthesize")
        other = json.loads(json.dumps(row.result).replace("12.5 million", "12.6 million"))
        assert other != row.result

        def forged(of: str) -> list[policy.Recorded]:
            return [replace(each, result=other) if each.id == row.id else each for each in recorded(of)]

        monkeypatch.setattr(engine.policy, "recorded", forged)
        assert "synthesize: its output" in replaying.again(run=run).differs
        monkeypatch.setattr(engine.policy, "recorded", lambda of: [r for r in recorded(of) if r.id != row.id])
        assert any("was not made then" in each for each in replaying.again(run=run).differs)
        monkeypatch.setattr(engine.policy, "recorded", recorded)
        assert replaying.again(run=run).differs == ()
        assert Claim.objects.filter(report_id=run).count() == claims

"""A worker is killed before and after every write point: the run ends right, nothing is paid or charged twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.billing.actions import credits
from apps.lib import ids
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.library.models import Document
from apps.policy import queries as policy
from apps.research.actions import runs
from apps.research.queries import documents
from apps.runtime import queries as runtime
from tests.conftest import Cast
from tests.engine import rig as rigs
from tests.engine.rig import Rig

DOCUMENTS = {
    "dam.md": b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres.\n",
    "news.md": b"# Courier, 2019\n\nThe Harrow dam holds 13.1 million cubic metres of water, the board said.\n",
}
SAMPLE = 6


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: object) -> Iterator[Rig]:
    with django_db_blocker.unblock(), rigs.built(tmp_path_factory.mktemp("rig")) as built:
        yield built


@pytest.fixture
def live(settings: object, rig: Rig) -> None:
    settings.GATE_URL = rig.gate.url
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    settings.LEASE_SECONDS = float(rigs.LEASE)


def start(cast: Cast, **more: object) -> str:
    """Start a live run over two documents."""
    with tenancy.in_workspace(cast.acme):
        credits.grant(by=None, workspace=cast.acme, credits=50, key=ids.new("grant"))
        added, _ = library.add(by=cast.alice, uploads=[Upload(n, b) for n, b in DOCUMENTS.items()])
        request = runs.Request(
            question="How much water does the Harrow dam hold?", documents=tuple(a.version for a in added),
            depth="quick", mode="live", **({"approval_points": ()} | more),
        )  # fmt: skip
        return runs.start(by=cast.alice, request=request)


def check(rig: Rig, cast: Cast, run: str) -> None:
    """A completed run: paid once, charged once, every sentence there once."""
    assert rig.model.twice() == {}
    with tenancy.in_workspace(cast.acme):
        lines = billing.ledger(cast.acme, run=run)
        total = {
            kind: sum(line.credits for line in lines if line.kind == kind) for kind in ("hold", "charge", "release")
        }
        assert total["charge"] == policy.used(run).credits and total["hold"] == total["charge"] + total["release"], (
            lines
        )
        balance, report = billing.balance(cast.acme), documents.load(run)
        assert balance.held == 0
        assert report.state == "published" and report.credits == policy.used(run).credits > 0
        texts = [s.text for s in report.sections[0].sentences]
        assert texts and len(texts) == len(set(texts))
        numbers = [event.seq for event in runtime.events(run)]
        assert numbers == sorted(set(numbers))
        keys = Counter(task.key for task in runtime.tasks(run))
        assert max(keys.values()) == 1
        written = Counter(call.tool for call in policy.calls(run) if call.state == "done")
        assert written["document_write"] == Document.objects.live().filter(run=run).count() == 1


def kill_at(rig: Rig, cast: Cast, point: int) -> tuple[str, bool]:
    """Run with a worker that dies at a point, then with a healthy one; return the state and whether it died."""
    run = start(cast)
    rig.worker(point)
    with rigs.sweeping():
        state = rigs.wait(cast.acme, run, seconds=1.2, until=rigs.rules.ENDED) if point else ""
        rig.worker(0)
        state = rigs.wait(cast.acme, run)
    died = any(answer.startswith("was dead") for answer in rig.stop_workers())
    if state == "completed":
        check(rig, cast, run)
    return state, died


def count_points(rig: Rig, cast: Cast) -> int:
    """Run once undisturbed and return how many write points there are."""
    run = start(cast)
    noted = rig.worker(0)
    with rigs.sweeping():
        assert rigs.wait(cast.acme, run) == "completed"
    rig.stop_workers()
    check(rig, cast, run)
    return rigs.passed(noted)


def test_a_run_survives_a_worker_killed_at_any_write_point(
    rig: Rig, live: None, committed: Cast, full: bool, proof: Callable
) -> None:
    points = count_points(rig, committed)
    assert points > 60
    every = range(1, points + 1)
    chosen = list(every) if full else random.Random(7).sample(every, SAMPLE)
    deaths = 0
    for point in chosen:
        state, died = kill_at(rig, committed, point)
        assert state == "completed", f"killed at {point} of {points}: {state}"
        deaths += died
    # With two threads a run does not pass the very same number of points each time.
    assert deaths >= len(chosen) * 0.6
    proof("worker killed at a write point: ends right, 0 paid twice, 0 charged twice", len(chosen), f"{deaths} died")

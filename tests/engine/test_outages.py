"""Redis emptied, Postgres restarted, the gate killed, the caller killed, a deploy in the middle: the run still ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from django.conf import settings as live_settings

from apps.accounts import tenancy
from apps.policy import queries as policy
from apps.policy.models import Call
from apps.research.actions import runs
from apps.runtime import queries as runtime
from tests import services
from tests.conftest import Cast
from tests.engine import rig as rigs
from tests.engine.rig import Rig
from tests.engine.test_kill import check, live, rig, start  # noqa: F401

pytestmark = pytest.mark.sample_of_file(3)


@pytest.fixture
def slow_model(rig: Rig) -> Iterator[None]:  # noqa: F811
    """A model that takes long enough for something to happen meanwhile."""
    rig.model.pause = 0.8
    yield
    rig.model.pause = 0.0


def wait_until(true: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for a condition; fail when it does not come."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


def test_redis_emptied_in_the_middle_loses_nothing(
    rig: Rig, live: None, committed: Cast, slow_model: None, proof: Callable  # noqa: F811
) -> None:  # fmt: skip
    run = start(committed)
    rig.worker()
    client = redis.Redis.from_url(live_settings.REDIS_URL)
    with rigs.sweeping():
        for _ in range(5):
            client.flushdb()
            time.sleep(0.4)
        assert rigs.wait(committed.acme, run) == "completed"
    rig.stop_workers()
    check(rig, committed, run)
    proof("Redis emptied five times in a run: it ends right", 5, "ok")


def test_postgres_restarted_in_the_middle_loses_nothing(
    rig: Rig, live: None, committed: Cast, slow_model: None, proof: Callable  # noqa: F811
) -> None:  # fmt: skip
    run = start(committed)
    rig.worker()
    before = rig.model.requests
    with rigs.sweeping():
        wait_until(lambda: rig.model.requests > before)
        services.restart_postgres()
        assert rigs.wait(committed.acme, run, seconds=90) == "completed"
    rig.stop_workers()
    check(rig, committed, run)
    proof("Postgres restarted while a model answers: the run ends, nothing paid twice", 1, "ok")


def test_the_gate_killed_in_a_call_repeats_at_most_that_call_and_says_so(
    rig: Rig, live: None, committed: Cast, slow_model: None, proof: Callable  # noqa: F811
) -> None:  # fmt: skip
    run = start(committed)
    rig.worker()
    paid_before, requests = dict(rig.model.paid), rig.model.requests
    with rigs.sweeping():
        wait_until(lambda: rig.model.requests > requests)
        time.sleep(0.2)
        rig.gate.kill()
        time.sleep(0.5)
        rig.gate.start()
        assert rigs.wait(committed.acme, run, seconds=90) == "completed"
    rig.stop_workers()
    paid = {key: count for key, count in rig.model.paid.items() if key not in paid_before}
    again = [key for key, count in paid.items() if count > 1]
    assert len(again) <= 1
    with tenancy.in_workspace(committed.acme):
        lost = list(Call.objects.filter(run=run, state="lost"))
        assert len(lost) == 1 and lost[0].credits == 0 and "paid once more" in lost[0].sentence
        assert policy.used(run).credits == sum(c.credits for c in policy.calls(run) if c.state == "done")
    rig.model.paid.clear()
    check(rig, committed, run)
    proof("the gate killed in a call: at most that call again, the ledger says so", 1, f"{len(again)} repeated")


def test_a_call_outlives_its_caller_and_its_result_is_found(
    rig: Rig, live: None, committed: Cast, slow_model: None, proof: Callable  # noqa: F811
) -> None:  # fmt: skip
    run = start(committed)
    rig.worker()
    requests = rig.model.requests
    wait_until(lambda: rig.model.requests > requests)
    rig.stop_workers()
    with tenancy.in_workspace(committed.acme):
        wait_until(lambda: Call.objects.filter(run=run, tool="model_complete", state="done").exists())
    assert rig.model.requests == requests + 1
    rig.worker()
    with rigs.sweeping():
        assert rigs.wait(committed.acme, run) == "completed"
    rig.stop_workers()
    check(rig, committed, run)
    proof("the caller killed in a call: the call ends and its result is found", 1, "ok")


def test_every_message_five_times_and_two_workers_change_nothing(
    rig: Rig, live: None, committed: Cast, proof: Callable, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    from apps.runtime import dispatch

    plain = next(iter(dispatch.enqueue.bound.values()))

    def five_times(**message: str) -> None:
        for _ in range(5):
            plain(**message)

    for key in list(dispatch.enqueue.bound):
        monkeypatch.setitem(dispatch.enqueue.bound, key, five_times)
    run = start(committed)
    rig.worker()
    rig.worker()
    with rigs.sweeping(every=0.02):
        assert rigs.wait(committed.acme, run) == "completed"
    rig.stop_workers()
    check(rig, committed, run)
    proof("each message five times, two workers, a restless sweeper", 1, "ok")


def test_a_run_that_waits_survives_a_deploy_and_ends_under_its_version(
    rig: Rig, live: None, committed: Cast, proof: Callable  # noqa: F811
) -> None:  # fmt: skip
    run = start(committed, approval_points=("publish",))
    rig.worker()
    with rigs.sweeping():
        assert rigs.wait(committed.acme, run, until=frozenset({"waiting_approval"})) == "waiting_approval"
        rig.stop_workers()
        with rigs.deployed(rig) as newer:
            newer.worker()
            with tenancy.in_workspace(committed.acme):
                runs.decide(by=committed.alice, run=run, verdict="accept")
            assert rigs.wait(committed.acme, run) == "completed"
            second = start(committed)
            assert rigs.wait(committed.acme, second) == "completed"
            newer.stop_workers()
    with tenancy.in_workspace(committed.acme):
        assert runtime.run(run).version == "2"
        assert "extra" not in {task.step for task in runtime.tasks(run)}
    check(rig, committed, run)
    proof("new worker code with one step more while a run waits: ends under its version", 1, "ok")


def test_a_paused_worker_that_wakes_up_writes_nothing(
    rig: Rig, live: None, committed: Cast, slow_model: None, proof: Callable  # noqa: F811
) -> None:  # fmt: skip
    import os
    import signal

    run = start(committed)
    rig.worker()
    requests = rig.model.requests
    wait_until(lambda: rig.model.requests > requests)
    sleeper = rig.alive[0]
    os.kill(sleeper, signal.SIGSTOP)
    rig.worker()
    with rigs.sweeping():
        assert rigs.wait(committed.acme, run) == "completed"
        with tenancy.in_workspace(committed.acme):
            before = [event.seq for event in runtime.events(run)]
        os.kill(sleeper, signal.SIGCONT)
        time.sleep(2)
    rig.stop_workers()
    with tenancy.in_workspace(committed.acme):
        assert [event.seq for event in runtime.events(run)] == before
    check(rig, committed, run)
    proof("a worker paused past its lease wakes up: it writes nothing", 1, "ok")


def test_two_questions_run_beside_each_other(rig: Rig, live: None, committed: Cast, slow_model: None) -> None:  # noqa: F811
    first, second = start(committed), start(committed)
    rig.worker()
    with rigs.sweeping():
        threads = [threading.Thread(target=rigs.wait, args=(committed.acme, run)) for run in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rig.stop_workers()
    with tenancy.in_workspace(committed.acme):
        one, two = runtime.run(first), runtime.run(second)
    assert one.state == two.state == "completed"
    assert two.started_at < one.ended_at, "the second waited for the first"
    check(rig, committed, first)
    check(rig, committed, second)

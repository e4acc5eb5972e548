"""The engine on scripted workflows, inline."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Unavailable
from apps.policy.gate import client
from apps.runtime import actions, dispatch, engine, lanes, queries, sweeper
from apps.runtime.context import StepContext
from apps.runtime.models import Event, Run, Task
from tests.conftest import Cast
from tests.engine import workflows


def test_a_run_fans_out_joins_and_completes(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        actions.drive()
        assert Run.objects.get(pk=run).state == "completed"
        outputs = {task.key: task.output["value"] for task in Task.objects.filter(run=run)}
        assert outputs == {"first": 1, "part.1": 0, "part.2": 1, "part.3": 2, "total": 3, "last": 4}
        numbers = list(Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
        assert len(numbers) == len(set(numbers)), numbers
        kinds = [e.kind for e in Event.objects.filter(run=run).order_by("seq")]
        assert kinds[0] == "run.queued" and kinds[-1] == "run.completed", kinds
    with tenancy.in_workspace(committed.globex):
        assert not Run.objects.filter(pk=run).exists()


def test_a_message_received_five_times_changes_nothing(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        actions.drive()
        before = Event.objects.filter(run=run).count()
        task = Task.objects.get(run=run, key="total")
        for _ in range(5):
            engine.advance(workspace=committed.acme, run=run, task=task.pk)
        assert Event.objects.filter(run=run).count() == before


def play(cast: Cast, *acts: str) -> str:
    """Start a run whose step `act` does these things, one an attempt, and drive it."""
    run = ids.new("run")
    workflows.Script.plans[run] = list(acts)
    actions.admit(by=cast.alice, run=run, name="scripted", input={})
    actions.drive()
    return run


def sweep_and_drive() -> None:
    """What the scheduler does, in this thread."""
    time.sleep(0.05)
    sweeper.sweep()
    actions.drive()


def test_a_failed_attempt_is_tried_again_after_its_backoff_and_an_optional_task_is_skipped(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = play(committed, "raise", "raise")
        assert queries.run(run).state == "running"
        for _ in range(4):
            sweep_and_drive()
        assert queries.run(run).state == "completed"
        states = {task.key: (task.state, task.attempt) for task in queries.tasks(run)}
        assert states["act"] == ("succeeded", 3)
        assert states["maybe"][0] == "skipped"


def test_a_task_that_fails_for_good_fails_the_run_and_resuming_starts_there(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = play(committed, "raise", "raise", "raise")
        for _ in range(4):
            sweep_and_drive()
        row = queries.run(run)
        assert row.state == "failed"
        assert "scripted trouble" in row.error["sentence"]
        actions.resume(by=committed.alice, run=run)
        for _ in range(3):
            sweep_and_drive()
        assert queries.run(run).state == "completed"
        starts = [e.task for e in queries.events(run) if e.kind == "task.started"]
        assert starts.count("before") == 1
        with pytest.raises(Conflict):
            actions.resume(by=committed.alice, run=run)


def test_an_output_that_breaks_its_contract_is_not_committed(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = play(committed, "wrong")
        task = next(t for t in queries.tasks(run) if t.key == "act")
        assert task.state == "retrying"
        assert task.error["code"] == "contract_broken"


def test_a_wait_costs_nothing_and_ends_when_it_is_woken_or_its_time_has_come(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = play(committed, "wait", "wait")
        assert queries.run(run).state == "waiting_approval"
        sweep_and_drive()
        assert queries.run(run).state == "waiting_approval"
        task = next(t.id for t in queries.tasks(run) if t.key == "act")
        assert agenda.wake(workspace=committed.acme, task=task, at=clock.now())
        sweep_and_drive()
        assert queries.run(run).state == "waiting_approval"
        with clock.stopped(clock.now() + timedelta(days=8)):
            sweep_and_drive()
            assert queries.run(run).state == "completed"


def test_a_stop_ends_the_run_by_decision_and_a_cancel_fences_everybody_out(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = play(committed, "stop")
        assert queries.run(run).state == "rejected"
        other = play(committed, "wait")
        claim = next(t for t in queries.tasks(other) if t.key == "act")
        actions.cancel(by=committed.alice, run=other)
        assert queries.run(other).state == "cancelled"
        assert not agenda.wake(workspace=committed.acme, task=claim.id, at=clock.now())
        with pytest.raises(Conflict):
            actions.cancel(by=committed.alice, run=other)


def test_with_the_queue_down_a_run_falls_back_only_where_that_is_allowed(
    committed: Cast, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"

    def down(**_message: object) -> None:
        raise ConnectionError

    for port, answer in ((dispatch.enqueue, down), (dispatch.alive, lambda: False)):
        monkeypatch.setattr(port, "bound", {"test": answer})
    with tenancy.in_workspace(committed.acme):
        settings.AGENT_STEP_QUEUE_STRICT = True
        with pytest.raises(dispatch.QueueDown):
            workflows.admit("fan", person=committed.alice)
        settings.AGENT_STEP_QUEUE_STRICT = False
        run = workflows.admit("fan", person=committed.alice)
        assert "run.fallback" in {event.kind for event in queries.events(run)}
    for turn in range(1, 7):
        with clock.stopped(clock.now() + timedelta(seconds=30 * turn)):
            sweeper.sweep()
    with tenancy.in_workspace(committed.acme):
        assert queries.run(run).state == "completed"


def test_an_unknown_mode_or_lane_map_is_refused_with_a_sentence(settings: object) -> None:
    settings.AGENT_STEP_EXECUTION_MODE = "durable"
    with pytest.raises(Unavailable, match="inline, dramatiq"):
        dispatch.mode()
    settings.AGENT_ROLE_QUEUE_MAP = "planner"
    with pytest.raises(ImproperlyConfigured, match="role:queue"):
        lanes.table()
    settings.AGENT_ROLE_QUEUE_MAP = "planner:a,analyst:b"
    assert (lanes.queue_of("planner"), lanes.queue_of("unknown")) == ("a", settings.AGENT_DEFAULT_QUEUE)


def test_a_step_that_takes_longer_than_it_may_makes_no_further_call(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(1000))
    began = clock.now()
    monkeypatch.setattr(StepContext, "_ask", lambda self, **call: client.Reply("done", "call_x", "ok", "", {}))
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=next(times) / 4))
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("endless", person=committed.alice)
        actions.drive()
        row = queries.run(run)
    assert row.state == "failed" and row.error["code"] == "timeout", row
    assert 0 < workflows.Script.asked < 12

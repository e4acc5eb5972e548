"""Whose tasks are begun first: plans give a level, and what has waited long gets the highest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import dramatiq
import pytest
from django.conf import settings as configured
from dramatiq.middleware import Retries

from apps.agenda.models import Due
from apps.billing.models import Entitlement
from apps.lib import clock, ids
from apps.runtime import actors, dispatch, engine, lanes, sweeper
from config.wiring import QuickBroker
from tests.conftest import Cast


class Floor:
    """A worker of one thread in which the first task stands still until it is told to go on."""

    def __init__(self, broker: QuickBroker) -> None:
        self.broker = broker
        self.begun: list[str] = []
        self.entered, self.go_on, self.all_done = threading.Event(), threading.Event(), threading.Event()
        self.expected = 0

    def advance(self, *, workspace: str, run: str, task: str, serves: tuple[str, ...]) -> None:
        self.begun.append(task)
        if len(self.begun) == 1:
            self.entered.set()
            assert self.go_on.wait(10)
        if len(self.begun) == self.expected:
            self.all_done.set()


@pytest.fixture
def floor(monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[Floor]:
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    monkeypatch.setattr(lanes, "_known", {})
    for port in (dispatch.enqueue, dispatch.alive):
        monkeypatch.setattr(port, "bound", {})
    broker = QuickBroker(url=configured.REDIS_URL, namespace=ids.new("test"), middleware=[Retries(max_retries=0)])
    made = Floor(broker)
    monkeypatch.setattr(engine, "advance", made.advance)
    actors.declare(broker)
    worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=100)
    worker.start()
    yield made
    made.go_on.set()
    worker.stop()
    broker.flush_all()
    broker.close()


def urgent(workspace: str, level: int) -> None:
    """Give a workspace a plan whose tasks have a level."""
    Entitlement.objects.update_or_create(
        workspace=workspace, defaults={"plan": "a test's", "limits": {"priority": level}}
    )


def full_queue(floor: Floor, cast: Cast, after: list[tuple[str, str]]) -> list[str]:
    """Fill a lane with twelve tasks of acme, then add others; return the order in which they begin."""
    names = [f"plain-{n}" for n in range(12)]
    floor.expected = 12 + len(after)
    dispatch.ring(workspace=cast.acme, run="r", ready=[(name, "agent_general") for name in names])
    assert floor.entered.wait(10)
    for workspace, name in after:
        assert dispatch.ring(workspace=workspace, run="r", ready=[(name, "agent_general")]) == []
    # The consumers fetch them meanwhile.
    threading.Event().wait(0.3)
    floor.go_on.set()
    assert floor.all_done.wait(10), floor.begun
    return floor.begun


def test_in_a_full_queue_the_task_of_the_higher_plan_is_begun_first(cast: Cast, floor: Floor) -> None:
    urgent(cast.acme, 0)
    urgent(cast.globex, 7)  # more than there are levels
    begun = full_queue(floor, cast, [(cast.globex, "first"), (cast.globex, "second")])
    assert begun[:2] == ["plain-0", "first"]
    # A worker fetches one message of a queue at a time, so a few of the others may come between; most stand behind.
    assert begun.index("second") <= 6
    assert [name for name in begun if name.startswith("plain")] == [f"plain-{n}" for n in range(12)]


def test_plans_of_one_level_and_unsold_workspaces_take_turns_as_they_came(cast: Cast, floor: Floor) -> None:
    Entitlement.objects.filter(workspace__in=[cast.acme, cast.globex]).delete()
    begun = full_queue(floor, cast, [(cast.globex, "later")])
    assert begun == [*(f"plain-{n}" for n in range(12)), "later"]


def test_what_has_been_due_for_a_minute_is_rung_at_the_highest_level(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:  # fmt: skip
    settings.AGENT_STEP_EXECUTION_MODE = "dramatiq"
    monkeypatch.setattr(lanes, "_known", {})
    urgent(cast.acme, 0)
    rung: dict[str, list[int]] = {"old": [], "new": []}
    monkeypatch.setattr(dispatch.enqueue, "bound", {"test": lambda **ids_: rung[ids_["task"]].append(ids_["level"])})
    now = clock.now()
    for task, seconds in (("old", 61), ("new", 5)):
        Due.objects.create(
            workspace=cast.acme, run="r", task=task, queue="agent_general", due_at=now - timedelta(seconds=seconds)
        )
    with clock.stopped(now):
        sweeper.sweep()
    assert rung == {"old": [lanes.LEVELS - 1], "new": [0]}


def test_a_worker_serves_every_level_of_its_lanes_and_no_other_lane(
    monkeypatch: pytest.MonkeyPatch, floor: Floor
) -> None:  # fmt: skip
    assert len(floor.broker.get_declared_queues()) == lanes.LEVELS * len(lanes.all_queues())
    monkeypatch.setenv("FOOTNOTE_LANES", "agent_planner")
    for port in (dispatch.enqueue, dispatch.alive):
        monkeypatch.setattr(port, "bound", {})
    broker = QuickBroker(url=configured.REDIS_URL, namespace=ids.new("test"), middleware=[Retries(max_retries=0)])
    actors.declare(broker)
    assert broker.get_declared_queues() == {"agent_planner", "agent_planner-p1", "agent_planner-p2"}
    # What another worker serves is put where that one finds it.
    dispatch.enqueue(workspace="w", run="r", task="t", queue="agent_analyst", level=1)
    assert broker.do_qsize("agent_analyst-p1") == 1
    dispatch.enqueue(workspace="w", run="r", task="t", queue="gone", level=2)
    assert broker.do_qsize("agent_general-p2") == 1
    for queue in ("agent_analyst-p1", "agent_general-p2"):
        broker.do_purge(queue)
    broker.close()

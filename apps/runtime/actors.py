"""Dramatiq actors: ids in, engine.advance out. One actor for each level of a lane."""

from __future__ import annotations

import itertools
import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from apps.runtime import dispatch, engine, lanes


def serves() -> tuple[str, ...]:
    """Return the lanes this worker takes from: FOOTNOTE_LANES, or all."""
    chosen = tuple(filter(None, os.environ.get("FOOTNOTE_LANES", "").split(",")))
    return chosen or lanes.all_queues()


def advance(*, workspace: str, run: str, task: str) -> None:
    """Drive one task as far as this worker's lanes go."""
    engine.advance(workspace=workspace, run=run, task=task, serves=serves())


def declare(broker: RedisBroker) -> None:
    """Make the actors of every lane that is served here and bind the doorbell to them.

    Retries are ours, in Postgres: none here. Each level is a queue with a consumer of its own, so that what is urgent
    never stands behind what is not; among what was fetched, the lowest number of `priority` goes first.
    """
    for lane, level in itertools.product(serves(), range(lanes.LEVELS)):
        queue = lanes.queue_at(lane, level)
        dramatiq.actor(
            actor_name=f"advance.{queue}", queue_name=queue, broker=broker, max_retries=0,
            priority=lanes.LEVELS - level,
        )(advance)  # fmt: skip

    def enqueue(*, workspace: str, run: str, task: str, queue: str, level: int) -> None:
        # A lane that is no longer in the map falls to the default one. One that is there may be another worker's.
        lane = lanes.queue_at(queue if queue in lanes.all_queues() else lanes.all_queues()[0], level)
        ids = {"workspace": workspace, "run": run, "task": task}
        broker.enqueue(dramatiq.Message(lane, f"advance.{lane}", (), ids, {}))

    def alive() -> bool:
        try:
            return bool(broker.client.ping())
        except Exception:
            return False

    dispatch.enqueue.bind(enqueue)
    dispatch.alive.bind(alive)

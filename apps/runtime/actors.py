"""Dramatiq actors: ids in, engine.advance out. One actor a lane."""

from __future__ import annotations

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
    """Make an actor for every lane and bind the doorbell to them. Retries are ours, in Postgres: none here."""
    actors = {
        queue: dramatiq.actor(actor_name=f"advance.{queue}", queue_name=queue, broker=broker, max_retries=0)(advance)
        for queue in lanes.all_queues()
    }  # fmt: skip

    def enqueue(*, workspace: str, run: str, task: str, queue: str) -> None:
        # A lane that is no longer in the map falls to the default one.
        actor = actors.get(queue) or next(iter(actors.values()))
        actor.send(workspace=workspace, run=run, task=task)

    def alive() -> bool:
        try:
            return bool(broker.client.ping())
        except Exception:
            return False

    dispatch.enqueue.bind(enqueue)
    dispatch.alive.bind(alive)

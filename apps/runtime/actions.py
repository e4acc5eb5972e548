"""A run from outside: admit, cancel, resume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import clock
from apps.lib.errors import Conflict
from apps.lib.text import clean_json
from apps.runtime import dispatch, engine, leases, statements, workflow
from apps.runtime.models import Event, Run, Task


def admit(*, by: int, run: str, name: str, input: Mapping[str, Any], version: str = "") -> None:
    """Insert a run and its first tasks, and ring for them once the caller's transaction has committed.

    run: the id the caller chose. input: JSON-able, the same for every step. version: empty for the newest.
    Raises UnknownWorkflow, QueueDown (strict mode with the queue down).
    """
    chosen = workflow.find(name, version) if version else workflow.newest(name)
    how = dispatch.check()
    events: list[dict[str, Any]] = [{"kind": "run.queued", "body": {"mode": how, "version": chosen.version}}]
    if how == "fallback":
        events.append({"kind": "run.fallback", "body": {"warning": "queue down, steps run inline in the scheduler"}})
    tasks = [
        engine.task_row(step, step.key, 0, chosen.missing(step), {}) for step in chosen.steps if step.adds_after is None
    ]
    ready = statements.admit(
        run=run, workflow=chosen.name, version=chosen.version, input=clean_json(dict(input)), person=by, tasks=tasks,
        events=events, now=clock.now(),
    )  # fmt: skip
    _ring_after_commit(run, ready)


def _ring_after_commit(run: str, ready: list[tuple[str, str]]) -> None:
    schema = tenancy.current()
    transaction.on_commit(lambda: dispatch.ring(workspace=schema, run=run, ready=ready))


def cancel(*, by: int, run: str) -> None:
    """Cancel a live run; its workers are fenced out at their next write. Raises Conflict when it has ended."""
    with transaction.atomic():
        if not statements.cancel(run=run, body={"by": by}, now=clock.now()):
            raise Conflict(_("This run has ended already."))
        row = Run.objects.get(pk=run)
        chosen = workflow.find(row.workflow, row.version)
        if chosen.ended:
            chosen.ended(workspace=tenancy.current(), run=run, state="cancelled")
    engine.moved(workspace=tenancy.current(), run=run)


def resume(*, by: int, run: str) -> None:
    """Go on with a failed or cancelled run from where it stopped; finished tasks cost nothing.

    Raises Conflict when the run is in another state.
    """
    with transaction.atomic():
        ready = statements.resume(run=run, body={"by": by}, now=clock.now())
        if not ready:
            raise Conflict(_("Only a run that failed or was cancelled can be resumed."))
        _ring_after_commit(run, ready)
    engine.moved(workspace=tenancy.current(), run=run)


def supply(*, by: int, run: str, key: str, done: workflow.Done) -> None:
    """Go on with a failed run, with a person's result for one of its tasks. Runs inside the caller's transaction.

    Raises: Conflict when the run is in another state or the task is not open, ContractBroken for another output.
    """
    with transaction.atomic():
        ready = statements.resume(run=run, body={"by": by, "supplied": key}, now=clock.now())
        row = Task.objects.filter(run=run, key=key, state="queued").first() if ready else None
        claim = row and statements.claim(
            run=run, task=row.pk, now=clock.now(), lease=leases.length(), mode=dispatch.mode()
        )  # fmt: skip
        if row is None or not claim:
            raise Conflict(_("This task does not wait for a result any more. Look at the run again."))
        engine.supply(claim, done)
        _ring_after_commit(run, [(task, queue) for task, queue in ready if task != row.pk])
    engine.moved(workspace=tenancy.current(), run=run)


def wake(*, run: str, task: str) -> None:
    """Ring for a task that a decision has just set free; the sweeper would come round for it anyway."""
    row = Task.objects.filter(pk=task, run=run).first()
    if row:
        dispatch.ring(workspace=tenancy.current(), run=run, ready=[(task, row.queue)])
        engine.moved(workspace=tenancy.current(), run=run)


def drive() -> None:
    """Run in this thread what was rung inline, until nothing is ready."""
    dispatch.drain(lambda schema, run, task: engine.advance(workspace=schema, run=run, task=task))


def erase(*, run: str) -> None:
    """Erase what a run that has ended was given and made; that it ran, and how its tasks ended, stays.

    Runs inside the caller's transaction.
    """
    Event.objects.filter(run=run).delete()
    Task.objects.filter(run=run).update(input={}, output=None, error=None)
    Run.objects.filter(pk=run).update(input={}, error=None)

"""Claim a task, run its step, verify its output, commit; and go on with what that set free.

A run survives any crash because each of these is one statement, a worker that was presumed dead is fenced out
by the epoch, and every call a step made before it died is found again in the gate's journal.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from apps.accounts import tenancy
from apps.lib import clock, ids, ports
from apps.lib.errors import ProductError, Unavailable
from apps.lib.text import clean_json
from apps.policy.gate import client
from apps.runtime import dispatch, lanes, leases, rules, statements
from apps.runtime.context import CallFailed, NeedsApproval, StepContext
from apps.runtime.statements import Claim
from apps.runtime.workflow import Addition, ContractBroken, Done, Result, Step, Stop, Waiting, Workflow, find

log = logging.getLogger(__name__)
# Who looks at a run is told that its timeline moved. A hint: nobody depends on it.
moved = ports.declare("runtime.moved", many=True)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed. `final`: another could not help. `again`: not the task's fault, no attempt is used."""

    code: str
    sentence: str
    final: bool = False
    again: bool = False
    trace: str = ""

    def body(self) -> dict[str, Any]:
        """Return it as JSON for the task's row."""
        return {"code": self.code, "sentence": self.sentence, "trace": self.trace[-2000:]}


def advance(*, workspace: str, run: str, task: str, serves: Sequence[str] | None = None) -> None:
    """Drive a task, and then what becomes ready on the lanes this worker serves, as far as it goes.

    serves: queues whose next task is taken at once instead of through the queue; None: all of them.
    Called twice, or for a task that is done, it does nothing.
    """
    serves = lanes.all_queues() if serves is None else serves
    with tenancy.in_workspace(workspace):
        claim = statements.claim(run=run, task=task, now=clock.now(), lease=leases.length(), mode=dispatch.mode())
        if claim:
            moved(workspace=workspace, run=run)
        while claim:
            claim = _perform(claim, serves)


def _perform(claim: Claim, serves: Sequence[str]) -> Claim | None:
    with leases.held(claim):
        workflow, step, outcome = None, None, None
        try:
            workflow = find(claim.workflow, claim.version)
            step = workflow.step(claim.step)
            outcome = _attempt(workflow, step, claim)
        except NeedsApproval as wait:
            outcome = Waiting(wait.until, {"point": "call", "approval": wait.approval})
        except (ProductError, ValidationError, LookupError) as error:
            outcome = _expected(error)
        except Exception as error:
            log.exception("step %s of %s failed", claim.key, claim.run)
            outcome = Failure("bug", f"{type(error).__name__}: {error}", trace=traceback.format_exc())
        following = _commit(workflow, step, claim, outcome, serves)
    moved(workspace=claim.workspace, run=claim.run)
    return following


def _attempt(workflow: Workflow, step: Step, claim: Claim) -> Result | Failure:
    if claim.claims > settings.MAX_CLAIMS_PER_TASK:
        return Failure("crashes", "The worker died again and again while it ran this task.", final=True)
    seconds = step.timeout_seconds or settings.AGENT_STEP_RESULT_TIMEOUT_SECONDS
    until = clock.now() + timedelta(seconds=seconds)
    context = StepContext(claim, claim.run_input, _inputs(workflow, step, claim), client.gate(), until)
    result = step.run(context)
    if isinstance(result, Done) and not isinstance(result.output, step.output):
        raise ContractBroken(f"Step {step.key} returned {type(result.output).__name__}, not {step.output.__name__}.")
    return result


def _inputs(workflow: Workflow, step: Step, claim: Claim) -> dict[str, list[Any]]:
    """Read what the step needs, checked against the contracts of those who made it."""
    inputs: dict[str, list[Any]] = {need: [] for need in step.needs}
    if not step.needs:
        return inputs
    found = claim.known
    if found is None:
        rows = statements.outputs(run=claim.run, steps=step.needs)
        found = tuple((key, output) for key, _task, output, _state in rows)
    for key, output in found:
        if output is not None:
            inputs[key].append(workflow.step(key).output.model_validate(output))
    return inputs


def _expected(error: Exception) -> Failure:
    if isinstance(error, CallFailed):
        return Failure(error.outcome, error.sentence, final=error.final)
    if isinstance(error, Unavailable):
        return Failure(error.code, error.sentence, again=True)
    if isinstance(error, ProductError):
        return Failure(error.code, error.sentence)
    return Failure("contract_broken", str(error)[:500])


def _commit(
    workflow: Workflow | None, step: Step | None, claim: Claim, outcome: Result | Failure, serves: Sequence[str]
) -> Claim | None:
    if isinstance(outcome, Failure) and workflow and step and step.optional and _gives_up(step, claim, outcome):
        skipped = _event("task.skipped", claim, outcome.body())
        return _complete(workflow, claim, None, (), None, [skipped], serves, state="skipped", error=outcome.body())
    if isinstance(outcome, Done) and workflow:
        events = [_event(kind, claim, body) for kind, body in outcome.events]
        events.append(_event("task.succeeded", claim, {}))
        output = clean_json(outcome.output.model_dump(mode="json"))
        return _complete(workflow, claim, output, outcome.add, outcome.save, events, serves)
    assert not isinstance(outcome, Done)  # a step was done, so its workflow was found
    _leave(workflow, step, claim, outcome)
    return None


def _gives_up(step: Step | None, claim: Claim, failure: Failure) -> bool:
    if failure.again and claim.claims <= settings.MAX_CLAIMS_PER_TASK:
        return False
    return failure.final or step is None or claim.attempt % step.max_attempts == 0


def _complete(
    workflow: Workflow, claim: Claim, output: Any, add: Sequence[Addition], save: Callable[[], None] | None,
    events: list[dict[str, Any]], serves: Sequence[str], *, state: str = "succeeded", error: Any = None,
) -> Claim | None:  # fmt: skip
    tasks = new_tasks(workflow, add, after=claim.step)
    counts: dict[str, int] = {}
    for task in tasks:
        counts[task["step"]] = counts.get(task["step"], 0) + 1
    deltas = rules.deltas(claim.step, counts, workflow.needs, workflow.expanders)
    ends = "completed" if claim.step == workflow.final else None
    if ends:
        events = [*events, {"kind": "run.completed", "body": {}}]

    def finish() -> statements.Completed:
        return statements.complete(
            claim, output=output, state=state, error=error, events=events, tasks=tasks, deltas=deltas,
            take=_next_key(workflow, tasks, deltas, serves), ends=ends, now=clock.now(), lease=leases.length(),
            mode=dispatch.mode(),
        )  # fmt: skip

    if save is None and (ends is None or workflow.ended is None):
        completed = finish()
    else:
        with transaction.atomic():
            completed = finish()
            if completed.done:
                if save:
                    save()
                _ended(workflow, claim, ends)
    # At once, unless the caller's own transaction is still open: then nobody could see the tasks yet.
    transaction.on_commit(lambda: dispatch.ring(workspace=claim.workspace, run=claim.run, ready=completed.queued))
    following = completed.next
    if following and workflow.step(following.step).needs == (claim.step,) and claim.step not in workflow.expanders:
        # All it needs is this one output. (Of a fan-out there are others, and they are read from their rows.)
        following = replace(following, known=((claim.step, output),))
    return following


def supply(claim: Claim, done: Done) -> None:
    """Finish a claimed task with what a person supplied instead of its step. Raises ContractBroken."""
    workflow = find(claim.workflow, claim.version)
    step = workflow.step(claim.step)
    if not isinstance(done.output, step.output):
        raise ContractBroken(f"Step {step.key} needs {step.output.__name__}.")
    _commit(workflow, step, claim, done, ())


def _next_key(
    workflow: Workflow, tasks: Sequence[Mapping[str, Any]], deltas: Mapping[str, int], serves: Sequence[str]
) -> list[str]:
    for task in tasks:
        if task["missing"] == 0 and task["queue"] in serves:
            return [task["key"]]
    for key in deltas:
        if lanes.queue_of(workflow.step(key).role) in serves:
            return [key, f"{key}.1"]
    return []


def new_tasks(workflow: Workflow, add: Sequence[Addition], *, after: str) -> list[dict[str, Any]]:
    """Turn additions into rows for a statement; keys are step.1, step.2, … in the order given."""
    present = _ancestors(workflow, after) | {after}
    rows: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for addition in add:
        step = workflow.step(addition.step)
        counts[step.key] = counts.get(step.key, 0) + 1
        missing = workflow.missing(step, present=present)
        rows.append(task_row(step, f"{step.key}.{counts[step.key]}", counts[step.key], missing, addition.input))
    return rows


def task_row(step: Step, key: str, position: int, missing: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return one task as the statements take it."""
    return {
        "id": ids.new("task"), "key": key, "step": step.key, "position": position, "role": step.role,
        "queue": lanes.queue_of(step.role), "needs": list(step.needs), "missing": missing,
        "input": clean_json(dict(given)),
    }  # fmt: skip


def _ancestors(workflow: Workflow, key: str) -> frozenset[str]:
    found: set[str] = set()
    queue = [key]
    while queue:
        step = workflow.step(queue.pop())
        for need in (*step.needs, *([step.adds_after] if step.adds_after else [])):
            if need not in found:
                found.add(need)
                queue.append(need)
    return frozenset(found)


def _leave(workflow: Workflow | None, step: Step | None, claim: Claim, outcome: Waiting | Stop | Failure) -> None:
    now = clock.now()
    run_state: str | None = "waiting_approval"
    state, due, attempts, ends = "waiting", None, 0, False
    if isinstance(outcome, Waiting):
        body, kind, due = dict(outcome.reason), "task.waiting", outcome.until
    elif isinstance(outcome, Stop):
        state, run_state, ends = "cancelled", outcome.state, True
        body, kind = dict(outcome.reason), f"run.{outcome.state}"
    else:
        body, kind = outcome.body(), "task.failed"
        if _gives_up(step, claim, outcome):
            state, run_state, ends = "failed", "failed", True
        else:
            state, run_state, kind, attempts = "retrying", None, "task.retrying", 0 if outcome.again else 1
            base = step.retry_backoff_seconds if step else 2.0
            wait = rules.backoff(base, claim.claims if outcome.again else claim.attempt)
            due = now + timedelta(seconds=wait)
            body["wait_seconds"] = wait
    shown = {key: value for key, value in body.items() if key != "trace"}
    with transaction.atomic():
        left = statements.leave(
            claim, state=state, run_state=run_state, ends=ends, due=due, events=[_event(kind, claim, shown)],
            error=body, attempts=attempts, now=now,
        )  # fmt: skip
        if left and ends:
            _ended(workflow, claim, run_state)


def _ended(workflow: Workflow | None, claim: Claim, state: str | None) -> None:
    if state and workflow and workflow.ended:
        workflow.ended(workspace=claim.workspace, run=claim.run, state=state)


def _event(kind: str, claim: Claim, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "task": claim.key, "body": clean_json(dict(body))}

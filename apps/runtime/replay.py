"""Do a finished run again from its record: every step runs, every call is answered by the ledger, nothing goes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from apps.accounts import tenancy
from apps.lib.errors import Conflict, ProductError
from apps.lib.text import clean_json
from apps.policy import queries as policy
from apps.policy.gate.client import Reply
from apps.policy.rules import digest
from apps.runtime import engine, rules
from apps.runtime.context import CallFailed, StepContext
from apps.runtime.models import Run, Task
from apps.runtime.statements import Claim
from apps.runtime.workflow import Done, find


class Diverged(ProductError):
    """A step asked for something else than it did the first time."""

    code = "diverged"


@dataclass(frozen=True, slots=True)
class Replayed:
    """tasks: how many were done again; calls: how many the ledger answered; differs: the keys of what came out
    otherwise than it did, each with what is different.
    """

    tasks: int
    calls: int
    differs: tuple[str, ...]


class _Ledger:
    """A gate that knows nothing but what was recorded."""

    def __init__(self, run: str) -> None:
        self.rows = {(row.task, row.name, row.number): row for row in policy.recorded(run)}
        self.task, self.asked = "", 0

    def exchange(self, *, workspace: str, task: str, epoch: int, role: str) -> str:
        """Return a token that is good for nothing else."""
        return "replay"

    def call(
        self, *, token: str, name: str, tool: str, arguments: Mapping[str, Any], version: str, number: int
    ) -> Reply:  # fmt: skip
        """Return what was answered. Raises Diverged for what was not asked then."""
        row = self.rows.get((self.task, name, number))
        if row is None:
            raise Diverged(f"The call {name} ({tool}) was not made then.")
        if (row.tool, row.arguments_sha) != (tool, digest(arguments)):
            raise Diverged(f"The call {name} was made with other arguments then.")
        self.asked += 1
        state = "failed" if row.state == "done" and row.outcome != "ok" else row.state
        return Reply(state, row.id, row.outcome, row.sentence, row.result)


def replay(*, run: str, save: Collection[str] = ()) -> Replayed:
    """Run every finished step of a run again and compare what it returns with what is recorded.

    save: steps whose rows are written anew, inside the caller's transaction. Raises Conflict for a run that goes on.
    """
    row = Run.objects.get(pk=run)
    if row.state not in rules.ENDED:
        raise Conflict("A run can be replayed once it has ended.")
    workflow, ledger = find(row.workflow, row.version), _Ledger(run)
    made: dict[str, list[tuple[int, Any]]] = {step.key: [] for step in workflow.steps}
    differs: list[str] = []
    tasks = list(Task.objects.filter(run=run, state="succeeded").order_by("ended_at", "id"))
    for task in tasks:
        step, ledger.task = workflow.step(task.step), task.pk
        inputs = {need: [output for _position, output in sorted(made[need], key=_place)] for need in step.needs}
        context = StepContext(_claim(row, task), row.input, inputs, ledger)
        try:
            result = step.run(context)
        except (ProductError, CallFailed) as error:
            differs.append(f"{task.key}: {error.sentence}")
            made[task.step].append((task.position, step.output.model_validate(task.output)))
            continue
        output = clean_json(result.output.model_dump(mode="json")) if isinstance(result, Done) else None
        if output != task.output:
            differs.append(f"{task.key}: its output")
        elif isinstance(result, Done):
            differs += _additions(workflow.name, row, task, result)
            if result.save and task.step in save:
                result.save()
        made[task.step].append((task.position, step.output.model_validate(task.output)))
    return Replayed(len(tasks), ledger.asked, tuple(differs))


def _additions(name: str, row: Run, task: Task, result: Done) -> list[str]:
    """Compare the tasks that a step adds with those that it added."""
    rows = engine.new_tasks(find(name, row.version), result.add, after=task.step)
    there = dict(Task.objects.filter(run=row.pk, key__in=[each["key"] for each in rows]).values_list("key", "input"))
    return [f"{task.key}: it adds {each['key']}" for each in rows if there.get(each["key"]) != each["input"]]


def _claim(row: Run, task: Task) -> Claim:
    return Claim(
        workspace=tenancy.current(), run=row.pk, workflow=row.workflow, version=row.version, run_input=row.input,
        person=row.person, task=task.pk, key=task.key, step=task.step, role=task.role, input=task.input, epoch=0,
        attempt=task.attempt, claims=1,
    )  # fmt: skip


def _place(pair: tuple[int, Any]) -> int:
    return pair[0]

"""A run, its task graph and its timeline, as pages need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.lib.errors import NotFound
from apps.runtime import rules
from apps.runtime.models import Event, Run, Task


@dataclass(frozen=True, slots=True)
class RunRow:
    id: str
    workflow: str
    version: str
    state: str
    person: int
    event_seq: int
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: str
    key: str
    step: str
    position: int
    role: str
    queue: str
    state: str
    needs: tuple[str, ...]
    attempt: int
    claims: int
    input: dict[str, Any]
    error: dict[str, Any] | None
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    seq: int
    kind: str
    task: str
    body: dict[str, Any]
    at: datetime


def run(id: str) -> RunRow:
    """Return one run. Raises NotFound."""
    row = Run.objects.filter(pk=id).first()
    if row is None:
        raise NotFound(_("There is no such run."))
    return _run(row)


def runs(ids: Sequence[str]) -> dict[str, RunRow]:
    """Return several runs by id."""
    return {row.pk: _run(row) for row in Run.objects.filter(pk__in=list(ids))}


def _run(row: Run) -> RunRow:
    return RunRow(**{name: getattr(row, name) for name in RunRow.__dataclass_fields__})


def tasks(run: str) -> list[TaskRow]:
    """List the tasks of a run in the order they were made."""
    names = list(TaskRow.__dataclass_fields__)
    rows = Task.objects.filter(run=run).order_by("started_at", "id").values_list(*names)
    return [TaskRow(**dict(zip(names, row, strict=True)) | {"needs": tuple(row[names.index("needs")])}) for row in rows]


def events(run: str, *, after: int = 0, limit: int = 5000) -> list[EventRow]:
    """List a run's events with a number above `after`."""
    rows = Event.objects.filter(run=run, seq__gt=after).order_by("seq")[:limit]
    return [EventRow(row.seq, row.kind, row.task, row.body, row.at) for row in rows]


def output(*, run: str, key: str) -> Any:
    """Return the output of a finished task, or None."""
    return Task.objects.filter(run=run, key=key, state="succeeded").values_list("output", flat=True).first()


def input_of(run: str) -> dict[str, Any]:
    """Return what a run was given at admission. Raises NotFound."""
    found = Run.objects.filter(pk=run).values_list("input", flat=True).first()
    if found is None:
        raise NotFound(_("There is no such run."))
    return dict(found)


def outputs_of(*, run: str, step: str) -> list[Any]:
    """Return the outputs of the finished tasks of a step, in order."""
    rows = Task.objects.filter(run=run, step=step, state="succeeded").order_by("position")
    return list(rows.values_list("output", flat=True))


def outputs_by_key(run: str) -> dict[str, Any]:
    """Return the output of every finished task of a run, by the task's key."""
    return dict(Task.objects.filter(run=run, state="succeeded").values_list("key", "output"))


def looks_of(run: str) -> tuple[str, ...]:
    """List the runs that collected the sources of a run again."""
    return tuple(Run.objects.filter(workflow="recheck", pk__startswith=f"{run}.look").values_list("pk", flat=True))


def live() -> tuple[str, ...]:
    """List the runs that have not ended, oldest first."""
    rows = Run.objects.exclude(state__in=rules.ENDED).order_by("created_at")
    return tuple(rows.values_list("pk", flat=True))


def ended_before(at: datetime) -> tuple[str, ...]:
    """List the runs that ended before a moment and were not erased, oldest first."""
    rows = Run.objects.filter(ended_at__lte=at).exclude(input={}).order_by("ended_at")
    return tuple(rows.values_list("pk", flat=True)[:1000])

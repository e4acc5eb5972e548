"""The only raw SQL that writes: admit, claim, complete, leave, cancel, resume; each with its agenda rows.

One statement each, prepared by the driver. In all of them the run's row is locked first, so that two tasks
of one run that end together queue up there and never wait for each other in a circle. Event numbers come from
the run's counter in the same statement; a number may stay unused, none is used twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts import tenancy

ADMIT = """
WITH run AS (
  INSERT INTO runtime_run (id, workflow, version, state, input, person, event_seq, created_at)
  VALUES (%(run)s, %(workflow)s, %(version)s, 'queued', %(input)s::jsonb, %(person)s, %(count)s, %(now)s)
  RETURNING id
), task AS (
  INSERT INTO runtime_task (id, run_id, key, step, position, role, queue, state, needs, missing, input, epoch,
                            claims, attempt)
  SELECT t.id, run.id, t.key, t.step, t.position, t.role, t.queue,
         CASE WHEN t.missing = 0 THEN 'queued' ELSE 'pending' END, t.needs, t.missing, t.input, 0, 0, 1
  FROM run, jsonb_to_recordset(%(tasks)s::jsonb) AS t(id text, key text, step text, position int, role text,
       queue text, needs text[], missing int, input jsonb)
  RETURNING id, run_id, queue, missing
), event AS (
  INSERT INTO runtime_event (run_id, seq, kind, task, body, at)
  SELECT run.id, e.n, e.event->>'kind', coalesce(e.event->>'task', ''), e.event->'body', %(now)s
  FROM run, jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS e(event, n)
), due AS (
  INSERT INTO agenda_due (workspace, run, task, queue, due_at, rung_at, epoch)
  SELECT %(workspace)s, run_id, id, queue, %(now)s, %(now)s, 0 FROM task WHERE missing = 0
  RETURNING task, queue
)
SELECT task, queue FROM due
"""

CLAIM = """
WITH run AS (
  UPDATE runtime_run SET event_seq = event_seq + 1, started_at = coalesce(started_at, %(now)s),
    state = CASE WHEN EXISTS (SELECT 1 FROM runtime_task w WHERE w.run_id = %(run)s AND w.state = 'waiting'
                              AND w.id <> %(task)s) THEN state ELSE 'running' END
  WHERE id = %(run)s AND state IN ('queued', 'running', 'waiting_approval')
    AND EXISTS (SELECT 1 FROM agenda_due d WHERE d.workspace = %(workspace)s AND d.task = %(task)s
                AND d.due_at <= %(now)s AND (d.lease_until IS NULL OR d.lease_until <= %(now)s))
  RETURNING id, event_seq, workflow, version, input, person
), due AS (
  UPDATE agenda_due d SET lease_until = %(lease)s, epoch = d.epoch + 1
  FROM run WHERE d.workspace = %(workspace)s AND d.task = %(task)s AND d.run = run.id
    AND d.due_at <= %(now)s AND (d.lease_until IS NULL OR d.lease_until <= %(now)s)
  RETURNING d.epoch
), task AS (
  UPDATE runtime_task t SET state = 'running', epoch = due.epoch, claims = t.claims + 1,
    started_at = coalesce(t.started_at, %(now)s)
  FROM due WHERE t.id = %(task)s AND t.state IN ('queued', 'retrying', 'running', 'waiting')
  RETURNING t.id, t.key, t.step, t.role, t.queue, t.input, t.epoch, t.attempt, t.claims
), event AS (
  INSERT INTO runtime_event (run_id, seq, kind, task, body, at)
  SELECT run.id, run.event_seq, 'task.started', task.key,
         jsonb_build_object('attempt', task.attempt, 'claim', task.claims, 'queue', task.queue, 'mode', %(mode)s::text,
                            'role', task.role), %(now)s
  FROM run, task
)
SELECT run.id, run.workflow, run.version, run.input, run.person, task.id, task.key, task.step, task.role,
       task.input, task.epoch, task.attempt, task.claims FROM run, task
"""

ADDED = """
), added AS (
  INSERT INTO runtime_task (id, run_id, key, step, position, role, queue, state, needs, missing, input, epoch,
                            claims, attempt, started_at)
  SELECT t.id, run.id, t.key, t.step, t.position, t.role, t.queue,
         CASE WHEN t.missing > 0 THEN 'pending' WHEN %(take)s::jsonb ? t.key THEN 'running' ELSE 'queued' END,
         t.needs, t.missing, t.input, CASE WHEN %(take)s::jsonb ? t.key AND t.missing = 0 THEN 1 ELSE 0 END,
         CASE WHEN %(take)s::jsonb ? t.key AND t.missing = 0 THEN 1 ELSE 0 END, 1,
         CASE WHEN %(take)s::jsonb ? t.key AND t.missing = 0 THEN %(now)s::timestamptz END
  FROM run, done, jsonb_to_recordset(%(tasks)s::jsonb) AS t(id text, key text, step text, position int, role text,
       queue text, needs text[], missing int, input jsonb)
  RETURNING id, key, step, role, queue, missing, state, input, epoch, attempt, claims
), ready AS (
  SELECT * FROM added WHERE missing = 0 UNION ALL SELECT * FROM moved WHERE missing = 0
"""
READY = "), ready AS (SELECT * FROM moved WHERE missing = 0"
COMPLETE = """
WITH run AS (
  UPDATE runtime_run SET event_seq = event_seq + %(count)s + 1, state = coalesce(%(ends)s::text, state),
    ended_at = CASE WHEN %(ends)s::text IS NULL THEN NULL ELSE %(now)s END
  WHERE id = %(run)s AND state IN ('running', 'waiting_approval')
    AND EXISTS (SELECT 1 FROM runtime_task t WHERE t.id = %(task)s AND t.epoch = %(epoch)s AND t.state = 'running')
  RETURNING id, event_seq - %(count)s - 1 AS base, workflow, version, input, person
), done AS (
  UPDATE runtime_task t SET state = %(state)s, output = %(output)s::jsonb, error = %(error)s::jsonb, ended_at = %(now)s
  FROM run WHERE t.id = %(task)s AND t.epoch = %(epoch)s AND t.state = 'running'
  RETURNING t.id
), moved AS (
  UPDATE runtime_task t SET missing = t.missing + d.delta,
    state = CASE WHEN t.missing + d.delta > 0 THEN t.state
                 WHEN %(take)s::jsonb ? t.key THEN 'running' ELSE 'queued' END,
    epoch = t.epoch + CASE WHEN t.missing + d.delta = 0 AND %(take)s::jsonb ? t.key THEN 1 ELSE 0 END,
    claims = t.claims + CASE WHEN t.missing + d.delta = 0 AND %(take)s::jsonb ? t.key THEN 1 ELSE 0 END,
    started_at = CASE WHEN t.missing + d.delta = 0 AND %(take)s::jsonb ? t.key THEN %(now)s ELSE t.started_at END
  FROM run, done, (SELECT key AS step, value::int AS delta FROM jsonb_each_text(%(deltas)s::jsonb)) AS d
  WHERE t.run_id = run.id AND t.step = d.step AND t.state = 'pending'
  RETURNING t.id, t.key, t.step, t.role, t.queue, t.missing, t.state, t.input, t.epoch, t.attempt, t.claims
{ready}
), event AS (
  INSERT INTO runtime_event (run_id, seq, kind, task, body, at)
  SELECT run.id, run.base + e.n, e.event->>'kind', coalesce(e.event->>'task', ''), e.event->'body', %(now)s
  FROM run, done, jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS e(event, n)
  UNION ALL
  SELECT run.id, run.base + %(count)s + 1, 'task.started', ready.key,
         jsonb_build_object('attempt', ready.attempt, 'claim', ready.claims, 'queue', ready.queue,
                            'mode', %(mode)s::text, 'role', ready.role), %(now)s
  FROM run, ready WHERE ready.state = 'running'
), gone AS (
  DELETE FROM agenda_due d USING done
  WHERE d.workspace = %(workspace)s AND d.run = %(run)s AND (d.task = done.id OR %(ends)s::text IS NOT NULL)
), due AS (
  INSERT INTO agenda_due (workspace, run, task, queue, due_at, rung_at, lease_until, epoch)
  SELECT %(workspace)s, run.id, ready.id, ready.queue, %(now)s, %(now)s,
         CASE WHEN ready.state = 'running' THEN %(lease)s::timestamptz END, ready.epoch
  FROM run, ready
)
SELECT done.id, run.workflow, run.version, run.input, run.person, ready.id, ready.key, ready.step, ready.role,
       ready.queue, ready.state, ready.input, ready.epoch, ready.attempt, ready.claims
FROM run, done LEFT JOIN ready ON true
"""
# The part that most completions do not need is left out: it would cost its start-up every time. Not more variants
# than these, as a connection that goes from workspace to workspace plans each of them anew.
COMPLETES = {adds: COMPLETE.format(ready=ADDED if adds else READY) for adds in (False, True)}

LEAVE = """
WITH run AS (
  UPDATE runtime_run SET event_seq = event_seq + %(count)s, state = coalesce(%(run_state)s::text, state),
    error = CASE WHEN %(ends)s THEN %(error)s::jsonb ELSE error END,
    ended_at = CASE WHEN %(ends)s THEN %(now)s ELSE ended_at END
  WHERE id = %(run)s AND state IN ('running', 'waiting_approval')
    AND EXISTS (SELECT 1 FROM runtime_task t WHERE t.id = %(task)s AND t.epoch = %(epoch)s AND t.state = 'running')
  RETURNING id, event_seq - %(count)s AS base
), done AS (
  UPDATE runtime_task t SET state = %(state)s, error = %(error)s::jsonb, attempt = t.attempt + %(attempts)s,
    ended_at = CASE WHEN %(ends)s THEN %(now)s ELSE ended_at END
  FROM run WHERE t.id = %(task)s AND t.epoch = %(epoch)s AND t.state = 'running'
  RETURNING t.id
), event AS (
  INSERT INTO runtime_event (run_id, seq, kind, task, body, at)
  SELECT run.id, run.base + e.n, e.event->>'kind', coalesce(e.event->>'task', ''), e.event->'body', %(now)s
  FROM run, done, jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS e(event, n)
), later AS (
  UPDATE agenda_due d SET due_at = %(due)s, rung_at = NULL, lease_until = NULL
  FROM done WHERE NOT %(ends)s AND d.workspace = %(workspace)s AND d.task = done.id
), gone AS (
  DELETE FROM agenda_due d USING run, done WHERE %(ends)s AND d.workspace = %(workspace)s AND d.run = run.id
)
SELECT id FROM done
"""

CANCEL = """
WITH run AS (
  UPDATE runtime_run SET state = 'cancelled', ended_at = %(now)s, event_seq = event_seq + 1
  WHERE id = %(run)s AND state IN ('queued', 'running', 'waiting_approval')
  RETURNING id, event_seq
), task AS (
  UPDATE runtime_task t SET state = 'cancelled', epoch = t.epoch + 1, ended_at = %(now)s
  FROM run WHERE t.run_id = run.id AND t.state IN ('queued', 'running', 'retrying', 'waiting')
), gone AS (
  DELETE FROM agenda_due d USING run WHERE d.workspace = %(workspace)s AND d.run = run.id
), event AS (
  INSERT INTO runtime_event (run_id, seq, kind, task, body, at)
  SELECT run.id, run.event_seq, 'run.cancelled', '', %(body)s::jsonb, %(now)s FROM run
)
SELECT id FROM run
"""

RESUME = """
WITH run AS (
  UPDATE runtime_run SET state = 'queued', ended_at = NULL, error = NULL, event_seq = event_seq + 1
  WHERE id = %(run)s AND state IN ('failed', 'cancelled')
  RETURNING id, event_seq
), task AS (
  UPDATE runtime_task t SET state = 'queued', error = NULL, ended_at = NULL, epoch = t.epoch + 1, claims = 0,
    attempt = CASE WHEN t.state = 'failed' THEN t.attempt + 1 ELSE t.attempt END
  FROM run WHERE t.run_id = run.id AND t.missing = 0 AND t.state NOT IN ('succeeded', 'skipped')
  RETURNING t.id, t.queue, t.epoch
), event AS (
  INSERT INTO runtime_event (run_id, seq, kind, task, body, at)
  SELECT run.id, run.event_seq, 'run.resumed', '', %(body)s::jsonb, %(now)s FROM run
), due AS (
  INSERT INTO agenda_due (workspace, run, task, queue, due_at, rung_at, epoch)
  SELECT %(workspace)s, run.id, task.id, task.queue, %(now)s, %(now)s, task.epoch FROM run, task
  RETURNING task, queue
)
SELECT task, queue FROM due
"""

OUTPUTS = """
SELECT step, key, output, state FROM runtime_task
WHERE run_id = %(run)s AND step = ANY(%(steps)s) AND state IN ('succeeded', 'skipped') ORDER BY step, position
"""

RENEW = """
UPDATE agenda_due d SET lease_until = %(lease)s
FROM unnest(%(workspaces)s::text[], %(tasks)s::text[], %(epochs)s::int[]) AS held(workspace, task, epoch)
WHERE d.workspace = held.workspace AND d.task = held.task AND d.epoch = held.epoch
"""

RING = "UPDATE agenda_due SET rung_at = %(now)s WHERE workspace = %(workspace)s AND task = ANY(%(tasks)s)"


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that this worker may run until its lease ends, unless the epoch moves on."""

    workspace: str
    run: str
    workflow: str
    version: str
    run_input: Mapping[str, Any]
    person: int
    task: str
    key: str
    step: str
    role: str
    input: Mapping[str, Any]
    epoch: int
    attempt: int
    claims: int
    # Outputs of what it needs, where the one who hands the task on has just produced them: (step, output).
    known: tuple[tuple[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """`done` is False when somebody else was first; then nothing was written."""

    done: bool
    next: Claim | None
    queued: tuple[tuple[str, str], ...]


def _run(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    return tenancy.connection.prepared(sql, values)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _value(given: Any) -> Any:
    """Django leaves jsonb as text on its connections."""
    return json.loads(given) if isinstance(given, str) else given


def admit(
    *, run: str, workflow: str, version: str, input: Mapping[str, Any], person: int, tasks: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]], now: datetime,
) -> list[tuple[str, str]]:  # fmt: skip
    """Insert a run with its tasks, first events and due rows; return (task, queue) of those that are ready."""
    return _run(
        ADMIT, run=run, workflow=workflow, version=version, input=_json(input), person=person, now=now,
        tasks=_json(tasks), events=_json(events), count=len(events), workspace=tenancy.current(),
    )  # fmt: skip


def claim(*, run: str, task: str, now: datetime, lease: timedelta, mode: str) -> Claim | None:
    """Take a due task for ourselves, or return None when somebody else has it or nothing is due."""
    workspace = tenancy.current()
    rows = _run(CLAIM, workspace=workspace, run=run, task=task, now=now, lease=now + lease, mode=mode)
    if not rows:
        return None
    run_, workflow, version, run_input, person, id_, key, step, role, given, *rest = rows[0]
    return Claim(
        workspace, run_, workflow, version, _value(run_input), person, id_, key, step, role, _value(given), *rest
    )  # fmt: skip


def complete(
    claim: Claim, *, output: Any, state: str, events: Sequence[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]],
    deltas: Mapping[str, int], take: Sequence[str], ends: str | None, now: datetime, lease: timedelta,
    mode: str, error: Any = None,
) -> Completed:  # fmt: skip
    """Finish a task: output, events, what it adds, what it sets free, and the claim of the next one, at once.

    take: keys of which the one that becomes ready is claimed by us in the same statement (at most one does).
    """
    values = {
        "workspace": claim.workspace, "run": claim.run, "task": claim.task, "epoch": claim.epoch, "state": state,
        "output": _json(output), "error": _json(error), "events": _json(events), "count": len(events),
        "deltas": _json(deltas), "take": _json(take), "ends": ends, "now": now,
        "lease": now + lease, "mode": mode,
    }  # fmt: skip
    if tasks:
        values["tasks"] = _json(tasks)
    rows = _run(COMPLETES[bool(tasks)], **values)
    following, queued = None, []
    for _done, workflow, version, run_input, person, id_, key, step, role, queue, task_state, given, *rest in rows:
        if id_ is None:
            continue
        if task_state == "running":
            following = Claim(
                claim.workspace, claim.run, workflow, version, _value(run_input), person, id_, key, step, role,
                _value(given), *rest,
            )  # fmt: skip
        else:
            queued.append((id_, queue))
    return Completed(bool(rows), following, tuple(queued))


def leave(
    claim: Claim, *, state: str, run_state: str | None, ends: bool, due: datetime | None,
    events: Sequence[Mapping[str, Any]], error: Any, attempts: int, now: datetime,
) -> bool:  # fmt: skip
    """Put a task down unfinished: to retry, to wait, or because the run ends; False when we were fenced out."""
    return bool(
        _run(
            LEAVE, workspace=claim.workspace, run=claim.run, task=claim.task, epoch=claim.epoch, state=state,
            run_state=run_state, ends=ends, due=due or now, events=_json(events), count=len(events),
            error=_json(error), attempts=attempts, now=now,
        )
    )  # fmt: skip


def cancel(*, run: str, body: Mapping[str, Any], now: datetime) -> bool:
    """End a live run by a person's wish; False when it has ended already."""
    return bool(_run(CANCEL, workspace=tenancy.current(), run=run, body=_json(body), now=now))


def resume(*, run: str, body: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    """Queue what a failed or cancelled run still has to do; return (task, queue) of it, empty when it may not."""
    return _run(RESUME, workspace=tenancy.current(), run=run, body=_json(body), now=now)


def outputs(*, run: str, steps: Sequence[str]) -> list[tuple[str, str, Any, str]]:
    """Return (step, key, output, state) of the finished tasks of some steps, in order."""
    return [
        (step, key, _value(output), state) for step, key, output, state in _run(OUTPUTS, run=run, steps=list(steps))
    ]


def renew(held: Sequence[tuple[str, str, int]], *, lease_until: datetime) -> None:
    """Renew leases, of any workspace: (workspace, task, epoch). An epoch that moved on is left alone."""
    workspaces, tasks, epochs = (list(column) for column in zip(*held, strict=True))
    _run(RENEW, workspaces=workspaces, tasks=tasks, epochs=epochs, lease=lease_until)


def rung(*, workspace: str, tasks: Sequence[str], now: datetime) -> None:
    """Note that the doorbell was rung for some tasks."""
    _run(RING, workspace=workspace, tasks=list(tasks), now=now)

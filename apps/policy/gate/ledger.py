"""The call ledger: intent row first, one flight a key in all replicas of the gate, the recorded result for ever.

Which gate makes a call stands in its row; each gate process holds an advisory lock of its own number, so anybody
can see whether it still lives. A call whose gate died before the answer was recorded is lost: its row says so,
the customer never pays for it, and its key is free for one more try.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from apps.accounts import tenancy
from apps.lib import blobs, clock, ids
from apps.lib.errors import Unavailable
from apps.policy import rules
from apps.policy.budgets import holds, reserve
from apps.policy.gate import evidence
from apps.policy.models import Call

log = logging.getLogger(__name__)
_in_flight: set[str] = set()
_guard = threading.Condition()
_own: dict[int, tenancy.Lock] = {}


class Busy(Unavailable):
    """The same call is still under way elsewhere."""

    code = "busy"


class NotCovered(Exception):
    """The credits that the run was lent do not cover this call."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What an answered call used."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    micro_dollars: int = 0
    credits: int = 0
    model: str = ""
    provider: str = ""


def gate_number() -> int:
    """Return this process's number, taking its lock on first use (a forked child takes its own)."""
    lock = _own.get(os.getpid())
    if lock is None:
        with _guard:
            lock = _own.setdefault(os.getpid(), tenancy.Lock(secrets.randbits(62)))
    lock.hold()
    return lock.number


def begin(intent: Call, *, wait_seconds: float) -> tuple[Call, bool]:
    """Write the intent row, or find the row that stands for its key.

    Returns (row, True) when the call is ours to make, (row, False) when it was answered, denied or waits already.
    Waits for a flight that is under way, at most `wait_seconds`. Raises: NotCovered, Spent, Busy.
    """
    deadline = time.monotonic() + wait_seconds
    pause = 0.01
    while True:
        if _insert(intent):
            return intent, True
        row = Call.objects.filter(key=intent.key).exclude(state="lost").first()
        if row is None:
            continue
        if row.state != "intent":
            return row, False
        if is_abandoned(row):
            lose(row)
            continue
        if time.monotonic() > deadline:
            raise Busy("The same call is still under way. Try again.")
        with _guard:
            _guard.wait(pause)
        pause = min(pause * 1.5, 0.25)


def _insert(intent: Call) -> bool:
    intent.gate = gate_number()
    with _guard:
        if intent.key in _in_flight:
            return False
        _in_flight.add(intent.key)
    inserted = False
    try:
        with transaction.atomic():
            intent.save(force_insert=True)
            if not reserve.reserve(run=intent.run, credits=intent.credits):
                raise NotCovered
            got = holds.hold(run=intent.run, person=intent.person, amount=_held(intent), at=intent.started_at)
            intent.slow, intent.budget_left = got.slow, got.left
        inserted = True
    except IntegrityError:
        return False
    finally:
        if not inserted:
            land(intent)
    return True


def land(row: Call) -> None:
    """Tell those who wait in this process that a flight is over."""
    with _guard:
        _in_flight.discard(row.key)
        _guard.notify_all()


def is_abandoned(row: Call) -> bool:
    """Tell whether the gate that makes a call has died, or has let it fall."""
    if row.gate == gate_number():
        with _guard:
            return row.key not in _in_flight and Call.objects.filter(pk=row.pk, state="intent").exists()
    return not tenancy.is_locked(row.gate)


LOST = "The gate stopped before the answer was recorded. This call may have been paid once more."


def lose(row: Call, *, outcome: str = "lost", sentence: str = LOST) -> None:
    """Close a call that got no answer, as one whose gate died: nothing is charged, what was reserved is given back."""
    with transaction.atomic():
        lost = Call.objects.filter(pk=row.pk, state="intent").update(
            state="lost", outcome=outcome, credits=0, ended_at=clock.now(),
            sentence=sentence[:500],
        )  # fmt: skip
        if lost:
            give_back(row)
            evidence.note(row.pk)


def give_back(row: Call) -> None:
    """Give back what a call that brought nothing had reserved. Runs inside the transaction that closes it."""
    _settle(row, Spent())


def _settle(row: Call, spent: Spent) -> None:
    reserve.settle(run=row.run, reserved=row.credits, spent=spent.credits, micro_dollars=spent.micro_dollars)
    used = rules.Amount(spent.input_tokens + spent.output_tokens, spent.micro_dollars)
    holds.settle(run=row.run, person=row.person, held=_held(row), spent=used, at=row.started_at)


def _held(row: Call) -> rules.Amount:
    return rules.Amount(row.held_tokens, row.held_micro_dollars)


def allow(row: Call) -> None:
    """Write down that a call was allowed, and by which rule, before it leaves: whatever happens then, that stands.

    Raises Busy when somebody has closed the row meanwhile.
    """
    if not Call.objects.filter(pk=row.pk, state="intent").update(
        decision=row.decision, decided_by=row.decided_by, policy_version=row.policy_version,
        arguments_sha=row.arguments_sha,
    ):  # fmt: skip
        raise Busy("This call was closed while it was decided. Try again.")


def record(
    row: Call, *, state: str, outcome: str, sentence: str = "", result: Any = None, spent: Spent | None = None
) -> Call:  # fmt: skip
    """Close a call with its outcome; the row is frozen from then on. Outlives a short stop of the database."""
    spent = spent or Spent()
    sha = blobs.put(row_store(), rules.canonical(result).encode()) if result is not None else ""

    def write() -> None:
        with transaction.atomic():
            closed = Call.objects.filter(pk=row.pk, state="intent").update(
                state=state, outcome=outcome, sentence=sentence[:500], result_sha=sha, ended_at=clock.now(),
                input_tokens=spent.input_tokens, output_tokens=spent.output_tokens,
                cached_input_tokens=spent.cached_input_tokens, micro_dollars=spent.micro_dollars,
                credits=spent.credits, model=spent.model[:80], provider=spent.provider,
                decision=row.decision, decided_by=row.decided_by, policy_version=row.policy_version,
                arguments_sha=row.arguments_sha, signals=row.signals,
            )  # fmt: skip
            if closed:
                _settle(row, spent)
                evidence.note(row.pk)

    _persist(write)
    return Call.objects.get(pk=row.pk)


def row_store() -> str:
    """Return the blob store of the workspace this thread works in."""
    return tenancy.current()


def _persist(write: Callable[[], None], *, seconds: float = 30.0) -> None:
    """An answer that was paid for must not be thrown away because Postgres restarts at this moment."""
    until = time.monotonic() + seconds
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            if transaction.get_connection().in_atomic_block or time.monotonic() > until:
                raise
            log.warning("the database is away; an answer waits to be recorded")
            _reconnect()
            time.sleep(0.3)


def _reconnect() -> None:
    connection = transaction.get_connection()
    schema, acting = connection.schema_name, connection.acting
    connection.close()
    connection.act(schema=schema, acting=acting)


def new_row(**fields: Any) -> Call:
    """Make an intent row that is not saved yet."""
    return Call(id=ids.new("call"), state="intent", started_at=clock.now(), gate=0, **fields)


def load(row: Call) -> dict[str, Any]:
    """Return the recorded result of an answered call. Raises NotFound when retention has erased its body."""
    result: dict[str, Any] = json.loads(blobs.get(row_store(), row.result_sha))
    return result

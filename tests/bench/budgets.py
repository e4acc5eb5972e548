"""How many calls a second four processes can reserve in the budgets of one workspace.

python -m tests.bench.budgets SCHEMA PERSON SECONDS HOW RUN…: what one of the processes does; HOW is a key of ACTS.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.db import transaction
from django.db.models import F

from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.policy.budgets import holds, limits
from apps.policy.gate import ledger
from apps.policy.models import BudgetUse, Grant, GrantUse
from apps.policy.rules import Amount
from apps.research.actions import setup

PROCESSES, SECONDS, RUNS = 4, 4.0, 32
CALL = Amount(20, 10)


def _reserve(run: str, person: int) -> None:
    with transaction.atomic():
        holds.hold(run=run, person=person, amount=CALL, at=clock.now())


def _reserve_and_settle(run: str, person: int) -> None:
    _reserve(run, person)
    with transaction.atomic():
        holds.settle(run=run, person=person, held=CALL, spent=CALL, at=clock.now())


def _commit(run: str, person: int) -> None:
    """The floor: one durable commit of one row of one's own, through the same layers."""
    with transaction.atomic():
        GrantUse.objects.filter(pk=run).update(micro_dollars=F("micro_dollars") + 1)


def _write_down(run: str, person: int) -> None:
    ledger.begin(
        ledger.new_row(
            key=ids.new("key"), run=run, task="task_x", epoch=1, name="n", number=0, tool="model_complete",
            tool_version="1", mode="live", person=person, agent="analyst", agent_version="1", arguments_sha="",
            held_tokens=CALL.tokens, held_micro_dollars=CALL.micro_dollars,
        ),
        wait_seconds=30,
    )  # fmt: skip


ACTS: dict[str, Callable[[str, int], None]] = {
    "commit": _commit, "reserve": _reserve, "settle": _reserve_and_settle, "ledger": _write_down,
}  # fmt: skip


def budgets(stack: Any) -> Iterator[str]:
    """Reservations a second of four processes: over many runs, in one run, settled too, and with the ledger's row."""
    from tests.bench.measures import row

    place = setup.workspace(slug="bench-budgets")
    runs = [ids.new("run") for _ in range(RUNS)]
    with tenancy.in_workspace(place.schema, gate=True):
        limits.set_limit(
            by=place.owner, kind="workspace", subject="", tokens=10**9, micro_dollars=10**9, reason="bench"
        )  # fmt: skip
        for run in runs:
            Grant.objects.create(run=run, person=place.owner, scopes=[], mode="live", credits=0, agent_version="1")
            GrantUse.objects.create(run=run)
    for how, among, name in (
        ("commit", runs, f"the floor: bare commits of {PROCESSES} processes, a row each"),
        ("reserve", runs, f"reservations of {PROCESSES} processes, {RUNS} runs of one workspace"),
        ("reserve", runs[:1], "  the same, all in one run"),
        ("settle", runs, "  reserved and settled"),
        ("ledger", runs, "  reserved with the ledger's intent row"),
    ):
        done, busy = _together(place, how, among)
        goal = "goal ≥ 1,500 a second" if how == "reserve" and among == runs else "reported"
        figures = f"{done / SECONDS:,.0f} a second, {busy / max(1, done) * 1000:.2f} ms CPU of ours each"
        yield row(name, figures, goal)
    with tenancy.in_workspace(place.schema):
        month = BudgetUse.objects.get(kind="workspace")
        yield row("  taken of the month in all that", f"{month.tokens + month.held_tokens:,} tokens of 10⁹", "reported")


def _together(place: Any, how: str, runs: list[str]) -> tuple[int, float]:
    """Return how often they did it, and the CPU seconds that it took them (the server's are not in it)."""
    command = [sys.executable, "-m", "tests.bench.budgets", place.schema, str(place.owner), str(SECONDS), how, *runs]
    begun = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(PROCESSES)
    ]
    for process in begun:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    said = [process.communicate()[0].split() for process in _released(begun)]
    return sum(int(done) for done, _busy in said), sum(float(busy) for _done, busy in said)


def _released(begun: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    """All begin at once, though their figures are read one after the other."""
    for process in begun:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return begun


def _work(schema: str, person: int, seconds: float, how: str, runs: list[str]) -> tuple[int, float]:
    act, done = ACTS[how], 0
    with tenancy.in_workspace(schema, gate=True):
        for run in runs:
            act(run, person)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        until, busy = time.monotonic() + seconds, time.process_time()
        while time.monotonic() < until:
            act(runs[(done + os.getpid() * 8) % len(runs)], person)
            done += 1
        return done, time.process_time() - busy


MEASURES = {"budgets": budgets}

if __name__ == "__main__":
    given_schema, given_person, given_seconds, given_how, *given_runs = sys.argv[1:]
    told = _work(given_schema, int(given_person), float(given_seconds), given_how, given_runs)
    sys.stdout.write(f"{told[0]} {told[1]}\n")

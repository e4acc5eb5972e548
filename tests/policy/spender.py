"""A process that reserves calls in the ledger, one after the other, and may be killed at any moment.

python -m tests.policy.spender SCHEMA PERSON COUNT DIES RUN…: DIES is 1 for one that kills itself half-way.
"""

from __future__ import annotations

import os
import signal
import sys

import django

django.setup()

from apps.accounts import tenancy  # noqa: E402
from apps.lib import ids  # noqa: E402
from apps.policy.budgets import holds  # noqa: E402
from apps.policy.gate import ledger  # noqa: E402
from apps.policy.models import Call  # noqa: E402


def intent(run: str, person: int, *, tokens: int = 1_000, micro_dollars: int = 500) -> Call:
    """Return a call of a run that is not written down yet."""
    return ledger.new_row(
        key=ids.new("key"), run=run, task="task_x", epoch=1, name="n", number=0, tool="model_complete",
        tool_version="1", mode="live", person=person, agent="analyst", agent_version="1", arguments_sha="",
        held_tokens=tokens, held_micro_dollars=micro_dollars,
    )  # fmt: skip


def spend(schema: str, person: int, count: int, dies: bool, runs: list[str]) -> dict[str, int]:
    """Reserve `count` calls and close three quarters of them; return how many were held and refused."""
    said = {"held": 0, "spent": 0}
    with tenancy.in_workspace(schema, gate=True):
        for number in range(count):
            try:
                row, _ours = ledger.begin(intent(runs[number % len(runs)], person), wait_seconds=20)
            except holds.Spent:
                said["spent"] += 1
                continue
            said["held"] += 1
            if number % 4:
                ledger.record(row, state="done", outcome="ok", spent=ledger.Spent(700, 200, 0, 450))
                ledger.land(row)
            if dies and number > count // 2:
                os.kill(os.getpid(), signal.SIGKILL)
    return said


if __name__ == "__main__":
    schema, person, count, dies, *runs = sys.argv[1:]
    sys.stdout.write(f"{spend(schema, int(person), int(count), dies == '1', runs)}\n")

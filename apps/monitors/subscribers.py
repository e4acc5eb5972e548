"""What monitors hear from the rooms below: a timetable is due, sources were read again, a run has ended."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from apps.accounts import tenancy
from apps.accounts.actions.contents import Part, as_json
from apps.accounts.queries import Member
from apps.monitors import queries
from apps.monitors.actions import editions, firing, keeping, timetables

HOUR = 3600.0
_purged: float | None = None


def due(*, timetable: str, arguments: dict[str, Any], at: datetime) -> None:
    """Begin what is due, where the timetable is one of ours."""
    if timetable == timetables.TIMETABLE:
        firing.due(workspace=arguments["workspace"], monitor=arguments["monitor"], at=at)


def rechecked(*, workspace: str, look: str, state: str, credits: int) -> None:
    """Compare what was read again with what was read then; in the transaction that ends the look."""
    editions.looked(look=look, state=state, credits=credits)


def run_ended(*, workspace: str, run: str, state: str) -> None:
    """Compare the report of a monitor's run with the one before; in the transaction that ends the run."""
    editions.ended(run=run, state=state)


def purge() -> None:
    """Erase once an hour what was deleted long ago."""
    global _purged
    if _purged is None or time.monotonic() - _purged >= HOUR:
        _purged = time.monotonic()
        keeping.purge()


def workspace_erased(*, schema: str) -> None:
    """Take the timetables of a workspace that is erased."""
    timetables.forget(schema=schema)


def person_erased(*, person: int, email: str, schema: str) -> None:
    """Stop what somebody who leaves Footnote had watched, and erase what only they saw."""
    if schema:
        with tenancy.in_workspace(schema):
            keeping.forget(person=person)


def archive_parts(*, member: Member, own: bool) -> list[Part]:
    """Return what belongs into a copy to take away: the monitors that a member sees, with their times."""
    return [Part("monitors.json", lambda: _listed(member))]


def _listed(member: Member) -> bytes:
    return as_json([
        {
            "question": row.question, "state": row.state, "when": row.timetable.crontab | {"zone": row.timetable.zone},
            "asked": row.request,
            "times": [
                {"due_at": each.due_at, "state": each.state, "run": each.run if each.shown else ""}
                for each in queries.editions(member, row)
            ],
        }
        for row in queries.monitors(member)
    ])  # fmt: skip

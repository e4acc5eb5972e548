"""Replay a finished run from its record, and compare the report's files byte by byte. Nothing stays changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from apps.lib.errors import Conflict
from apps.research.actions.reports import NAMES, RENDER
from apps.research.formats.pdf import NotDrawn
from apps.research.models import Report
from apps.research.queries import documents
from apps.runtime.replay import replay

# Their rows are what a report is made of; what was read and what is remembered stays as it is.
WRITTEN = ("verify", "approve", "publish")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out: tasks done again, calls that the ledger answered, what differs; files that are the same."""

    tasks: int
    calls: int
    differs: tuple[str, ...]
    same: tuple[str, ...]


def again(*, run: str) -> Outcome:
    """Do a published run again without network and model, and compare its files. Raises NotFound, Conflict."""
    report = Report.objects.filter(run=run, state="published").first()
    if report is None:
        raise Conflict("Only a run with a published report can be compared.")
    before = _files(run)
    with transaction.atomic():
        done = replay(run=run, save=WRITTEN)
        # When it was made is no part of what is made.
        Report.objects.filter(run=run).update(created_at=report.created_at, published_at=report.published_at)
        after = _files(run)
        transaction.set_rollback(True)
    same = tuple(name for name in before if before[name] == after.get(name))
    differs = tuple(f"{name}: its bytes" for name in before if name not in same)
    return Outcome(done.tasks, done.calls, (*done.differs, *differs), same)


def _files(run: str) -> dict[str, bytes]:
    report, files = documents.load(run), {}
    for kind, render in RENDER.items():
        try:
            files[NAMES[kind]] = render(report)
        except NotDrawn:
            continue
    return files

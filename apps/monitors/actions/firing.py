"""A timetable is due: begin the edition of that time, once, whoever tells of it and however late."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.monitors import queries
from apps.monitors.actions import editions
from apps.monitors.models import Edition, Monitor
from apps.monitors.rules import timetable


def due(*, workspace: str, monitor: str, at: datetime) -> Edition | None:
    """Begin what a monitor owes at a moment: the last time of its timetable. Earlier ones that nobody told of are
    noted as missed, so a stop of a day costs one run. Return the edition, None where it was begun before.
    """
    if workspace not in accounts.schemas():
        return None
    with tenancy.in_workspace(workspace), transaction.atomic():
        row = Monitor.objects.select_for_update().filter(pk=monitor, state="active", deleted_at=None).first()
        if row is None:
            return None
        when = timetable.latest(row.timetable, at)
        if when <= row.since or Edition.objects.filter(monitor=row, due_at=when).exists():
            return None
        _note_missed(row, when)
        if row.skip > 0:
            row.skip -= 1
            row.save()
            return _miss(row, when, _("Left out after a failure."))
        if queries.at_work(row.pk):
            return _miss(row, when, _("The time before was still at work."))
        return editions.begin(row, due_at=when)


def _note_missed(row: Monitor, when: datetime) -> None:
    last = Edition.objects.filter(monitor=row).order_by("-due_at").values_list("due_at", flat=True).first()
    after = max(filter(None, (last, row.since)))
    for each in timetable.between(row.timetable, after, when):
        _miss(row, each, _("Footnote was not running."))


def _miss(row: Monitor, when: datetime, why: str) -> Edition | None:
    edition, new = Edition.objects.get_or_create(
        monitor=row, due_at=when, defaults={"state": "missed", "reason": why, "ended_at": when}
    )
    return edition if new else None

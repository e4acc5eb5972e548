"""Timetables of monitors as django-celery-beat keeps them: shared rows that name a workspace and a monitor."""

from __future__ import annotations

import json

from django_celery_beat.models import CrontabSchedule, PeriodicTask

from apps.accounts import tenancy
from apps.lib import clock
from apps.monitors.models import Monitor

# What a timetable of a monitor is called; the scheduler tells of it by this name.
TIMETABLE = "monitors.due"


def write(row: Monitor) -> None:
    """Make the timetable of a monitor what its row says: there while it is active, gone else."""
    schema = tenancy.current()
    with tenancy.as_platform("timetables stand where the scheduler looks"):
        name = f"{schema}:{row.pk}"
        if row.state != "active" or row.deleted_at:
            _remove(name)
            return
        crontab, _new = CrontabSchedule.objects.get_or_create(**row.timetable.crontab, timezone=row.zone)
        PeriodicTask.objects.update_or_create(
            name=name,
            defaults={
                "task": TIMETABLE, "crontab": crontab, "kwargs": json.dumps({"workspace": schema, "monitor": row.pk}),
                "enabled": True, "last_run_at": clock.now(),
            },
        )  # fmt: skip


def _remove(name: str) -> None:
    # One by one: a signal tells the scheduler of each.
    for task in PeriodicTask.objects.filter(name=name):
        task.delete()


def forget(*, schema: str) -> None:
    """Remove the timetables of a workspace that is erased. The platform's role is on."""
    for task in PeriodicTask.objects.filter(task=TIMETABLE, name__startswith=f"{schema}:"):
        task.delete()

"""django-celery-beat's timetables, told to this product instead of to Celery: no message is sent, rows are written."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from django.db import Error
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from apps.lib import clock, ports

log = logging.getLogger(__name__)
# As many timetables are told of at one call at most; the rest follows at the next.
MOST_AT_ONCE = 500
# What is due hears `due(timetable=…, arguments=…, at=…)`; whoever knows the timetable writes what is due, once.
due = ports.declare("runtime.timetable_due", many=True)


class Beat(DatabaseScheduler):  # type: ignore[misc]  # the package says nothing of its types
    """Tells what is due; runs inside the scheduler's process, behind its lock."""

    def setup_schedule(self) -> None:
        """Install no entries of Celery's own."""

    def enabled_models_qs(self) -> Any:
        """Read every timetable: after a stop, what was due hours ago is due still."""
        return self.Model.objects.enabled()

    def apply_entry(self, entry: ModelEntry, producer: object = None) -> None:
        """Tell of one timetable that is due; a fault of its own does not keep the others waiting.

        Raises what the database raises: then the time was not noted, and is told of again.
        """
        try:
            self.apply_async(entry)
        except Error:
            raise
        except Exception:
            log.exception("the timetable %s could not be told of", entry.name)
        self.sync()

    def apply_async(self, entry: ModelEntry, producer: object = None, advance: bool = True, **_more: object) -> None:
        """Have rows written for what is due, instead of sending a message."""
        due(timetable=entry.task, arguments=entry.kwargs, at=clock.now())


def begin() -> Beat:
    """Return a beat on the tables of this database."""
    app = Celery("footnote", broker="memory://", set_as_current=False)
    app.conf.update(timezone="UTC", enable_utc=True, result_expires=None)
    return Beat(app=app, lazy=False)


def strike(beat: Beat) -> int:
    """Tell of every timetable that is due, each once; return how many. The platform's role is on."""
    told = 0
    while told < MOST_AT_ONCE and beat.tick() == 0:
        told += 1
    return told

"""One process: sweeper, outbox and chores, behind an advisory lock. Lock lost → exit, and it is started again."""

from __future__ import annotations

import logging
import signal
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error

from apps.accounts import tenancy
from apps.observability import actions as audit
from apps.runtime import actions, beat, dispatch, outbox, sweeper

log = logging.getLogger(__name__)
LOCK = 0x466F6F74  # "Foot"


class Command(BaseCommand):
    help = "Ring for what is due, in every workspace; only one such process works at a time."

    def handle(self, *args: object, **options: object) -> None:
        """Wait for the lock, then sweep until a signal."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        lock = tenancy.Lock(LOCK)
        while not stop.is_set() and not lock.hold():
            stop.wait(1)
        self.stdout.write("scheduler at work")
        chores_at = time.monotonic()
        timetables = beat.begin()
        while not stop.is_set():
            began = time.monotonic()
            try:
                if not lock.hold():
                    raise SystemExit("another scheduler took over")
                beat.strike(timetables)
                sweeper.sweep()
                if dispatch.mode() == "inline":
                    actions.drive()
                outbox.drain()
                audit.seal()
                if began >= chores_at:
                    outbox.do_chores()
                    audit.export_when_due(folder=settings.AUDIT_FOLDER)
                    chores_at = began + outbox.CHORE_SECONDS
            except Error as error:
                raise SystemExit(f"the database is away: {error}") from error
            finally:
                tenancy.close()
            stop.wait(max(0.05, settings.SWEEP_SECONDS - (time.monotonic() - began)))
        lock.drop()

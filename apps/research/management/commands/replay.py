"""`manage.py replay RUN…`: do finished runs again from the ledger, and say whether the same reports come out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.lib.errors import ProductError
from apps.research.actions import replaying


class Command(BaseCommand):
    """Needs the database and the stored bodies alone: no gate, no network, no model."""

    help = "Replay finished runs from the ledger and compare their reports byte by byte; nothing is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the runs and their workspace."""
        parser.add_argument("runs", nargs="+", metavar="RUN")
        parser.add_argument("--workspace", default="demo", help="the workspace's address (demo)")

    def handle(self, *_args: object, **options: Any) -> None:
        """Replay each run. Raises CommandError when a run is not there, or another report came out."""
        space = accounts.workspace_of_slug(options["workspace"])
        if space is None:
            raise CommandError(f"There is no workspace “{options['workspace']}”.")
        wrong = 0
        for run in options["runs"]:
            try:
                with tenancy.in_workspace(space.schema):
                    done = replaying.again(run=run)
            except ProductError as error:
                raise CommandError(f"{run}: {error.sentence}") from error
            self.stdout.write(f"{run}: {done.tasks} tasks, {done.calls} calls from the ledger")
            self.stdout.write(f"  the same bytes: {', '.join(done.same) or 'none'}")
            for each in done.differs:
                wrong += 1
                self.stdout.write(f"  differs: {each}")
        if wrong:
            raise CommandError("Not the same.")

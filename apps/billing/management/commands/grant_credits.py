"""Give a workspace credits."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import queries
from apps.billing.actions import credits
from apps.lib import ids


class Command(BaseCommand):
    help = "Give a workspace credits: grant_credits demo 500"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("workspace")
        parser.add_argument("credits", type=int)
        parser.add_argument("--note", default="goodwill")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write one grant and say the new balance."""
        row = accounts.workspace_of_slug(options["workspace"])
        if row is None:
            raise CommandError(f"There is no workspace “{options['workspace']}”.")
        if options["credits"] <= 0:
            raise CommandError("Give a positive number of credits.")
        with tenancy.in_workspace(row.schema):
            credits.grant(
                by=None, workspace=row.schema, credits=options["credits"], key=ids.new("grant"), note=options["note"]
            )
            self.stdout.write(f"{row.name} has {queries.balance(row.schema).available} credits.")

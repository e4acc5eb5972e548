"""Make the database ready: roles, the shared schema, migrations, grants, spare schemas."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from apps.accounts import schemas, tenancy
from apps.lib.errors import ProductError


class Command(BaseCommand):
    """Prepare the database; safe to repeat."""

    help = "Make the database ready for Footnote; safe to repeat."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--spare", type=int, default=2, help="schemas kept ready for new workspaces")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps in order; each is skipped where it is already done."""
        try:
            schemas.preflight()
            schemas.lay_foundation()
            with tenancy.acting("public", "owner"):
                call_command("migrate_schemas", shared=True, verbosity=0, interactive=False, executor="standard")
            schemas.guard_shared()
            behind = [schema for schema in schemas.all_schemas() if not schemas.is_current(schema)]
            for schema in behind:
                schemas.migrate(schema)
            for schema in schemas.all_schemas():
                schemas.prepared(schema=schema)
            made = schemas.stock(options["spare"])
        except (ProductError, OperationalError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"shared schema ready; {len(behind)} workspace schemas migrated, {made} made")

"""Check that nobody has changed, taken away, slipped in, reordered, cut or replaced what was recorded."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.lib.errors import ProductError
from apps.observability import audit, queries
from apps.observability.rules import Finding


class Command(BaseCommand):
    """Exit code 0: all fits; 1: something does not; 2: it could not be checked."""

    help = "Check the audit log's chains, the ledger rows they name, and the signed checkpoints."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--workspace", help="one workspace's schema; without it, every chain")
        parser.add_argument("--checkpoints", type=Path, help="the folder of checkpoints (default: HOME/audit)")
        parser.add_argument("--keys", type=Path, help="public keys that you kept yourself, as a JSON Web Key Set")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and say what does not fit, and where."""
        wanted = options["workspace"]
        folder = options["checkpoints"] or settings.AUDIT_FOLDER
        if options["checkpoints"] and not audit.checkpoints(folder):
            raise CommandError(f"There is no checkpoint in {folder}.", returncode=2)
        wrong: list[Finding] = []
        try:
            chains = queries.chains() if wanted is None else [wanted]
            for chain in chains:
                count, found = queries.check(chain)
                wrong += found
                self.stdout.write(f"{chain or 'platform'}: {count} sealed entries, {len(found)} findings")
            if audit.checkpoints(folder):
                count, found = audit.compare(folder=folder, keys=options["keys"], only=wanted)
                wrong += found
                self.stdout.write(f"{count} checkpoints, {len(found)} findings")
            else:
                self.stdout.write("no checkpoint: a chain that was replaced whole could not be told")
        except ProductError as error:
            raise CommandError(error.sentence, returncode=2) from error
        for each in wrong:
            self.stdout.write(f"{each.kind.upper()}  {each.workspace or 'platform'}  {each.where}: {each.sentence}")
        if wanted is not None and not wrong and wanted not in queries.chains():
            raise CommandError(f"There is no chain of a workspace called {wanted}.", returncode=2)
        if wrong:
            raise CommandError(f"{len(wrong)} findings: the record is not what it was.", returncode=1)

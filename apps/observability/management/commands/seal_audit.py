"""Seal what is not sealed yet and write a signed checkpoint, now; the scheduler does both by itself."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.lib.errors import ProductError
from apps.observability import actions


class Command(BaseCommand):
    """Needs the key that signs checkpoints, FOOTNOTE_AUDIT_KEY."""

    help = "Seal the audit log and write a signed checkpoint of every chain."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="the folder to write to (default: HOME/audit)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal portion by portion, then export."""
        sealed = 0
        while done := actions.seal():
            sealed += done
        try:
            path = actions.export(folder=options["to"] or settings.AUDIT_FOLDER)
        except ProductError as error:
            raise CommandError(error.sentence, returncode=2) from error
        self.stdout.write(f"{sealed} entries sealed; checkpoint {path}")

"""After a new master key was put in front: wrap every credential's key anew, so that the old master can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import schemas, tenancy
from apps.lib.errors import ProductError
from apps.policy.identity import credentials


class Command(BaseCommand):
    """Runs with the gate's environment: nobody else has FOOTNOTE_CREDENTIAL_KEYS."""

    help = "Wrap every workspace's credentials under the first master key; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the workspaces, one after the other."""
        done = 0
        try:
            for schema in schemas.all_schemas():
                with tenancy.in_workspace(schema, gate=True):
                    done += credentials.rewrap()
        except ProductError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{done} credentials wrapped anew")

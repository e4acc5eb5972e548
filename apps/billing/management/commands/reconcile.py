"""Compare our books, the call ledger and Stripe, and print every difference."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import queries as accounts
from apps.billing.actions import reconciling


class Command(BaseCommand):
    help = "Compare our books, the call ledger and Stripe; ends with code 1 where they differ without a reason"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("workspaces", nargs="*", help="addresses of workspaces; all without")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each difference and one that counts them."""
        wrong = 0
        chosen = self._chosen(options["workspaces"])
        for schema in chosen:
            space = accounts.workspace_of_schema(schema)
            for each in reconciling.compare(schema, ask_stripe=bool(settings.STRIPE_SECRET_KEY)):
                name = space.slug if space else schema
                reason = f" ({each.why})" if each.why else ""
                self.stdout.write(f"{name}: {each.what}: {each.ours} here, {each.theirs}{reason}")
                wrong += not each.why
        self.stdout.write(f"{len(chosen)} workspaces compared, {wrong} differences without a reason")
        if wrong:
            raise CommandError("The books differ.")

    def _chosen(self, slugs: list[str]) -> list[str]:
        if not slugs:
            return list(accounts.schemas())
        found = {slug: accounts.workspace_of_slug(slug) for slug in slugs}
        if unknown := [slug for slug, row in found.items() if row is None]:
            raise CommandError(f"There is no workspace {', '.join(unknown)}.")
        return [row.schema for row in found.values() if row]

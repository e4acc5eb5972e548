"""The public site's first content; safe to repeat."""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.blog.actions import ground, seeding


class Command(BaseCommand):
    help = "Make the public site, or what of it is missing; safe to repeat."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--workspace", default="demo", help="whose oldest published report is shown as proof")
        parser.add_argument("--marketer", default="", help="an address that may edit the site")
        parser.add_argument("--password", default="", help="that person's password, where they are new")

    def handle(self, *args: object, **options: str) -> None:
        """Seed, hire, and say what was made."""
        with tenancy.as_platform("the site is seeded"):
            made = seeding.seed(workspace=options["workspace"])
        if options["marketer"]:
            person = workspaces.person(
                email=options["marketer"], name="Mara Marketer", password=options["password"] or None
            )
            with tenancy.as_platform("somebody may edit the site"):
                ground.hire(person=person, group=ground.MODERATORS)
            self.stdout.write(f"{options['marketer']} edits the site at /cms/")
        self.stdout.write(f"{made.made} pages made, {len(made.guides.renewed)} renewed from their guide")
        for path in made.guides.kept:
            self.stdout.write(f"{path} stays as an editor left it; its guide has changed since")
        for path in made.guides.gone:
            self.stdout.write(f"{path} was taken down: its guide has no such section any more")

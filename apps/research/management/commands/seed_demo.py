"""Workspace `demo` with its people and the sample library; safe to repeat."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.research.actions import folders, setup

PASSWORD = "footnote-demo"
SAMPLES = Path(settings.BASE_DIR) / "samples" / "library"


class Command(BaseCommand):
    help = "Make the demonstration's workspaces, people and documents; safe to repeat."

    def handle(self, *args: object, **options: object) -> None:
        """Make what is missing and print who can sign in."""
        demo = setup.workspace(slug="demo", name="Demo", password=PASSWORD)
        workspaces.join(
            by=demo.owner, schema=demo.schema, email="member@demo.example", role="researcher", name="Mika Member",
            password=PASSWORD,
        )  # fmt: skip
        workspaces.person(email="staff@demo.example", name="Stella Staff", password=PASSWORD, staff=True)
        workspaces.person(email="staff2@demo.example", name="Stan Staff", password=PASSWORD, staff=True)
        stranger = workspaces.person(email="stranger@other.example", name="Sam Stranger", password=PASSWORD)
        if accounts.workspace_of_slug("other") is None:
            workspaces.create(by=stranger, name="Other", slug="other")
        with tenancy.in_workspace(demo.schema):
            folders.read(by=demo.owner, folder=SAMPLES, tell=self.stdout.write)
        self.stdout.write(f"sign in with the password {PASSWORD}:")
        for address, what in PEOPLE:
            self.stdout.write(f"  {address:<24} {what}")


PEOPLE = (
    ("owner@demo.example", "owns the workspace “demo”"),
    ("member@demo.example", "a researcher in “demo”"),
    ("stranger@other.example", "owns another workspace, sees nothing of “demo”"),
    ("staff@demo.example", "staff, at /staff/"),
    ("staff2@demo.example", "staff too: some decisions take two"),
)

"""The demonstration's server of tools in workspace `demo`: added, looked at, one tool enabled; safe to repeat."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.policy.registry import servers, switches

NAME, TOOL = "desk", "desk.convert_units"
SECONDS = 30.0


class Command(BaseCommand):
    """Add the server through the gate, as a person would on the page of tools."""

    help = "Add the demonstration's server of tools at an address, wait until the gate has looked, enable one tool."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One address."""
        parser.add_argument("url")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add what is missing; what somebody has switched since stays as it is."""
        demo = accounts.workspace_of_slug("demo")
        if demo is None:
            raise CommandError("There is no workspace “demo”: run seed_demo first.")
        owner = accounts.owner_of(demo.schema)
        with tenancy.in_workspace(demo.schema):
            found = servers.find(name=NAME)
            if found and found.url == options["url"]:
                self.stdout.write(f"{NAME} is there already.")
                return
            if found:  # its port went to somebody else meanwhile
                servers.remove(by=owner, id=found.id)
            servers.add(by=owner, name=NAME, url=options["url"])
            offered = self._await_offer()
            switches.enable(by=owner, name=TOOL, seen=offered)
        self.stdout.write(f"{NAME} was added; {TOOL} is enabled, its other tools are for you to look at.")

    def _await_offer(self) -> str:
        """Return the hash of the tool's definition once the gate has looked. Raises CommandError."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if tool := switches.offered(TOOL):
                return tool.hash
            time.sleep(0.1)
        raise CommandError(f"The gate has not looked at {NAME} within {SECONDS:g} seconds: see its log.")

"""`manage.py eval_monitors`: what the comparison of two versions finds, on our own pairs and on a folder by path."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.monitors.rules import pairs
from apps.monitors.rules.pairs import Measured, Pair

OWN = Path(settings.BASE_DIR) / "samples" / "pairs" / "pairs.yaml"


class Command(BaseCommand):
    """Print how many changed values were found, and how many alerts came where nothing had changed."""

    help = "Measure what monitors find between two versions of a page: our own pairs, and a folder where one is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the paths."""
        parser.add_argument("--pairs", type=Path, metavar="DIR", help="a folder a date, and truth.json beside them")
        parser.add_argument("--own", type=Path, metavar="FILE", default=OWN, help="pairs in our own format")
        parser.add_argument("--verbose", action="store_true", help="list what was missed and what was false")

    def handle(self, *_args: object, **options: Any) -> None:
        """Measure. Raises CommandError for a file that is missing or not of its format."""
        try:
            sets = {"own": load_own(options["own"])}
            if options["pairs"]:
                sets["folder"] = load_folder(options["pairs"])
        except (OSError, ValueError, KeyError, yaml.YAMLError) as error:
            raise CommandError(f"These pairs can't be read: {error}") from error
        for name, found in sets.items():
            self._show(name, pairs.measure(found), verbose=options["verbose"])

    def _show(self, name: str, told: Measured, *, verbose: bool) -> None:
        self.stdout.write(
            f"{name:<8} {told.pairs} pairs: {told.found} of {told.expected} changes found; {len(told.false)} false "
            f"alerts on {told.alike} pairs in which nothing changed; {told.more} further changes on the others"
        )
        for line in [*told.missed, *told.false] if verbose else ():
            self.stdout.write(f"  {line}")


def load_own(path: Path) -> list[Pair]:
    """Read pairs in our own format. Raises OSError, ValueError, KeyError, YAMLError."""
    return pairs.own(yaml.safe_load(path.read_text()))


def load_folder(folder: Path) -> list[Pair]:
    """Read a folder of dates with a page a product. Raises OSError, ValueError, KeyError."""
    truth = json.loads((folder / "truth.json").read_text())
    pages = {(path.parent.name, path.stem): path.read_text() for path in folder.glob("*/*.md")}
    return pairs.releases(truth, pages, sorted({date for date, _product in pages}))

"""The main job from a shell: a question and a folder of documents → report.pdf, .md, .html and .json."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib.errors import ProductError
from apps.library.actions.documents import Rejected
from apps.research.actions import folders, reports, runs, setup
from apps.research.management.follow import Follower
from apps.research.queries.outcomes import outcome


class Command(BaseCommand):
    help = "Research a question over a folder of documents and write the report."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--documents", type=Path, required=True, help="folder with PDF, HTML, Markdown, text, …")
        parser.add_argument("--workspace", default="demo", help="address of the workspace; made where it is missing")
        parser.add_argument("--out", type=Path, default=Path("report"), help="folder for the report (default: report)")
        parser.add_argument("--depth", default="standard", choices=["quick", "standard", "deep"])
        parser.add_argument("--mode", choices=["mock", "live"], default="live" if _has_key() else "mock")
        parser.add_argument("--web", action="store_true", help="live mode: search the web too")
        parser.add_argument("--yes", action="store_true", help="accept the plan and the draft without asking")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON; progress goes to stderr")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the folder, run the question, write the files. Exits: 0 report, 1 failed, 2 bad input, 130 stopped."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # being told to end is being interrupted
        stream = self.stderr if options["json"] else self.stdout

        def say(line: str) -> None:
            stream.write(line)
            stream.flush()  # a pipe would keep the progress to itself

        try:
            answer = self._research(options, say)
        except ProductError as error:
            self._end(options, {"state": "refused", "error": error.code, "sentence": error.sentence}, 2)
        except KeyboardInterrupt:
            self._end(options, {"state": "cancelled", "sentence": "Stopped. No report was written."}, 130)
        else:
            self._end(options, answer, 0 if answer["state"] == "completed" else 1)

    def _research(self, options: dict[str, Any], say: Callable[[str], object]) -> dict[str, Any]:
        out = reports.writable(options["out"])
        row = setup.workspace(slug=options["workspace"])
        with tenancy.in_workspace(row.schema):
            read = folders.read(by=row.owner, folder=options["documents"], tell=say)
            points = () if options["yes"] else ("plan", "publish")
            request = runs.Request(
                question=options["question"], documents=read.versions, depth=options["depth"], mode=options["mode"],
                approval_points=points, web=options["web"],
            )  # fmt: skip
            run = runs.start(by=row.owner, request=request)
            state = Follower(run=run, by=row.owner, say=say, ask=_ask).follow()
            files = reports.write_files(run=run, folder=out) if state == "completed" else {}
            answer = outcome(run) | {"files": files, "rejected": [vars_of(r) for r in read.rejected]}
            if files and "report.pdf" not in files:
                answer["sentence"] += " " + _("Its PDF could not be drawn; the other files are complete.")
            return answer

    def _end(self, options: dict[str, Any], answer: dict[str, Any], code: int) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            for line in lines(answer):
                self.stdout.write(line)
        self.stdout.flush()
        if code:
            sys.exit(code)


def lines(answer: dict[str, Any]) -> list[str]:
    """Say the outcome in a few lines."""
    text = [f"\n{answer['sentence']}"]
    text += [f"  {name:<12} {path}" for name, path in answer.get("files", {}).items()]
    text += [f"  not read     {row['name']}: {row['reason']}" for row in answer.get("rejected", [])]
    return text


def vars_of(row: Rejected) -> dict[str, str]:
    """Return a rejected file as JSON."""
    return {"name": row.name, "code": row.code, "reason": row.reason}


def _ask(question: str) -> bool | None:
    """Ask on the terminal; None where nobody is there to answer."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return None


def _has_key() -> bool:
    return bool(os.environ.get("OPENAI_API_KEY"))

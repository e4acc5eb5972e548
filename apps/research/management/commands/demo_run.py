"""One question of the sample library through the running stack, to a finished report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.views import addresses
from apps.research.actions import reports, runs
from apps.research.management.follow import Follower
from apps.research.queries.outcomes import outcome


class Command(BaseCommand):
    help = "Research the first sample question and print where its report is."

    def handle(self, *args: object, **options: object) -> None:
        """Accept the plan and the draft as the owner would, then print the report's address, file, cost and time."""
        demo = accounts.workspace_of_slug("demo")
        if demo is None:
            raise CommandError("There is no workspace “demo”: run seed_demo first.")
        owner = accounts.owner_of(demo.schema)
        question = json.loads((Path(settings.BASE_DIR) / "samples" / "questions.json").read_text())[0]["question"]
        self.stdout.write(f"Question: {question}")
        with tenancy.in_workspace(demo.schema):
            request = runs.Request(question=question, documents=runs.documents_of())
            run = runs.start(by=owner, request=request)
            state = Follower(run=run, by=owner, say=self.stdout.write, ask=lambda _question: True).follow()
            answer = outcome(run)
            if state != "completed":
                self.stderr.write(answer["sentence"])
                sys.exit(1)
            files = reports.write_files(run=run, folder=reports.writable(settings.HOME / "reports" / run))
        self.stdout.write(f"\n{answer['sentence']}")
        self.stdout.write(f"  page   {addresses.origin('demo')}/research/{run}/report")
        self.stdout.write(f"  PDF    {files['report.pdf']}")
        self.stdout.write(f"  cost   {answer['credits']} credits, {answer['calls']} calls, {answer['seconds']:.1f} s")

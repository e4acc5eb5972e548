"""Follow a run on a terminal: a line an event, questions where a person is needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.lib.errors import Conflict, ProductError
from apps.policy import queries as policy
from apps.research.actions import runs
from apps.runtime import queries as runtime
from apps.runtime import rules
from apps.runtime.queries import EventRow

TEXTS = {
    "plan.made": "planned {sub_questions} sub-questions",
    "search.found": "searched “{query}”: {hits} hits",
    "sources.selected": "kept {kept} sources, dropped {dropped}",
    "source.read": "read {title} ({characters} characters)",
    "source.dropped": "could not use {title}: {reason}",
    "summary.made": "summarised “{sub_question}”: {sentences} sentences",
    "draft.written": "wrote a draft of {sentences} sentences",
    "memory.indexed": "remembered {facts} facts",
    "report.published": "published the report",
    "task.retrying": "{task} is tried again: {sentence}",
    "task.skipped": "{task} was skipped: {sentence}",
    "task.failed": "{task} failed: {sentence}",
}
PAUSE = 0.1


class NobodyAnswers(ProductError):
    """A question was put where there is no terminal."""

    code = "nobody_answers"


@dataclass
class Follower:
    """`ask` puts a yes/no question to the person and returns None where nobody can answer."""

    run: str
    by: int
    say: Callable[[str], object]
    ask: Callable[[str], bool | None]
    seen: int = 0
    began: float = 0.0

    def follow(self) -> str:
        """Show the run until it ends and return its state; Ctrl-C cancels it and is raised again."""
        self.began = time.monotonic()
        try:
            while True:
                state = runtime.run(self.run).state
                for event in runtime.events(self.run, after=self.seen):
                    self._show(event)
                if state in rules.ENDED:
                    return state
                if state == "waiting_approval":
                    self._decide()
                time.sleep(PAUSE)
        except (KeyboardInterrupt, NobodyAnswers):
            self._cancel()
            raise

    def _show(self, event: EventRow) -> None:
        self.seen = event.seq
        if text := TEXTS.get(event.kind):
            words = {"task": event.task, "sentence": "", **event.body}
            self.say(f"{time.monotonic() - self.began:6.1f} s  {text.format_map(words)}")

    def _decide(self) -> None:
        pending = policy.pending_approval(self.run)
        if pending is None:
            return
        self._describe(pending.rule, pending.subject)
        question = "Accept this plan?" if pending.rule == "plan" else "Publish this report?"
        answer = self.ask(question)
        if answer is None:
            raise NobodyAnswers(_("Nobody is there to answer, so the run was cancelled. Add --yes to accept unasked."))
        verdict = "accept" if answer else "reject"
        runs.decide(by=self.by, run=self.run, verdict=verdict, approval=pending.id, reason="at the terminal")

    def _describe(self, rule: str, subject: dict) -> None:
        if rule == "plan":
            for number, sub in enumerate(subject["plan"]["sub_questions"], start=1):
                self.say(f"  {number}. {sub['text']}  ({'; '.join(sub['queries'])})")
        else:
            counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(subject["verdicts"].items()))
            self.say(f"  The draft's sentences: {counts or 'none'}")

    def _cancel(self) -> None:
        try:
            runs.cancel(by=self.by, run=self.run)
        except Conflict:
            self.say("The run had ended already.")

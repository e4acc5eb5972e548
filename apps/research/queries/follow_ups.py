"""The follow-up questions of a run: the page, and the same state as one message of its stream."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import rules as roles
from apps.billing import rules as prices
from apps.library import queries as library
from apps.library.queries import SourceRow
from apps.research import pages
from apps.research.models import FollowUp, Inquiry
from apps.research.queries import documents, notes
from apps.research.queries.documents import Citation, Sentence
from apps.research.queries.run_page import Viewer
from apps.runtime import queries as runtime
from apps.runtime import rules as states
from apps.runtime.queries import RunRow


def page(*, run: str, viewer: Viewer) -> pages.AskPage:
    """Return the page of follow-up questions. Raises NotFound."""
    inquiry = Inquiry.objects.get(pk=run)
    rows = library.sources(run)
    asking, ended = _asking(run, viewer, rows, _states(run))
    return pages.AskPage(
        public_id=run, question=inquiry.question, asking=asking, suggestions=_suggest(run, rows),
        credits=prices.FOLLOW_UP, readable=any(row.kept and row.snapshot for row in rows),
        stream_url="" if ended else f"/live/asks/{run}",
    )  # fmt: skip


def event(*, run: str, viewer: Viewer) -> tuple[int, bool, pages.Asking]:
    """Return (a number that rises with every change, whether all are answered, the conversation) for a stream."""
    states_of = _states(run)
    asking, ended = _asking(run, viewer, library.sources(run), states_of)
    return sum(row.event_seq for row in states_of.values()), ended, asking


def _states(run: str) -> dict[str, RunRow]:
    return runtime.runs(list(FollowUp.objects.filter(run=run).values_list("pk", flat=True)))


def _asking(run: str, viewer: Viewer, rows: list[SourceRow], states_of: dict[str, RunRow]) -> tuple[pages.Asking, bool]:
    # The states were read first: an answer is written before its run ends, so an ended one has its answer here.
    found = list(FollowUp.objects.filter(run=run, pk__in=states_of).order_by("number"))
    people = accounts.names(row.person for row in found)
    numbers: dict[tuple[int, int, int], int] = {}
    marks = notes.Footnotes(documents.sources_body(rows)) if found else None
    shown = []
    for row in found:
        state = _state(row, states_of[row.pk])
        sentences = [_sentence(said, numbers) for said in row.sentences]
        answer = marks.section(f"a{row.number}", "", sentences) if marks else pages.Section("", "")
        error = (states_of[row.pk].error or {}).get("sentence", "") if state == "failed" else ""
        shown.append(
            pages.Asked(row.number, row.question, people.get(row.person, ""), row.created_at, state, answer, error)
        )  # fmt: skip
    ended = all(row.state in states.ENDED for row in states_of.values())
    asking = pages.Asking(run, tuple(shown), _said(shown), roles.may(viewer.role, "research"))
    return asking, ended


def _state(row: FollowUp, run: RunRow) -> str:
    if run.state == "completed":
        return "answered" if row.answered else "silent"
    return "failed" if run.state in states.ENDED else "working"


def _said(rows: list[pages.Asked]) -> str:
    if not rows:
        return ""
    last = rows[-1]
    return {
        "working": _("Reading the sources for your question."), "answered": _("Answered from the sources."),
        "silent": _("The sources do not say this."), "failed": _("The question could not be answered."),
    }[last.state]  # fmt: skip


def _sentence(said: dict, numbers: dict[tuple[int, int, int], int]) -> Sentence:
    citations = []
    for cited in said["citations"]:
        key = (cited["source"], cited["start"], cited["end"])
        first = key not in numbers
        number = numbers.setdefault(key, len(numbers) + 1)
        citations.append(Citation(number, cited["source"], cited["start"], cited["end"], cited["quote"], first))
    why = (said.get(part, "") for part in ("reason", "detail", "working"))
    return Sentence(said["text"], said["verdict"], tuple(citations), *why)


def _suggest(run: str, rows: list[SourceRow]) -> tuple[str, ...]:
    """Three questions that the sources should be able to answer: what they differ on, and what is in them."""
    body = documents.body(run, rows=rows)
    found = [
        _("Which sources say what about %(about)s?") % {"about": each.about}
        for each in (body.disagreements if body else ())
    ]
    cited = {c.source for sentence in (body.sentences if body else ()) for c in sentence.citations}
    found += [
        _("What are the main figures in “%(title)s”?") % {"title": row.title} for row in rows if row.number in cited
    ]
    return tuple(found[:3])

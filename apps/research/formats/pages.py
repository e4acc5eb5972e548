"""What the templates of a report file read: the report as paragraphs, footnotes and sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.encoding import iri_to_uri

from apps.research.formats.typesetting import runs
from apps.research.formats.wording import facts, no_answer
from apps.research.queries.documents import Citation, Disagreement, ReportDocument, Sentence, SourceText
from apps.research.queries.verdicts import why

IN_A_PARAGRAPH = 4
SIDE_BY_SIDE = 3
_ENDED = re.compile(r"""[.!?…:;。！？．؟۔।]["'”’»」』)\]]*\s*$""")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with its footnotes; `label` says why it is not simply sourced."""

    text: str
    label: str
    marks: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What one source says in a disagreement."""

    line: Line
    source: SourceText | None


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: `quote` is the source's text from `start` to `end`, on one line."""

    number: int
    source: SourceText
    start: int
    end: int
    quote: str


def context(report: ReportDocument) -> dict[str, object]:
    """Return what the templates of a report file read."""
    return {
        "report": report,
        "facts": facts(report),
        "no_answer": no_answer(report),
        "summary": paragraphs(report.summary),
        "sections": [(section.heading, paragraphs(section.sentences)) for section in report.sections],
        "disagreements": disagreements(report),
        "notes": notes(report),
        "sources": [(source, address(source)) for source in report.sources],
    }


def paragraphs(sentences: Iterable[Sentence]) -> list[list[Line]]:
    """Return sentences in paragraphs of at most four; the writing direction never changes within one.

    A template gives a paragraph one direction, so a sentence in Arabic among English ones stands by itself. So does
    what ends without a full stop, such as a row of a table.
    """
    found: list[list[Line]] = []
    before: tuple[str, bool] | None = None
    for sentence in sentences:
        manner = (runs.direction(sentence.text), bool(_ENDED.search(sentence.text)))
        if not found or manner != before or not manner[1] or len(found[-1]) == IN_A_PARAGRAPH:
            found.append([])
        found[-1].append(line(sentence))
        before = manner
    return found


def line(sentence: Sentence) -> Line:
    """Return a sentence as the templates read it."""
    return Line(sentence.text, why(sentence), sentence.citations)


def notes(report: ReportDocument) -> list[Note]:
    """Return the report's footnotes in order, each once."""
    sources = {source.number: source for source in report.sources}
    found: dict[int, Note] = {}
    for sentence in report.sentences:
        for c in sentence.citations:
            found.setdefault(c.number, Note(c.number, sources[c.source], c.start, c.end, " ".join(c.quote.split())))
    return [found[number] for number in sorted(found)]


def disagreements(report: ReportDocument) -> list[tuple[str, list[list[Side]]]]:
    """Return what sources disagree about, each with the positions in rows of at most three."""
    sources = {source.number: source for source in report.sources}
    return [(one.about, _sides(one, sources)) for one in report.disagreements]


def address(source: SourceText) -> str:
    """Return the source's URL when a link may lead there, else nothing."""
    return iri_to_uri(source.where) if source.where.lower().startswith(("https://", "http://")) else ""


def _sides(disagreement: Disagreement, sources: dict[int, SourceText]) -> list[list[Side]]:
    sides = [
        Side(line(position), sources.get(position.citations[0].source) if position.citations else None)
        for position in disagreement.positions
    ]
    width = 2 if len(sides) == 4 else SIDE_BY_SIDE
    return [sides[start : start + width] for start in range(0, len(sides), width)]

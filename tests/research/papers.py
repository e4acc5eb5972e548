"""Reports made by hand, for tests of the formats: no database, every shape and script that is wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from apps.policy.queries import Used
from apps.research.queries.documents import Citation, Disagreement, ReportDocument, Section, Sentence, SourceText

MADE = datetime(2026, 11, 22, 9, 47, tzinfo=UTC)


class Paper:
    """Collects texts and cites them: each text is a sentence of a source, quoted in full."""

    def __init__(self, title: str = "How much did the North Loop cost?", question: str = "") -> None:
        self.title, self.question = title, question or title
        self.sources: list[SourceText] = []

    def source(self, title: str, text: str, where: str = "", day: date | None = date(2016, 10, 28)) -> int:
        """Add a source and return its number."""
        number = len(self.sources) + 1
        kind = "web" if where.startswith("http") else "library"
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
        name = where or f"document-{number}.md"
        self.sources.append(SourceText(number, kind, name, title, digest, text, day, MADE, False))
        return number

    def say(self, text: str, *sources: int, quote: str = "", verdict: str = "sourced") -> Sentence:
        """Return a sentence that cites `quote` (or itself) in each source."""
        return Sentence(text, verdict, tuple(self._cite(number, quote or text) for number in sources))

    def _cite(self, source: int, quote: str) -> Citation:
        row = self.sources[source - 1]
        start = row.text.index(quote)
        self.sources[source - 1] = replace(row, cited=True)
        return Citation(0, source, start, start + len(quote), quote)

    def report(
        self,
        summary: Sequence[Sentence] = (),
        sections: Sequence[Section] = (),
        disagreements: Sequence[Disagreement] = (),
        gaps: Sequence[str] = (),
        **more: object,
    ) -> ReportDocument:
        """Return the report of what was said."""
        values = {
            "run": "run_01M81AF0Q7XF2BWZ40S3", "state": "published", "question": self.question, "title": self.title,
            "answered": bool(summary or sections), "asked_by": "Alice", "approved_by": "Bob", "mode": "mock",
            "depth": "standard", "created_at": MADE, "published_at": MADE, "plan": {}, "summary": tuple(summary),
            "sections": tuple(sections), "disagreements": tuple(disagreements), "gaps": tuple(gaps),
            "sources": tuple(self.sources), "dropped": (), "used": Used(9, 7, 0, 0, 0, 0), "credits": 7, "versions": {},
            "reason": "",
        } | more  # fmt: skip
        return _numbered(ReportDocument(**values))  # type: ignore[arg-type]


def _numbered(report: ReportDocument) -> ReportDocument:
    """Return the report with footnotes counted in reading order, as the product counts them."""
    numbers: dict[tuple[int, int, int], int] = {}

    def number(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
        return tuple(replace(one, citations=tuple(count(c) for c in one.citations)) for one in sentences)

    def count(c: Citation) -> Citation:
        key = (c.source, c.start, c.end)
        first = key not in numbers
        return replace(c, number=numbers.setdefault(key, len(numbers) + 1), first=first)

    return replace(
        report,
        summary=number(report.summary),
        sections=tuple(replace(one, sentences=number(one.sentences)) for one in report.sections),
        disagreements=tuple(replace(one, positions=number(one.positions)) for one in report.disagreements),
    )

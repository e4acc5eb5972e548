"""report.html: one file, readable offline, footnotes linked both ways."""

from __future__ import annotations

from django.template.loader import render_to_string

from apps.research.queries.documents import Citation, ReportDocument
from apps.research.formats.wording import VERDICTS, facts, no_answer


def render(report: ReportDocument) -> bytes:
    """Return the report as one HTML file without scripts or outside references."""
    return render_to_string("research/export.html", context(report)).encode()


def context(report: ReportDocument) -> dict:
    """Return what the templates of a report file read: the report, its facts, footnotes and sources."""
    notes: dict[int, Citation] = {}
    for sentence in report.sentences:
        for citation in sentence.citations:
            notes.setdefault(citation.number, citation)
    titles = {source.number: source for source in report.sources}
    return {
        "report": report,
        "facts": facts(report),
        "no_answer": no_answer(report),
        "verdicts": VERDICTS,
        "notes": [
            {"number": number, "source": titles[c.source], "quote": " ".join(c.quote.split())}
            for number, c in sorted(notes.items())
        ],
    }

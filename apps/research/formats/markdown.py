"""report.md: headings, sentences with numbered footnotes, disagreements, sources with hashes."""

from __future__ import annotations

import re

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.research.formats.wording import VERDICTS, facts, no_answer
from apps.research.queries.documents import ReportDocument, Sentence

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


def render(report: ReportDocument) -> bytes:
    """Return the report as UTF-8 Markdown with footnotes ([^1])."""
    lines = [f"# {escape(report.title)}", "", *[f"- {label}: {escape(value)}" for label, value in facts(report)], ""]
    if not report.answered:
        lines += [no_answer(report), ""]
    if report.summary:
        lines += [f"## {_('Summary')}", "", _paragraph(report.summary), ""]
    for section in report.sections:
        lines += [f"## {escape(section.heading)}", "", _paragraph(section.sentences), ""]
    lines += _disagreements(report)
    if report.answered and report.gaps:
        lines += [f"## {_('Not answered')}", "", *[f"- {escape(gap)}" for gap in report.gaps], ""]
    lines += _sources(report) + _footnotes(report)
    return ("\n".join(lines).rstrip() + "\n").encode(errors="replace")


def _paragraph(sentences: tuple[Sentence, ...]) -> str:
    return " ".join(_sentence(sentence) for sentence in sentences)


def _sentence(sentence: Sentence) -> str:
    marks = "".join(f"[^{citation.number}]" for citation in sentence.citations)
    label = "" if sentence.verdict == "sourced" else f" *({VERDICTS[sentence.verdict]})*"
    return f"{escape(sentence.text)}{marks}{label}"


def _disagreements(report: ReportDocument) -> list[str]:
    if not report.disagreements:
        return []
    lines = [f"## {_('Sources disagree')}", ""]
    for disagreement in report.disagreements:
        lines += [f"**{escape(disagreement.about)}**", ""]
        lines += [f"- {_sentence(position)}" for position in disagreement.positions]
        lines.append("")
    return lines


def _sources(report: ReportDocument) -> list[str]:
    lines = [f"## {_('Sources')}", ""]
    for source in report.sources:
        dated = f", {date_format(source.published_date, 'Y-m-d')}" if source.published_date else ""
        lines.append(f"{source.number}. {escape(source.title)} ({escape(source.where)}{dated}), sha256 `{source.sha256}`")
    return [*lines, ""]


def _footnotes(report: ReportDocument) -> list[str]:
    titles = {source.number: source.title for source in report.sources}
    seen: dict[int, str] = {}
    for sentence in report.sentences:
        for c in sentence.citations:
            quote = " ".join(c.quote.split())
            seen.setdefault(c.number, f"[^{c.number}]: {c.source}. {escape(titles.get(c.source, ''))}: “{escape(quote)}”")
    return [seen[number] for number in sorted(seen)]


def escape(text: str) -> str:
    """Keep text from reading as Markdown or HTML.

    >>> escape("a*b <script>")
    'a\\\\*b \\\\<script\\\\>'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))

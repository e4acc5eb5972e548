"""report.md: headings, sentences with numbered footnotes, disagreements, sources with hashes."""

from __future__ import annotations

import re

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.lib import lists
from apps.research.formats import pages
from apps.research.formats.pages import Line, Side
from apps.research.formats.typesetting.runs import disarm
from apps.research.formats.wording import facts, no_answer
from apps.research.queries.documents import ReportDocument, SourceText

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$])")
_OPENING = re.compile(r"^(?:([-+=:])|(\d+)([.)]))")


def render(report: ReportDocument) -> bytes:
    """Return the report as UTF-8 Markdown with footnotes ([^1])."""
    lines = [f"# {escape(report.title)}", "", *[f"- {label}: {escape(value)}" for label, value in facts(report)], ""]
    if report.state != "published":
        lines += [f"*{_('Draft')}*", ""]
    return _encoded([*lines, *_said(report)])


def plain(report: ReportDocument) -> str:
    """Return what the report says as Markdown, without how it came about: the same text before and after it is out."""
    made = date_format(report.created_at, "Y-m-d")
    head = ["---", f"date: {made}", "---", "", f"# {escape(report.title)}", ""]
    asked = [f"- {_('Question')}: {escape(report.question)}", ""] if report.question != report.title else []
    return _encoded([*head, *asked, *_said(report)]).decode()


def _encoded(lines: list[str]) -> bytes:
    return ("\n".join(lines).rstrip() + "\n").encode()


def _said(report: ReportDocument) -> list[str]:
    lines = []
    if not report.answered:
        lines += [escape(no_answer(report)), ""]
    if report.summary:
        lines += [f"## {_('Summary')}", "", *_paragraphs(pages.paragraphs(report.summary))]
    for section in report.sections:
        lines += [f"## {escape(section.heading)}", "", *_paragraphs(pages.paragraphs(section.sentences))]
    lines += _disagreements(report)
    if report.answered and report.gaps:
        lines += [f"## {_('Not answered')}", "", *[f"- {escape(gap)}" for gap in report.gaps], ""]
    return [*lines, *_sources(report), *_footnotes(report)]


def escape(text: str) -> str:
    r"""Keep text from reading as Markdown or HTML, wherever it stands.

    >>> escape("a*b <script> &lt;"), escape("1. One")
    ('a\\*b \\<script\\> &amp;lt;', '1\\. One')
    """
    text = _SPECIAL.sub(r"\\\1", " ".join(disarm(text).split()).replace("&", "&amp;"))
    return _OPENING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", text)


def _paragraphs(paragraphs: list[list[Line]]) -> list[str]:
    return [part for lines in paragraphs for part in (" ".join(_sentence(line) for line in lines), "")]


def _sentence(line: Line) -> str:
    marks = "".join(f"[^{mark.number}]" for mark in line.marks)
    return f"{escape(line.text)}{marks}" + (f" *({line.label})*" if line.label else "")


def _disagreements(report: ReportDocument) -> list[str]:
    found = pages.disagreements(report)
    lines = [f"## {_('Sources disagree')}", ""] if found else []
    for about, rows in found:
        lines += [f"**{escape(about)}**", "", *[f"- {_side(side)}" for row in rows for side in row], ""]
    return lines


def _side(side: Side) -> str:
    named = [escape(side.source.title), *_dated(side.source)] if side.source else []
    return f"{_sentence(side.line)} ({lists.join(named)})" if named else _sentence(side.line)


def _sources(report: ReportDocument) -> list[str]:
    lines = [f"## {_('Sources')}", ""]
    for source in report.sources:
        about = lists.join([escape(source.where), *_dated(source), *([] if source.cited else [_("not cited")])])
        lines.append(f"{source.number}. {escape(source.title)} ({about}), sha256 `{source.sha256}`")
    return [*lines, ""]


def _dated(source: SourceText) -> list[str]:
    return [date_format(source.published_date, "Y-m-d")] if source.published_date else []


def _footnotes(report: ReportDocument) -> list[str]:
    return [
        f"[^{note.number}]: {escape(f'{note.source.title} [{note.source.number}]')}: “{escape(note.quote)}”"
        for note in pages.notes(report)
    ]

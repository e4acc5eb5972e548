"""report.json: docs/report.schema.json says what it holds. Same question and documents give the same bytes,
times and ids apart."""

from __future__ import annotations

import json
from typing import Any

from apps.research.queries.documents import ReportDocument, Sentence

FORMAT = "footnote-report/1"


def render(report: ReportDocument) -> bytes:
    """Return the report as indented UTF-8 JSON."""
    return (json.dumps(as_json(report), ensure_ascii=False, indent=2) + "\n").encode(errors="replace")


def as_json(report: ReportDocument) -> dict[str, Any]:
    """Return the report as a JSON value."""
    return {
        "format": FORMAT,
        "run": report.run,
        "state": report.state,
        "question": report.question,
        "title": report.title,
        "answered": report.answered,
        "mode": report.mode,
        "depth": report.depth,
        "created_at": report.created_at.isoformat(),
        "published_at": report.published_at.isoformat() if report.published_at else None,
        "asked_by": report.asked_by,
        "approved_by": report.approved_by,
        "plan": report.plan,
        "sentences": _sentences(report),
        "gaps": list(report.gaps),
        "sources": _sources(report),
        "dropped": [
            {"where": row.where, "title": row.title, "reason": row.reason}
            for row in report.dropped
        ],
        "costs": {
            "credits": report.credits, "micro_dollars": report.used.micro_dollars, "calls": report.used.calls,
            "input_tokens": report.used.input_tokens, "output_tokens": report.used.output_tokens,
        },
        "versions": report.versions,
    }  # fmt: skip


def _sentences(report: ReportDocument) -> list[dict[str, Any]]:
    rows = [_sentence("summary", "", s) for s in report.summary]
    for section in report.sections:
        rows += [_sentence("section", section.heading, s) for s in section.sentences]
    for disagreement in report.disagreements:
        rows += [_sentence("disagreement", disagreement.about, s) for s in disagreement.positions]
    return rows


def _sentence(part: str, heading: str, sentence: Sentence) -> dict[str, Any]:
    return {
        "part": part,
        "heading": heading,
        "text": sentence.text,
        "verdict": sentence.verdict,
        "reason": sentence.reason,
        "detail": sentence.detail,
        "working": sentence.working,
        "citations": [
            {"footnote": c.number, "source": c.source, "start": c.start, "end": c.end, "quote": c.quote}
            for c in sentence.citations
        ],
    }


def _sources(report: ReportDocument) -> list[dict[str, Any]]:
    return [
        {
            "number": s.number, "kind": s.kind, "where": s.where, "title": s.title, "sha256": s.sha256,
            "published_date": s.published_date.isoformat() if s.published_date else None,
            "fetched_at": s.fetched_at.isoformat() if s.fetched_at else None, "cited": s.cited, "text": s.text,
        }
        for s in report.sources
    ]  # fmt: skip

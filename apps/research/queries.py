"""Page-shaped reads of research."""

from __future__ import annotations

from typing import Any

from apps.policy import queries as policy
from apps.research.models import Report
from apps.runtime import queries as runtime

SENTENCES = {
    "completed": "The report is ready.",
    "rejected": "The run was rejected. What it had not spent was released.",
    "cancelled": "The run was cancelled. What it had not spent was released.",
    "failed": "The run failed. What it had not spent was released.",
    "expired": "Nobody decided in time. What the run had not spent was released.",
}


def outcome(run: str) -> dict[str, Any]:
    """Return how a run ended, as JSON: state, sentence, costs and seconds."""
    row = runtime.run(run)
    report = Report.objects.filter(pk=run).first()
    used = policy.used(run)
    sentence = SENTENCES.get(row.state, row.state)
    if row.state == "completed" and report and not report.answered:
        sentence = "The documents do not answer this question; the report says so."
    if row.state == "failed" and row.error:
        sentence = f"{sentence} {row.error.get('sentence', '')}"
    seconds = (row.ended_at - row.created_at).total_seconds() if row.ended_at else None
    return {
        "run": run, "state": row.state, "sentence": sentence, "answered": bool(report and report.answered),
        "credits": used.credits, "micro_dollars": used.micro_dollars, "calls": used.calls, "seconds": seconds,
    }  # fmt: skip

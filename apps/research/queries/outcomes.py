"""How a run ended, for the command line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.policy import queries as policy
from apps.research.models import Report
from apps.runtime import queries as runtime


def outcome(run: str) -> dict[str, Any]:
    """Return how a run ended, as JSON: state, sentence, costs and seconds."""
    row = runtime.run(run)
    report = Report.objects.filter(pk=run).first()
    used = policy.used(run)
    seconds = (row.ended_at - row.created_at).total_seconds() if row.ended_at else None
    return {
        "run": run, "state": row.state, "sentence": _sentence(row, report),
        "answered": bool(report and report.answered), "credits": used.credits, "micro_dollars": used.micro_dollars,
        "calls": used.calls, "seconds": seconds,
    }  # fmt: skip


def _sentence(row: runtime.RunRow, report: Report | None) -> str:
    sentences = {
        "completed": _("The report is ready."),
        "rejected": _("The run was rejected. What it had not spent was released."),
        "cancelled": _("The run was cancelled. What it had not spent was released."),
        "failed": _("The run failed. What it had not spent was released."),
        "expired": _("Nobody decided in time. What the run had not spent was released."),
    }
    if row.state == "completed" and report and not report.answered:
        return _("The documents do not answer this question; the report says so.")
    sentence = sentences.get(row.state, row.state)
    return f"{sentence} {row.error.get('sentence', '')}".strip() if row.state == "failed" and row.error else sentence

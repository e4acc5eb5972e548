"""report.html: one file, readable offline, footnotes linked both ways."""

from __future__ import annotations

from django.template.loader import render_to_string

from apps.research.formats.pages import context
from apps.research.formats.typesetting.runs import disarm
from apps.research.queries.documents import ReportDocument


def render(report: ReportDocument) -> bytes:
    """Return the report as one HTML file without scripts or outside references."""
    return disarm(render_to_string("research/export.html", context(report))).encode()

"""Words that every format of a report shares."""

from __future__ import annotations

from collections import Counter

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.lib import lists
from apps.research.queries.documents import ReportDocument

VERDICTS = {
    "sourced": gettext_lazy("sourced"),
    "calculated": gettext_lazy("calculated"),
    "inferred": gettext_lazy("inferred"),
    "unsupported": gettext_lazy("unsupported"),
    "contradicted": gettext_lazy("contradicted"),
}


def facts(report: ReportDocument) -> list[tuple[str, str]]:
    """Return the report's facts as pairs of label and value."""
    made = report.published_at or report.created_at
    rows = [
        (_("Question"), report.question if report.question != report.title else ""),
        (_("Date"), date_format(made, "Y-m-d H:i") + " UTC"),
        (_("Asked by"), report.asked_by),
        (_("Approved by"), report.approved_by),
        (_("Sources"), _("%(cited)d cited of %(read)d read") % _counts(report)),
        (_("Sentences"), _verdicts(report)),
        (_("Cost"), _cost(report)),
        (_("Mode"), _("mock: extracted by rules, no model") if report.mode == "mock" else _("live")),
    ]
    return [(label, value) for label, value in rows if value]


def _verdicts(report: ReportDocument) -> str:
    """Return "16: 15 sourced, 1 calculated"; nothing when there is no sentence."""
    counts = Counter(sentence.verdict for sentence in report.sentences)
    parts = [_counted(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]
    return f"{counts.total()}: {lists.join(parts)}" if parts else ""


def _counted(verdict: str, count: int) -> str:
    texts = {
        "sourced": ngettext("%(count)d sourced", "%(count)d sourced", count),
        "calculated": ngettext("%(count)d calculated", "%(count)d calculated", count),
        "inferred": ngettext("%(count)d inferred", "%(count)d inferred", count),
        "unsupported": ngettext("%(count)d unsupported", "%(count)d unsupported", count),
        "contradicted": ngettext("%(count)d contradicted", "%(count)d contradicted", count),
    }
    return texts[verdict] % {"count": count}


def _cost(report: ReportDocument) -> str:
    credits = ngettext("%(count)d credit", "%(count)d credits", report.credits) % {"count": report.credits}
    calls = ngettext("%(count)d call", "%(count)d calls", report.used.calls) % {"count": report.used.calls}
    return lists.join((credits, calls))


def _counts(report: ReportDocument) -> dict[str, int]:
    return {"cited": sum(source.cited for source in report.sources), "read": len(report.sources)}


def no_answer(report: ReportDocument) -> str:
    """Say that the sources hold no answer."""
    count = len(report.sources)
    if not count:
        return _("No source was read, so nothing answers this question.")
    return ngettext(
        "The one source that was read does not answer this question.",
        "The %(count)d sources that were read do not answer this question.",
        count,
    ) % {"count": count}

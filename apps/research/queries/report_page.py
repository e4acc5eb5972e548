"""The report as a page, and its sources."""

from __future__ import annotations

from collections import Counter

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.lib.errors import NotFound
from apps.library import queries as library
from apps.research import pages, rules
from apps.research.models import Inquiry, Rating, Report
from apps.research.queries import documents, notes
from apps.research.queries.documents import ReportDocument, Sentence, SourceText
from apps.runtime import queries as runtime
from apps.runtime import rules as states


def page(*, run: str, reader: int | None = None) -> pages.ReportPage:
    """Return a published report, with the opinions of a member who reads it.

    Raises NotFound for a draft too (it is on the run's page), and for a report that was withdrawn.
    """
    report = documents.load(run)
    if report.state == "withdrawn":
        raise NotFound(_("This report was withdrawn: %(reason)s") % {"reason": report.reason})
    if report.state != "published" or report.published_at is None:
        raise NotFound(_("This run has no published report yet."))
    opinions = (
        None if reader is None else dict(Rating.objects.filter(run=run, person=reader).values_list("claim", "value"))
    )
    marks = notes.Footnotes(report, ratings=opinions)
    cited = Counter(c.source for sentence in report.sentences for c in sentence.citations)
    return pages.ReportPage(
        public_id=run, question=report.question, title=report.title, published_at=report.published_at,
        by=report.asked_by, credits=report.credits, sentences=len(report.sentences),
        sourced=sum(s.verdict == "sourced" for s in report.sentences),
        summary=marks.section("summary", _("Summary"), report.summary),
        sections=tuple(
            marks.section(f"s{n}", section.heading, section.sentences) for n, section in enumerate(report.sections)
        ),
        disagreements=tuple(_disagreement(d, report, marks) for d in report.disagreements),
        unanswered=tuple(pages.Unanswered(gap, _reason(report)) for gap in report.gaps),
        sources=tuple(_source(source, cited[source.number]) for source in report.sources),
        downloads=_downloads(run) if reader is not None else (), mode=report.mode, approved_by=report.approved_by,
        may_rate=reader is not None,
        rated=(opinions or {}).get(None, 0),
    )  # fmt: skip


def _reason(report: ReportDocument) -> str:
    count = len(report.sources)
    return ngettext(
        "The one source that was read does not say it.", "None of the %(n)d sources that were read says it.", count
    ) % {"n": count}


def _downloads(run: str) -> tuple[pages.Download, ...]:
    rows = (("PDF", "report_pdf", "download"), ("Markdown", "report_md", "file-text"),
            ("HTML", "report_html", "file-code"), ("JSON", "report_json", "braces"),
            (_("Proof"), "proof", "shield-check"))  # fmt: skip
    return tuple(pages.Download(label, reverse(f"research:{name}", args=[run]), icon) for label, name, icon in rows)


def _disagreement(
    found: documents.Disagreement, report: ReportDocument, marks: notes.Footnotes
) -> pages.Disagreement:  # fmt: skip
    texts = [position.text for position in found.positions]
    sides = [
        _side(position, rules.telling(position.text, texts[:n] + texts[n + 1 :]), marks)
        for n, position in enumerate(found.positions)
    ]  # fmt: skip
    return pages.Disagreement(found.about, tuple(sides))


def _side(position: Sentence, value: str, marks: notes.Footnotes) -> pages.Side:
    claim, _notes = marks.claim("side", position)
    source = marks.sources.get(position.citations[0].source) if position.citations else None
    return pages.Side(
        value=value, text=position.text, source=source.title if source else "",
        mark=claim.marks[0] if claim.marks else pages.Mark(0),
        published=date_format(source.published_date, _("j M Y")) if source and source.published_date else "",
    )  # fmt: skip


def _source(source: SourceText, cited: int) -> pages.SourceRow:
    return pages.SourceRow(
        public_id=str(source.number), title=source.title, where=source.where,
        url=source.where if source.kind == "web" else "",
        published=date_format(source.published_date, _("j M Y")) if source.published_date else "",
        fetched_at=source.fetched_at, sha256=source.sha256, cited=cited,
    )  # fmt: skip


def sources(*, run: str, show: str) -> pages.SourcesPage:
    """Return the sources of a run, kept and dropped, each with its reason. Raises NotFound."""
    inquiry = Inquiry.objects.filter(pk=run).first()
    if inquiry is None:
        raise NotFound(_("There is no such run."))
    found = library.sources(run)
    quotes = _first_quotes(run, found)
    rows = [_row(row, quotes.get(row.number)) for row in found]
    kept = {row.number for row in found if row.kept}
    return pages.SourcesPage(
        public_id=run, question=inquiry.question, show="dropped" if show == "dropped" else "kept",
        kept=tuple(row for row in rows if int(row.public_id) in kept),
        dropped=tuple(row for row in rows if int(row.public_id) not in kept),
    )  # fmt: skip


def _first_quotes(run: str, rows: list[library.SourceRow]) -> dict[int, tuple[str, str, str, int]]:
    """Source → (before, quote, after, how often it is cited)."""
    report = documents.body(run, rows=rows)
    if report is None:
        return {}
    texts = {source.number: source.text for source in report.sources}
    cited = Counter(c.source for s in report.sentences for c in s.citations)
    found: dict[int, tuple[str, str, str, int]] = {}
    for sentence in report.sentences:
        for c in sentence.citations:
            if c.source not in found and c.source in texts:
                before, after = notes.around(texts[c.source], c.start, c.end)
                found[c.source] = (before, c.quote, after, cited[c.source])
    return found


def _row(row: library.SourceRow, quote: tuple[str, str, str, int] | None) -> pages.SourceRow:
    before, text, after, cited = quote or ("", "", "", 0)
    reason = row.reason
    if row.kept and not reason:
        reason = _("Cited in the report.") if cited else _("Read; no sentence of the report needed it.")
        if row.snapshot is None:
            reason = _("Chosen, not read yet.")
    return pages.SourceRow(
        public_id=str(row.number), title=row.title,
        where=row.where,
        url=row.ref if row.kind == "web" else "", reason=reason, before=before, quote=text, after=after,
        published=date_format(row.published_date, _("j M Y")) if row.published_date else "",
        fetched_at=row.fetched_at, sha256=row.sha256, cited=cited, stored=bool(row.snapshot),
    )  # fmt: skip


def proof(*, run: str) -> pages.ProofPage:
    """Return how far the proof bundle of a run is."""
    report = Report.objects.filter(run=run, state="published").first()
    question = Inquiry.objects.values_list("question", flat=True).get(pk=run)
    made = runtime.runs([f"{run}.proof"]).get(f"{run}.proof") if report else None
    if report is None or made is None:
        return pages.ProofPage(run, question, report is not None, "none")
    if report.proof:
        return pages.ProofPage(run, question, True, "ready", size=report.proof_size, sha256=report.proof)
    error = str((made.error or {}).get("sentence", ""))
    return pages.ProofPage(run, question, True, "failed" if made.state in states.ENDED else "working", error)

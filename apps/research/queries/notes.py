"""Footnotes: of sentences, costs and versions; and the sentences that carry them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.policy.queries import CallRow
from apps.research import pages
from apps.research.queries import verdicts
from apps.research.queries.documents import Body, Citation, Sentence, SourceText

CONTEXT = 120


def cost(calls: Sequence[CallRow], *, number: int) -> pages.Note:
    """How the credits of a run were counted, tool by tool."""
    totals: Counter[str] = Counter()
    for call in calls:
        if call.state == "done":
            totals[call.tool] += call.credits
    names = {
        "model_complete": _("Model"), "library_search": pgettext("noun", "Search"), "web_search": _("Web search"),
        "library_read": _("Documents read"), "web_fetch": _("Pages read"), "model_embed": _("Vectors"),
    }  # fmt: skip
    pairs = tuple(pages.Pair(names.get(tool, tool), str(n)) for tool, n in totals.most_common() if n)
    text = _("Each call has a line in the ledger; one that is repeated after a crash is found there and costs nothing.")
    used = sum(totals.values())
    title = ngettext("How %(credits)d credit was counted", "How %(credits)d credits were counted", used)
    return pages.Note(number=number, title=title % {"credits": used}, text=text, pairs=pairs)


def version(versions: dict, *, number: int) -> pages.Note:
    """Which agent version and prompts made a run."""
    pairs = [pages.Pair(_("Agent"), str(versions.get("agent", "")), mono=True)]
    pairs += [pages.Pair(_("Prompt") + f" {name}", sha, mono=True) for name, sha in versions.get("prompts", {}).items()]
    return pages.Note(number=number, title=_("What this run was made with"), pairs=tuple(pairs))


class Footnotes:
    """Numbers the marks of sentences from `after` on and writes each note once."""

    def __init__(self, report: Body, *, after: int = 0, ratings: Mapping[int | None, int] | None = None) -> None:
        # A sentence can be rated where the reader's opinions so far are given.
        self.places = {id(sentence): n for n, sentence in enumerate(report.sentences)} if ratings is not None else {}
        self.ratings = ratings or {}
        self.sources = {source.number: source for source in report.sources}
        self.after = after
        self.noted: set[int] = set()

    def claim(self, key: str, sentence: Sentence) -> tuple[pages.Claim, list[pages.Note]]:
        """Return a sentence with its marks, and the notes that appear here for the first time."""
        marks, notes = [], []
        for citation in sentence.citations:
            source = self.sources.get(citation.source)
            number = citation.number + self.after
            first = number not in self.noted
            marks.append(pages.Mark(number, source.title if source else "", first))
            if first and source:
                self.noted.add(number)
                place = self.places.get(id(sentence))
                made = note(number, citation, source, sentence.verdict)
                notes.append(replace(made, claim=place, rated=self.ratings.get(place, 0) if place is not None else 0))
        return pages.Claim(key, sentence.text, sentence.verdict, tuple(marks), why=verdicts.why(sentence)), notes

    def section(self, key: str, title: str, sentences: Sequence[Sentence]) -> pages.Section:
        """Return a section with the notes that stand beside it."""
        claims, notes = [], []
        for index, sentence in enumerate(sentences):
            claim, own = self.claim(f"{key}-{index}", sentence)
            claims.append(claim)
            notes += own
        return pages.Section(key, title, tuple(claims), tuple(notes))


def note(number: int, citation: Citation, source: SourceText, verdict: str) -> pages.Note:
    """The note of a cited span: the quote in its context, where it stands, when it was read, its hash."""
    before, after = around(source.text, citation.start, citation.end)
    pairs = [
        pages.Pair(_("Source"), source.where),
        pages.Pair(pgettext("range", "Characters"), f"{citation.start}–{citation.end}"),
    ]
    if source.published_date:
        pairs.append(pages.Pair(_("Published"), date_format(source.published_date, _("j M Y"))))
    if source.fetched_at:
        pairs.append(pages.Pair(_("Read"), date_format(localtime(source.fetched_at), _("j M Y, H:i"))))
    pairs.append(pages.Pair("sha256", source.sha256[:12], mono=True))
    return pages.Note(
        number=number, title=source.title, before=before, quote=citation.quote, after=after, verdict=verdict,
        pairs=tuple(pairs), url=source.where if source.kind == "web" else "",
        url_label=_("Open the page") if source.kind == "web" else "",
    )  # fmt: skip


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a span, cut at words."""
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:
        before = before.partition(" ")[2]
    if end + CONTEXT < len(text):
        after = after.rpartition(" ")[0]
    return " ".join(before.split()), " ".join(after.split())

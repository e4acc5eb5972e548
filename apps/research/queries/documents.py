"""A finished report as one value: what every format is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.lib.errors import NotFound
from apps.library import queries as library
from apps.policy import queries as policy
from apps.policy.queries import Used
from apps.research.models import Claim, Inquiry, Report
from apps.runtime import queries as runtime

SUMMARY, DISAGREEMENT = -1, -2


@dataclass(frozen=True, slots=True)
class Citation:
    """`text_of_source[start:end] == quote`; `number` is the footnote, counted through the report.

    first: the place in the text where the footnote stands for the first time.
    """

    number: int
    source: int
    start: int
    end: int
    quote: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its verdict: sourced, calculated, inferred, unsupported or contradicted.

    reason: why it is doubted (`memory.grounding.verdicts`), by the words in `detail`. working: its arithmetic.
    """

    text: str
    verdict: str
    citations: tuple[Citation, ...]
    reason: str = ""
    detail: str = ""
    working: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What sources say differently, side by side, newest first."""

    about: str
    positions: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source that was kept and read. `where` is a file name or a URL."""

    number: int
    kind: str
    where: str
    title: str
    sha256: str
    text: str
    published_date: date | None
    fetched_at: datetime | None
    cited: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What a report says and rests on. `state` is draft, published or withdrawn (then `reason` says why)."""

    state: str
    title: str
    answered: bool
    created_at: datetime
    published_at: datetime | None
    summary: tuple[Sentence, ...]
    sections: tuple[Section, ...]
    disagreements: tuple[Disagreement, ...]
    gaps: tuple[str, ...]
    sources: tuple[SourceText, ...]
    dropped: tuple[library.SourceRow, ...]
    reason: str

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence in reading order."""
        body = [s for section in self.sections for s in section.sentences]
        return (*self.summary, *body, *(p for d in self.disagreements for p in d.positions))


@dataclass(frozen=True, slots=True)
class ReportDocument(Body):
    """A report with how it came about: everything there is to know. `credits` is what the run was charged."""

    run: str
    question: str
    asked_by: str
    approved_by: str
    mode: str
    depth: str
    plan: dict[str, Any]
    used: Used
    credits: int
    versions: dict[str, Any]


def body(run: str, *, rows: Sequence[library.SourceRow]) -> Body | None:
    """Assemble what a run's report says, a draft too, from its sources; None before there is one."""
    report = Report.objects.filter(pk=run).first()
    if report is None:
        return None
    numbered = _Numbering()
    claims = list(report.claims.prefetch_related("citations").order_by("section", "position"))
    summary = tuple(numbered.sentence(claim) for claim in claims if claim.section == SUMMARY)
    sections = tuple(
        Section(heading, tuple(numbered.sentence(claim) for claim in claims if claim.section == index))
        for index, heading in enumerate(report.headings)
    )
    disagreements = _disagreements(claims, numbered)
    return Body(
        state=report.state, title=report.title, answered=report.answered, created_at=report.created_at,
        published_at=report.published_at, summary=summary, sections=sections, disagreements=disagreements,
        gaps=tuple(report.gaps),
        sources=tuple(_source(row, numbered.cited) for row in rows if row.kept and row.snapshot),
        dropped=tuple(row for row in rows if not row.kept), reason=report.reason,
    )  # fmt: skip


def sources_body(rows: Sequence[library.SourceRow]) -> Body:
    """Return a body that says nothing yet: the sources that notes quote from."""
    found = tuple(_source(row, set()) for row in rows if row.kept and row.snapshot)
    return Body("", "", False, datetime.min, None, (), (), (), (), found, (), "")


def load(run: str) -> ReportDocument:
    """Assemble the report of a run, a draft too. Raises NotFound."""
    inquiry = Inquiry.objects.filter(pk=run).first()
    found = body(run, rows=library.sources(run)) if inquiry else None
    if inquiry is None or found is None:
        raise NotFound(_("This run has no report."))
    approval = next((a for a in policy.approvals(run=run, state="accepted") if a.rule == "publish"), None)
    decided_by = approval.decided_by if approval else None
    people = accounts.names(filter(None, [inquiry.owner, decided_by]))
    return ReportDocument(
        **{field.name: getattr(found, field.name) for field in fields(found)},
        run=run, question=inquiry.question, asked_by=people.get(inquiry.owner, ""),
        approved_by=people.get(decided_by, "") if decided_by else "", mode=inquiry.mode, depth=inquiry.depth,
        plan=plan_of(run), used=policy.used(run),
        credits=sum(line.credits for line in billing.ledger(tenancy.current(), run=run) if line.kind == "charge"),
        versions=inquiry.versions | {"workflow": runtime.run(run).version, "models": policy.models_of(run)},
    )  # fmt: skip


def plan_of(run: str) -> dict[str, Any]:
    """Return the plan that a run works by: as a person changed it, or as it was made; empty before there is one."""
    accepted = runtime.output(run=run, key="accept") or {}
    return accepted.get("plan") or runtime.output(run=run, key="plan") or {}


class _Numbering:
    """Footnotes are counted through the report: the same span keeps its number."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, int, int], int] = {}
        self.cited: set[int] = set()

    def sentence(self, claim: Claim) -> Sentence:
        citations = []
        for row in sorted(claim.citations.all(), key=lambda c: c.position):
            key = (row.source, row.start, row.end)
            first = key not in self.numbers
            number = self.numbers.setdefault(key, len(self.numbers) + 1)
            self.cited.add(row.source)
            citations.append(Citation(number, row.source, row.start, row.end, row.quote, first))
        return Sentence(claim.text, claim.verdict, tuple(citations), claim.reason, claim.detail, claim.working)


def _disagreements(claims: list[Claim], numbered: _Numbering) -> tuple[Disagreement, ...]:
    grouped: dict[str, list[Sentence]] = {}
    for claim in claims:
        if claim.section == DISAGREEMENT:
            grouped.setdefault(claim.about, []).append(numbered.sentence(claim))
    return tuple(Disagreement(about, tuple(positions)) for about, positions in grouped.items())


def _source(row: library.SourceRow, cited: set[int]) -> SourceText:
    return SourceText(
        row.number, row.kind, row.where, row.title, row.sha256, library.stored_text(row.text_sha256),
        row.published_date, row.fetched_at, row.number in cited,
    )  # fmt: skip

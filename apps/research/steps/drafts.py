"""Write the draft of a report, and publish it; both inside a completing transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from apps.lib import clock
from apps.library.actions import reports
from apps.memory import actions as memory
from apps.memory.grounding.verdicts import GOOD, Verdict
from apps.research.models import Citation, Claim, Inquiry, Report
from apps.research.steps.contracts import Cited


@dataclass(frozen=True, slots=True)
class DraftClaim:
    """A sentence at its place, with its verdict and spans."""

    section: int
    about: str
    text: str
    verdict: Verdict
    citations: Sequence[Cited]


def write(
    *, run: str, title: str, headings: Sequence[str], gaps: Sequence[str], answered: bool,
    claims: Sequence[DraftClaim],
) -> None:  # fmt: skip
    """Replace the draft of a run. Runs inside the completing transaction."""
    Report.objects.filter(run=run).delete()
    report = Report.objects.create(
        run=run, title=title[:300], headings=list(headings), gaps=list(gaps), answered=answered, created_at=clock.now()
    )
    places: Counter[int] = Counter()
    rows = []
    for claim in claims:
        rows.append(
            Claim(
                report=report, section=claim.section, position=places[claim.section], about=claim.about,
                text=claim.text, verdict=claim.verdict.verdict, reason=claim.verdict.reason,
                detail=claim.verdict.detail[:200], working=claim.verdict.working[:400],
            )
        )  # fmt: skip
        places[claim.section] += 1
    Claim.objects.bulk_create(rows)
    Citation.objects.bulk_create(
        Citation(
            claim=row, position=position, source=cited.source, snapshot=cited.snapshot, start=cited.start,
            end=cited.end, quote=cited.quote,
        )
        for row, claim in zip(rows, claims, strict=True)
        for position, cited in enumerate(claim.citations)
    )  # fmt: skip


def edit(*, run: str, title: str, struck: Sequence[str]) -> None:
    """Take sentences out of a draft, in every place they stand, and give it another title."""
    Claim.objects.filter(report_id=run, text__in=list(struck)).delete()
    if title:
        Report.objects.filter(run=run).update(title=title[:300])


def carried(*, run: str) -> dict[str, str]:
    """Return the sentences of a draft that its sources carry, with their verdicts; the others are not remembered."""
    rows = Claim.objects.filter(report_id=run, verdict__in=GOOD)
    return dict(rows.values_list("text", "verdict"))


def count(*, run: str) -> int:
    """Count the sentences of a draft."""
    return Claim.objects.filter(report_id=run).count()


def publish(*, run: str) -> None:
    """Turn the draft of a run into its report: its page, its document and what is remembered of it. Runs inside the
    completing transaction.
    """
    Report.objects.filter(run=run).update(state="published", published_at=clock.now())
    # Locked: who may see the run is not changed between this look and the opening.
    inquiry = Inquiry.objects.select_for_update().filter(run=run).first()
    to_everybody = inquiry is not None and inquiry.visibility == "workspace" and inquiry.deleted_at is None
    reports.show(run=run, to_everybody=to_everybody)
    memory.confirm(run=run)

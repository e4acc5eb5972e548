"""Dedupe, rank, keep or drop with the reason."""

from __future__ import annotations

from datetime import date

from apps.lib.errors import ProductError
from apps.library import queries as library
from apps.library.actions import snapshots
from apps.library.actions.snapshots import Found
from apps.research import rules
from apps.research.rules import Candidate
from apps.research.steps.contracts import Kept, Searched, Selected
from apps.runtime.context import StepContext
from apps.runtime.workflow import Addition, Done


class NothingSearched(ProductError):
    """Every search failed."""

    code = "nothing_searched"


def run(context: StepContext) -> Done:
    """Choose at most `source_cap` sources of all that the searches found, and say why the others were dropped."""
    searched: list[Searched] = context.inputs["search"]
    if not searched:
        raise NothingSearched("No search gave an answer; each attempt is in the list of calls.")
    rankings = [
        [Candidate(h.ref, h.kind, h.title, h.rank, _day(h.published_date), h.same, h.pinned) for h in search.hits]
        for search in searched
    ]  # fmt: skip
    given = context.run_input
    choices = rules.choose(rankings, cap=given["source_cap"], methodology=given.get("methodology", "balanced"))
    found = [
        Found(
            number, c.candidate.kind, c.candidate.ref, c.candidate.title, c.kept, c.reason, c.score,
            c.candidate.published_date,
        )
        for number, c in enumerate(choices, start=1)
    ]  # fmt: skip
    excluded = {ref for search in searched for ref in search.excluded}
    found += _unmatched(context, {c.candidate.ref for c in choices}, excluded, len(found))
    kept = [Kept.model_validate(source, from_attributes=True) for source in found if source.kept]
    output = Selected(kept=kept, dropped=len(found) - len(kept))
    return Done(
        output,
        add=tuple(Addition("collect", source.model_dump()) for source in kept),
        save=lambda: snapshots.list_sources(run=context.run, found=found),
        events=(("sources.selected", {"kept": len(kept), "dropped": output.dropped}),),
    )


def _unmatched(context: StepContext, matched: set[str], excluded: set[str], so_far: int) -> list[Found]:
    rows = library.documents(versions=[ref for ref in context.run_input["documents"] if ref not in matched])
    return [
        Found(
            so_far + number, "library", row.id, row.title, False,
            "Left out in the plan by a person." if row.id in excluded else "No passage matches any query.", 0,
            row.published_date.isoformat() if row.published_date else None,
        )
        for number, row in enumerate(rows, start=1)
    ]  # fmt: skip


def _day(given: str | None) -> str | None:
    """Search providers write dates in many ways; only a plain ISO day is kept."""
    if given and len(given) >= 10 and given[4:5] == "-" and given[7:8] == "-":
        try:
            return date.fromisoformat(given[:10]).isoformat()
        except ValueError:
            return None
    return None

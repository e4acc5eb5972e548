"""Every sentence gets a verdict, and every citation is checked against the stored snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from apps.lib import text
from apps.lib.errors import ProductError
from apps.library import queries as library
from apps.library.queries import SourceRow
from apps.memory.grounding import verdicts
from apps.policy.guardrails import choices
from apps.policy.rules import digest
from apps.research.steps import drafts
from apps.research.steps.contracts import Cited, Draft, Line, Verified
from apps.research.steps.drafts import DraftClaim
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

# A sentence that cites nothing gets the spans that carry it, where they do so at least this likely.
CARRIES = 0.6


class SpanMismatch(ProductError):
    """A citation does not equal the text it points to."""

    code = "span_mismatch"


def run(context: StepContext) -> Done:
    """Judge each sentence by its spans and write the draft with its verdicts. Raises SpanMismatch.

    It labels and rewrites nothing; what becomes of a doubted sentence is the workspace's choice.
    """
    draft: Draft = context.one("synthesize")
    sources = {row.number: row for row in library.sources(context.run) if row.kept and row.snapshot}
    text_of = lru_cache(maxsize=64)(library.snapshot_text)
    claims = []
    for line in draft.lines:
        for cited in line.citations:
            if text_of(cited.snapshot)[cited.start : cited.end] != cited.quote:
                raise SpanMismatch(f"A citation of source {cited.source} does not equal its snapshot.")
        claims.append(_judged(line, line.citations or _carriers(line.text, list(sources.values()), text_of), sources))
    choice = choices.current().actions["unsupported"]
    doubted = [claim for claim in claims if claim.verdict.verdict in {"unsupported", "contradicted"}]
    kept = [claim for claim in claims if claim not in doubted] if choice == "drop" else claims
    counts = dict(Counter(claim.verdict.verdict for claim in kept))
    output = Verified(
        verdicts=counts, draft_hash=digest(draft.model_dump()), dropped=len(claims) - len(kept),
        sources=len({cited.source for claim in kept for cited in claim.citations}),
        ask=choice == "ask" and bool(doubted),
    )  # fmt: skip

    # Where nothing is left, nothing was answered.
    answered = draft.answered and bool(kept)
    gaps = draft.gaps if answered or draft.gaps else [context.run_input["question"]]

    def save() -> None:
        drafts.write(
            run=context.run, title=draft.title, headings=draft.headings, gaps=gaps, answered=answered, claims=kept
        )

    return Done(output, save=save, events=(("draft.verified", {**counts, "dropped": output.dropped}),))


def _judged(line: Line, citations: Sequence[Cited], sources: dict[int, SourceRow]) -> DraftClaim:
    named = sorted({cited.source for cited in citations} & sources.keys())
    title = " ".join(sources[number].title for number in named)
    verdict = verdicts.judge(line.text, [cited.quote for cited in citations], title=title)
    return DraftClaim(line.section, line.about, line.text, verdict, citations)


def _carriers(claim: str, sources: Sequence[SourceRow], text_of: Callable[[str], str]) -> list[Cited]:
    """Return spans that carry a sentence which cites nothing, of the source that does so best; none where none does."""
    best: tuple[float, list[Cited]] = (CARRIES, [])
    for source in sources:
        snapshot = str(source.snapshot)
        body = text_of(snapshot)
        places = text.sentences(body)
        likely, spans = verdicts.find(claim, [body[s.start : s.end] for s in places], title=source.title)
        if likely > best[0]:
            best = likely, [
                Cited(source=source.number, snapshot=snapshot, start=s.start, end=s.end, quote=body[s.start : s.end])
                for s in (places[place] for place in spans)
            ]  # fmt: skip
    return best[1]

"""Every sentence gets a verdict, and every citation is checked against the stored snapshot."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from apps.lib.errors import ProductError
from apps.library import queries as library
from apps.policy.rules import digest
from apps.research import rules
from apps.research.steps import drafts
from apps.research.steps.contracts import Draft, Verified
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done


class SpanMismatch(ProductError):
    """A citation does not equal the text it points to."""

    code = "span_mismatch"


def run(context: StepContext) -> Done:
    """Judge each sentence by its spans and write the draft with its verdicts. Raises SpanMismatch."""
    draft: Draft = context.one("synthesize")
    text_of = lru_cache(maxsize=64)(library.snapshot_text)
    claims = []
    for line in draft.lines:
        for cited in line.citations:
            if text_of(cited.snapshot)[cited.start : cited.end] != cited.quote:
                raise SpanMismatch(f"A citation of source {cited.source} does not equal its snapshot.")
        verdict = rules.verdict(line.text, [cited.quote for cited in line.citations])
        claims.append(drafts.DraftClaim(line.section, line.about, line.text, verdict, line.citations))
    verdicts = dict(Counter(claim.verdict for claim in claims))
    sources = len({cited.source for claim in claims for cited in claim.citations})
    output = Verified(verdicts=verdicts, draft_hash=digest(draft.model_dump()), sources=sources)

    def save() -> None:
        drafts.write(
            run=context.run, title=draft.title, headings=draft.headings, gaps=draft.gaps, answered=draft.answered,
            claims=claims,
        )  # fmt: skip

    return Done(output, save=save, events=(("draft.verified", verdicts),))

"""What the report established → memory: its passages as vectors, its sourced sentences as facts."""

from __future__ import annotations

from apps.library import queries as library
from apps.memory import actions as memory
from apps.memory.actions import CitedPassage, Established
from apps.memory.grounding.verdicts import judge
from apps.research.steps import drafts
from apps.research.steps.contracts import Accepted, Draft, Indexed
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

BATCH = 128


def run(context: StepContext) -> Done:
    """Embed every cited span once and remember the sentences that stand on them."""
    draft: Draft = context.one("synthesize")
    accepted: Accepted = context.one("approve")
    carried = drafts.carried(run=context.run)
    lines = [line for line in draft.lines if line.text in carried and line.text not in accepted.struck]
    spans = list(dict.fromkeys((c.snapshot, c.start, c.end, c.quote) for line in lines for c in line.citations))
    dated = {row.number: row.published_date for row in library.sources(context.run)}
    vectors: list[list[float]] = []
    for number, start in enumerate(range(0, len(spans), BATCH)):
        texts = [quote for _snapshot, _start, _end, quote in spans[start : start + BATCH]]
        vectors += context.call(f"embed.{number}", "model_embed", {"texts": texts})["vectors"]
    passages = [CitedPassage(*span, vector) for span, vector in zip(spans, vectors, strict=True)]
    where = {span[:3]: position for position, span in enumerate(spans)}
    facts = {
        line.text: Established(
            line.text, carried[line.text],
            tuple(dict.fromkeys(where[c.snapshot, c.start, c.end] for c in line.citations)),
            confidence=round(100 * judge(line.text, [c.quote for c in line.citations]).support),
            valid_from=max((day for c in line.citations if (day := dated.get(c.source))), default=None),
        )
        for line in lines if line.citations
    }  # fmt: skip
    return Done(
        Indexed(facts=len(facts), passages=len(passages)),
        save=lambda: memory.remember(
            run=context.run, passages=passages, facts=list(facts.values()), model=context.run_input["mode"]
        ),
        events=(("memory.indexed", {"facts": len(facts)}),),
    )

"""What the report established → memory: its passages as vectors, its sourced sentences as facts."""

from __future__ import annotations

from apps.memory import actions as memory
from apps.memory.actions import CitedPassage, Established
from apps.research.steps.contracts import Accepted, Draft, Indexed
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

BATCH = 128


def run(context: StepContext) -> Done:
    """Embed every cited span once and remember the sentences that stand on them."""
    draft: Draft = context.one("synthesize")
    accepted: Accepted = context.one("approve")
    lines = [line for line in draft.lines if line.text not in accepted.struck]
    spans = list(dict.fromkeys((c.snapshot, c.start, c.end, c.quote) for line in lines for c in line.citations))
    vectors: list[list[float]] = []
    for number, start in enumerate(range(0, len(spans), BATCH)):
        texts = [quote for _snapshot, _start, _end, quote in spans[start : start + BATCH]]
        vectors += context.call(f"embed.{number}", "model_embed", {"texts": texts})["vectors"]
    passages = [CitedPassage(*span, vector) for span, vector in zip(spans, vectors, strict=True)]
    where = {span[:3]: position for position, span in enumerate(spans)}
    facts = {
        line.text: Established(
            line.text, "sourced",
            tuple(dict.fromkeys(where[c.snapshot, c.start, c.end] for c in line.citations)),
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

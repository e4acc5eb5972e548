"""One sub-question: the passages that matter → sentences, each tied to spans of the snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.library import queries as library
from apps.library import rules as passages
from apps.memory import rules as ranking
from apps.research.steps.contracts import Cited, Collected, Sentence, SentenceReply, Summary, SummaryReply
from apps.research.steps.prompting import ask
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

MOST_PASSAGES = 36
MOST_SENTENCES = 8


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage of a snapshot, as a model sees it."""

    id: str
    source: Collected
    start: int
    text: str


def run(context: StepContext) -> Done:
    """Summarise what the sources say about one sub-question; nothing found is an answer too."""
    sub_question = context.input["sub_question"]
    collected = [source for source in context.inputs["collect"] if source.snapshot]
    excerpts = choose(context.run_input["question"], [sub_question, *context.input["queries"]], collected)
    if not excerpts:
        return Done(Summary(sub_question=sub_question, sentences=[], answered=False))
    reply = ask(
        context, "summarize",
        {
            "question": context.run_input["question"], "sub_question": sub_question, "max_sentences": MOST_SENTENCES,
            "assumptions": context.input.get("assumptions", []),
            "passages": [
                {
                    "id": e.id, "source": f"s{e.source.number}", "title": e.source.title,
                    "published": e.source.published_date, "text": e.text,
                }
                for e in excerpts
            ],
        },
        SummaryReply,
    )  # fmt: skip
    by_id = {excerpt.id: excerpt for excerpt in excerpts}
    sentences = [
        Sentence(id=f"{context.claim.key.rsplit('.', 1)[-1]}.{n}", text=said.text.strip(), citations=cite(said, by_id))
        for n, said in enumerate(reply.sentences, start=1)
    ]
    sentences = [sentence for sentence in sentences if sentence.citations]
    output = Summary(sub_question=sub_question, sentences=sentences, answered=reply.answered and bool(sentences))
    return Done(output, events=(("summary.made", {"sub_question": sub_question[:120], "sentences": len(sentences)}),))


def choose(question: str, asked: Sequence[str], collected: Sequence[Collected]) -> list[Excerpt]:
    """Return the best passages of all sources for a sub-question, in reading order of their sources."""
    found: list[tuple[Collected, int, str]] = []
    for source in sorted(collected, key=lambda c: c.number):
        text = library.snapshot_text(source.snapshot)
        found += [(source, start, text[start:end]) for start, end in passages.split(text)]
    texts = [f"{source.title}\n{text}" for source, _start, text in found]
    rankings = [[index for index, _score in passages.rank(query, texts)] for query in [*asked, question]]
    best = [index for index, _score in ranking.fuse(*rankings)][:MOST_PASSAGES]
    return [
        Excerpt(f"p{n}", found[index][0], found[index][1], found[index][2])
        for n, index in enumerate(sorted(best), start=1)
    ]  # fmt: skip


def cite(said: SentenceReply, excerpts: dict[str, Excerpt]) -> list[Cited]:
    """Turn quotes into spans of the snapshots; a quote that stands nowhere in its passage is no citation."""
    cited = []
    for citation in said.citations:
        excerpt = excerpts.get(citation.passage)
        place = passages.locate(citation.quote, excerpt.text) if excerpt else None
        if excerpt and place:
            start, end = place
            cited.append(
                Cited(
                    source=excerpt.source.number, snapshot=excerpt.source.snapshot, start=excerpt.start + start,
                    end=excerpt.start + end, quote=excerpt.text[start:end],
                )
            )  # fmt: skip
    return cited

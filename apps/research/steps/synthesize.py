"""Summaries → a draft: title, summary, a section a sub-question, disagreements side by side."""

from __future__ import annotations

from apps.research.steps.contracts import (
    Cited,
    Draft,
    DraftSentenceReply,
    Line,
    Sentence,
    Summary,
    SynthesisReply,
)
from apps.research.steps.prompting import ask
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

SUMMARY, DISAGREEMENT = -1, -2


def run(context: StepContext) -> Done:
    """Write the draft from the summaries alone; it can cite nothing that they did not."""
    question = context.run_input["question"]
    summaries: list[Summary] = context.inputs["summarize"]
    gaps = [summary.sub_question for summary in summaries if not summary.answered]
    answered = [summary for summary in summaries if summary.answered]
    if not answered:
        return Done(Draft(title=question[:300], headings=[], lines=[], gaps=gaps or [question], answered=False))
    dates = {c.number: c.published_date for c in context.inputs["collect"]}
    reply = ask(
        context, "synthesize",
        {"question": question, "sections": [_section(summary, dates) for summary in answered]},
        SynthesisReply,
    )  # fmt: skip
    known = {sentence.id: sentence for summary in answered for sentence in summary.sentences}
    lines = [_line(SUMMARY, "", said, known) for said in reply.summary]
    for number, section in enumerate(reply.sections):
        lines += [_line(number, "", said, known) for said in section.sentences]
    for disagreement in reply.disagreements:
        lines += [_line(DISAGREEMENT, disagreement.about[:300], said, known) for said in disagreement.positions]
    draft = Draft(
        title=reply.title, headings=[section.heading for section in reply.sections], lines=lines, gaps=gaps,
        answered=True,
    )  # fmt: skip
    return Done(draft, events=(("draft.written", {"sentences": len(lines)}),))


def _section(summary: Summary, dates: dict[int, str | None]) -> dict:
    return {
        "sub_question": summary.sub_question,
        "sentences": [
            {
                "id": sentence.id, "text": sentence.text,
                "sources": sorted({f"s{c.source}" for c in sentence.citations}),
                "published": [dates.get(c.source) for c in sentence.citations],
            }
            for sentence in summary.sentences
        ],
    }  # fmt: skip


def _line(section: int, about: str, said: DraftSentenceReply, known: dict[str, Sentence]) -> Line:
    citations: list[Cited] = []
    for id_ in said.based_on:
        for cited in known[id_].citations if id_ in known else []:
            if cited not in citations:
                citations.append(cited)
    return Line(section=section, about=about, text=said.text.strip(), citations=citations)

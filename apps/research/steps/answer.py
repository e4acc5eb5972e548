"""A follow-up question, answered from the snapshots that its report's run has read, and from nothing else."""

from __future__ import annotations

from typing import Any

from apps.library import queries as library
from apps.memory.grounding.verdicts import judge
from apps.research.models import FollowUp
from apps.research.steps.contracts import Answer, Cited, Collected, Judged, Sentence, SummaryReply
from apps.research.steps.prompting import ask
from apps.research.steps.summarize import choose, cite
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

MOST_SENTENCES = 6


def run(context: StepContext) -> Done:
    """Answer with sentences that each stand on a span; none where the sources do not say it."""
    given = context.run_input
    collected = [
        Collected(
            number=row.number, title=row.title, snapshot=row.snapshot or "", reason="",
            published_date=row.published_date.isoformat() if row.published_date else None,
        )
        for row in library.sources(given["run"]) if row.kept and row.snapshot
    ]  # fmt: skip
    excerpts = choose(given["question"], [given["question"]], collected)
    if not excerpts:
        return _answered(context, Answer(sentences=[], answered=False))
    reply = ask(
        context, "summarize",
        {
            "question": given["question"], "sub_question": given["question"], "max_sentences": MOST_SENTENCES,
            "assumptions": given["assumptions"],
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
    said = [(sentence.text.strip(), cite(sentence, by_id)) for sentence in reply.sentences]
    judged = [
        Judged(
            **_verdict(text, cited),
            sentence=Sentence(id=str(n), text=text, citations=cited),
        )
        for n, (text, cited) in enumerate(said, start=1) if cited
    ]  # fmt: skip
    return _answered(context, Answer(sentences=judged, answered=reply.answered and bool(judged)))


def _verdict(text: str, cited: list[Cited]) -> dict[str, str]:
    judged = judge(text, [citation.quote for citation in cited])
    return {"verdict": judged.verdict, "reason": judged.reason, "detail": judged.detail, "working": judged.working}


def _answered(context: StepContext, answer: Answer) -> Done:
    def save() -> None:
        FollowUp.objects.filter(pk=context.run).update(
            answered=answer.answered, sentences=[_row(judged) for judged in answer.sentences]
        )

    return Done(answer, save=save, events=(("follow_up.answered", {"sentences": len(answer.sentences)}),))


def _row(judged: Judged) -> dict[str, Any]:
    cited = [citation.model_dump() for citation in judged.sentence.citations]
    return {"text": judged.sentence.text, "citations": cited, **judged.model_dump(exclude={"sentence"})}

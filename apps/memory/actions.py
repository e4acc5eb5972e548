"""Remember what a report established; forget it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchVector

from apps.lib import clock, ids
from apps.memory.models import Chunk, Fact


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A span of a snapshot with its vector of 384 floats."""

    snapshot: str
    start: int
    end: int
    text: str
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class Established:
    """A sentence and the positions, in the list of passages, that carry it."""

    text: str
    verdict: str
    passages: tuple[int, ...]


def remember(*, run: str, passages: Sequence[CitedPassage], facts: Sequence[Established], model: str) -> None:
    """Store a run's passages and facts; they count once they are confirmed. Runs inside the completing transaction,
    so it happens once.
    """
    chunks = Chunk.objects.bulk_create(
        Chunk(run=run, snapshot=p.snapshot, start=p.start, end=p.end, text=p.text, vector=list(p.vector), model=model)
        for p in passages
    )
    Chunk.objects.filter(run=run).update(search=SearchVector("text", config="simple"))
    for fact in facts:
        row = Fact.objects.create(
            id=ids.new("fact"), run=run, text=fact.text, verdict=fact.verdict, created_at=clock.now(),
            forgotten_at=clock.now(),
        )  # fmt: skip
        row.chunks.set([chunks[position] for position in fact.passages])


def confirm(*, run: str) -> None:
    """Let count what a run taught, now that its report is published. Runs inside the completing transaction."""
    Fact.objects.filter(run=run).update(forgotten_at=None)


def forget(*, run: str, for_good: bool = False) -> int:
    """Forget everything a run taught; return how many facts went. for_good: their words go too."""
    if for_good:
        Chunk.objects.filter(run=run).delete()
        return Fact.objects.filter(run=run).delete()[0]
    gone = Fact.objects.filter(run=run, forgotten_at=None).update(forgotten_at=clock.now())
    Chunk.objects.filter(run=run).delete()
    return gone

"""Find what the workspace knows: by meaning, by words, or both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Exists, F, OuterRef
from pgvector.django import CosineDistance

from apps.memory import rules
from apps.memory.models import Chunk, Fact


@dataclass(frozen=True, slots=True)
class Remembered:
    run: str
    snapshot: str
    start: int
    end: int
    text: str


def nearest(*, words: str, vector: Sequence[float], limit: int = 10) -> list[Remembered]:
    """Return passages near a question: vector and word ranks, fused. vector: 384 floats."""
    known = Chunk.objects.filter(Exists(Fact.objects.filter(chunks=OuterRef("pk"), forgotten_at=None)))
    by_vector = list(known.order_by(CosineDistance("vector", list(vector))).values_list("pk", flat=True)[: limit * 3])
    query = SearchQuery(" | ".join(w for w in words.split() if w.isalnum()) or "x", config="simple", search_type="raw")
    by_words = list(
        known.filter(search=query).annotate(rank=SearchRank(F("search"), query))
        .order_by("-rank", "pk").values_list("pk", flat=True)[: limit * 3]
    )  # fmt: skip
    order = [pk for pk, _score in rules.fuse(by_vector, by_words)][:limit]
    rows = Chunk.objects.in_bulk(order)
    return [Remembered(rows[pk].run, rows[pk].snapshot, rows[pk].start, rows[pk].end, rows[pk].text) for pk in order]


def count_facts(*, run: str) -> int:
    """Count the facts a run taught and that were not forgotten."""
    return Fact.objects.filter(run=run, forgotten_at=None).count()


@dataclass(frozen=True, slots=True)
class FactRow:
    """A sentence that a report taught. chunks: where it stands, as (snapshot, start, end)."""

    id: str
    run: str
    text: str
    verdict: str
    created_at: datetime
    chunks: tuple[tuple[str, int, int], ...]


def facts(*, runs: Iterable[str]) -> list[FactRow]:
    """List what some runs taught and was not forgotten, oldest first."""
    rows = Fact.objects.filter(run__in=list(runs), forgotten_at=None).prefetch_related("chunks").order_by("created_at")
    return [
        FactRow(row.pk, row.run, row.text, row.verdict, row.created_at,
                tuple((each.snapshot, each.start, each.end) for each in row.chunks.all()))
        for row in rows
    ]  # fmt: skip

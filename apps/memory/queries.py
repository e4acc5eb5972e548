"""Find what the workspace knows: by meaning, by words, or both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Exists, F, OuterRef
from pgvector.django import CosineDistance

from apps.lib import ports
from apps.lib.errors import NotFound
from apps.memory import rules
from apps.memory.models import Chunk, Fact

# `runs_seen(member=…)`: the runs that a member may see; `may_change(member=…, run=…)`: whether what it taught is theirs
# to correct and forget.
runs_seen = ports.declare("memory.runs_seen")
may_change = ports.declare("memory.may_change")


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as a page shows it. by, reason: who changed it, and why. successor: what stands in its place."""

    id: str
    run: str
    text: str
    verdict: str
    confidence: int
    valid_from: date | None
    created_at: datetime
    forgotten_at: datetime | None
    contradicts: tuple[str, ...]
    by: int | None
    reason: str
    successor: str


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """Where a fact stands: snapshot_text[start:end]."""

    snapshot: str
    start: int
    end: int
    text: str


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
class TaughtRow:
    """A sentence that a report taught. chunks: where it stands, as (snapshot, start, end)."""

    id: str
    run: str
    text: str
    verdict: str
    created_at: datetime
    chunks: tuple[tuple[str, int, int], ...]


def taught(*, runs: Iterable[str]) -> list[TaughtRow]:
    """List what some runs taught and was not forgotten, oldest first."""
    rows = Fact.objects.filter(run__in=list(runs), forgotten_at=None).prefetch_related("chunks").order_by("created_at")
    return [
        TaughtRow(row.pk, row.run, row.text, row.verdict, row.created_at,
                tuple((each.snapshot, each.start, each.end) for each in row.chunks.all()))
        for row in rows
    ]  # fmt: skip


def facts(
    *, seen: Collection[str], words: str = "", disputed: bool = False, start: int = 0, limit: int = 50
) -> list[FactRow]:
    """List what is known from runs that may be seen, newest first; with words, what holds all of them, best first."""
    rows = Fact.objects.filter(run__in=list(seen), forgotten_at=None)
    if disputed:
        rows = rows.exclude(contradicts=[])
    asked = [word for word in words.split() if any(c.isalnum() for c in word)][:20]
    order = ["-created_at", "pk"]
    if asked:
        query = SearchQuery(" ".join(asked), config="simple", search_type="plain")
        rows, order = rows.filter(search=query).annotate(rank=SearchRank(F("search"), query)), ["-rank", *order]
    return [_fact(row) for row in rows.order_by(*order)[start : start + limit]]


def fact(id: str) -> FactRow:
    """Return a fact, forgotten or not. Raises NotFound."""
    row = Fact.objects.filter(pk=id, confirmed=True).first()
    if row is None:
        raise NotFound("There is no such fact.")
    return _fact(row)


def facts_of(ids: Iterable[str]) -> list[FactRow]:
    """List some facts that still hold, newest first."""
    rows = Fact.objects.filter(pk__in=list(ids), forgotten_at=None)
    return [_fact(row) for row in rows.order_by("-valid_from", "-created_at")]


def history(id: str) -> list[FactRow]:
    """List what stood in a fact's place before, the newest first."""
    found: list[FactRow] = []
    row = Fact.objects.filter(successor=id).first()
    while row is not None and len(found) < 50:
        found.append(_fact(row))
        row = Fact.objects.filter(successor=row.pk).first()
    return found


def spans(id: str) -> list[CitedSpan]:
    """List the passages that carry a fact."""
    rows = Chunk.objects.filter(facts=id).order_by("snapshot", "start")
    return [CitedSpan(row.snapshot, row.start, row.end, row.text) for row in rows]


def _fact(row: Fact) -> FactRow:
    return FactRow(
        row.pk, row.run, row.text, row.verdict, row.confidence, row.valid_from, row.created_at, row.forgotten_at,
        tuple(row.contradicts), row.changed_by, row.reason, row.successor,
    )  # fmt: skip

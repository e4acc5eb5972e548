"""Keep what a run read: bytes by hash, clean text, so that a citation can be checked for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.accounts import tenancy
from apps.lib import blobs, clock, ids
from apps.library.models import Snapshot, Source


@dataclass(frozen=True, slots=True)
class Found:
    """A source of a run, kept or dropped with the reason; the snapshot comes when it has been read."""

    number: int
    kind: str
    ref: str
    title: str
    kept: bool
    reason: str
    score: int
    published_date: str | None = None


def keep(*, sha256: str, text: str, kind: str) -> str:
    """Store a text and return the id of its snapshot; the same bytes and text give the same snapshot."""
    text_sha = blobs.put(tenancy.current(), text.encode())
    row, _new = Snapshot.objects.get_or_create(
        sha256=sha256, text_sha256=text_sha,
        defaults={"id": ids.new("snap"), "kind": kind, "length": len(text), "created_at": clock.now()},
    )  # fmt: skip
    return row.pk


def list_sources(*, run: str, found: Sequence[Found]) -> None:
    """Write down what a run found. Runs inside the completing transaction."""
    Source.objects.bulk_create(
        Source(
            run=run, number=f.number, kind=f.kind, ref=f.ref, title=f.title[:300], kept=f.kept, reason=f.reason[:300],
            score=f.score, published_date=date.fromisoformat(f.published_date) if f.published_date else None,
        )
        for f in found
    )  # fmt: skip


def read(*, run: str, number: int, snapshot: str, fetched_at: datetime, title: str, published_date: str | None) -> None:
    """Note the snapshot of a source that was read."""
    Source.objects.filter(run=run, number=number).update(
        snapshot_id=snapshot, fetched_at=fetched_at, title=title[:300],
        published_date=date.fromisoformat(published_date) if published_date else None,
    )  # fmt: skip


def drop(*, run: str, number: int, reason: str) -> None:
    """Note why a source that was kept could not be used after all."""
    Source.objects.filter(run=run, number=number).update(kept=False, reason=reason[:300])


def release(*, run: str) -> frozenset[str]:
    """Forget the sources of a run, and the snapshots that no other run has; return the hashes of their bodies."""
    own = set(Source.objects.filter(run=run).exclude(snapshot=None).values_list("snapshot", flat=True))
    Source.objects.filter(run=run).delete()
    unused = Snapshot.objects.filter(pk__in=own, source=None)
    hashes = {sha for pair in unused.values_list("sha256", "text_sha256") for sha in pair}
    unused.delete()
    return frozenset(hashes)

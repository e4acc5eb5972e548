"""Documents, snapshots and sources, as pages and steps need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from apps.accounts import tenancy
from apps.lib import blobs
from apps.lib.errors import NotFound
from apps.library.models import DocumentVersion, Passage, Snapshot, Source


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """The newest version of a document. `id` is the version's: what a run reads never changes under it."""

    id: str
    document: str
    name: str
    title: str
    kind: str
    bytes: int
    words: int
    headings: tuple[str, ...]
    sha256: str
    text_sha256: str
    published_date: date | None
    warnings: tuple[str, ...]
    created_at: datetime
    created_by: int | None


@dataclass(frozen=True, slots=True)
class PassageRow:
    version: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source of a run. `where` is a document's file name or a page's address."""

    number: int
    kind: str
    ref: str
    where: str
    title: str
    kept: bool
    reason: str
    score: int
    published_date: date | None
    fetched_at: datetime | None
    snapshot: str | None
    sha256: str
    text_sha256: str


def documents(*, versions: Sequence[str] | None = None) -> list[DocumentRow]:
    """List the newest version of each document of the workspace by name, or the very versions asked for."""
    rows = DocumentVersion.objects.select_related("document")
    if versions is None:
        newest = (
            DocumentVersion.objects.filter(document__forgotten_at=None)
            .values("document")
            .annotate(number=Max("number"))
            .values_list("document", "number")
        )
        wanted = set(newest)
        found = [row for row in rows.filter(document__forgotten_at=None) if (row.document_id, row.number) in wanted]
    else:
        found = list(rows.filter(pk__in=list(versions)))
    return sorted((_document(row) for row in found), key=lambda row: (row.name, row.id))


def _document(row: DocumentVersion) -> DocumentRow:
    return DocumentRow(
        row.pk, row.document_id, row.document.name, row.title, row.kind, row.bytes, row.words, tuple(row.headings),
        row.sha256, row.text_sha256, row.published_date, tuple(row.warnings), row.created_at, row.document.created_by,
    )  # fmt: skip


def passages(*, versions: Sequence[str]) -> list[PassageRow]:
    """Return the passages of some versions, in reading order."""
    rows = Passage.objects.filter(version__in=list(versions)).order_by("version__document__name", "version", "position")
    return [PassageRow(*row) for row in rows.values_list("version_id", "start", "end", "text")]


def snapshot_text(snapshot: str) -> str:
    """Return the text of a snapshot. Raises NotFound."""
    row = Snapshot.objects.filter(pk=snapshot).first()
    if row is None:
        raise NotFound("There is no such snapshot.")
    return blobs.get(tenancy.current(), row.text_sha256).decode()


def stored_text(text_sha256: str) -> str:
    """Return a stored text by its hash. Raises NotFound when retention has erased it."""
    return blobs.get(tenancy.current(), text_sha256).decode()


def sources(run: str) -> list[SourceRow]:
    """List the sources of a run by number."""
    rows = list(Source.objects.filter(run=run).select_related("snapshot").order_by("number"))
    versions = DocumentVersion.objects.filter(pk__in=[row.ref for row in rows if row.kind == "library"])
    names = dict(versions.values_list("pk", "document__name"))
    return [
        SourceRow(
            row.number, row.kind, row.ref, names.get(row.ref, row.ref), row.title, row.kept, row.reason, row.score,
            row.published_date, row.fetched_at, row.snapshot_id, row.snapshot.sha256 if row.snapshot else "",
            row.snapshot.text_sha256 if row.snapshot else "",
        )
        for row in rows
    ]  # fmt: skip

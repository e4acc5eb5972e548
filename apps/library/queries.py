"""Documents, snapshots and sources, as pages and steps need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import blobs
from apps.lib.errors import NotFound
from apps.library.models import DEFAULT, REPORTS, Dataset, Document, DocumentVersion, Passage, Snapshot, Source


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
    number: int = 1
    dataset: str = DEFAULT


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset. documents, bytes (of all their versions) and newest_at leave out what is deleted."""

    id: str
    name: str
    description: str
    documents: int
    bytes: int
    newest_at: datetime | None
    created_at: datetime
    created_by: int | None
    forgotten_at: datetime | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a document; `created_by` is None for those from before versions had an author."""

    id: str
    number: int
    title: str
    kind: str
    bytes: int
    words: int
    sha256: str
    text_sha256: str
    published_date: date | None
    warnings: tuple[str, ...]
    created_at: datetime
    created_by: int | None


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A document that is there or can be restored, with its versions, newest first."""

    id: str
    name: str
    dataset: str
    created_by: int | None
    forgotten_at: datetime | None
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A document that was deleted and can be restored."""

    id: str
    name: str
    forgotten_at: datetime
    created_by: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """What a workspace's limits are compared with: documents that are there, bytes of all their versions."""

    documents: int
    bytes: int


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


def datasets(*, deleted: bool = False) -> tuple[DatasetRow, ...]:
    """List the datasets by name, the default one first; or those that are deleted."""
    live = Q(documents__forgotten_at=None, documents__closed=False)
    rows = Dataset.objects.filter(forgotten_at__isnull=not deleted).annotate(
        count=Count("documents", filter=live, distinct=True),
        size=Sum("documents__versions__bytes", filter=live, default=0),
        newest=Max("documents__versions__created_at", filter=live),
    )
    found = [
        DatasetRow(
            row.pk, row.name, row.description, row.count, row.size, row.newest, row.created_at, row.created_by,
            row.forgotten_at, row.pk == DEFAULT,
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda row: (not row.is_default, row.name.casefold(), row.id)))


def dataset(dataset: str) -> DatasetRow:
    """Return a dataset that is not deleted. Raises NotFound."""
    found = next((row for row in datasets() if row.id == dataset), None)
    if found is None:
        raise NotFound(_("There is no such dataset."))
    return found


def held() -> Held:
    """Count what the workspace holds now."""
    kept = Document.objects.kept()
    size = DocumentVersion.objects.filter(document__in=kept).aggregate(size=Sum("bytes", default=0))["size"]
    return Held(kept.count(), size)


def newest_versions(datasets: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the newest version of every document of these datasets, by name."""
    wanted = frozenset(datasets)
    return tuple(row.id for row in documents() if row.dataset in wanted)


def sources_offered() -> list[DocumentRow]:
    """List the newest version of each document that is read where nobody chooses: all but published reports."""
    return [row for row in documents() if row.dataset != REPORTS]


def documents(*, versions: Sequence[str] | None = None, dataset: str = "") -> list[DocumentRow]:
    """List the newest version of each document of the workspace, or of a dataset, by name.

    versions: the very versions asked for, also of documents that are deleted; not those whose text is erased.
    """
    rows = DocumentVersion.objects.select_related("document")
    if versions is not None:
        found = list(rows.filter(pk__in=list(versions), document__purged_at=None))
    else:
        live = Document.objects.live()
        live = live.filter(dataset=dataset) if dataset else live
        newest = rows.filter(document__in=live).order_by("document", "-number").distinct("document")
        found = list(newest)
    return sorted((_document(row) for row in found), key=lambda row: (row.name, row.id))


@dataclass(frozen=True, slots=True)
class Choice:
    """The newest version of a document, as a form offers it."""

    id: str
    title: str


def choices() -> tuple[Choice, ...]:
    """List the newest version of every document of the workspace by file name, with its title alone.

    Published reports are left out: a report becomes a source where somebody chooses their dataset, and never by itself.
    """
    live = Document.objects.live().exclude(dataset=REPORTS)
    newest = DocumentVersion.objects.filter(document__in=live).order_by("document", "-number")
    rows = newest.distinct("document").values_list("document__name", "pk", "title")
    return tuple(Choice(id_, title) for _name, id_, title in sorted(rows))


def missing(versions: Sequence[str]) -> int:
    """Count the versions that are not there any more."""
    there = DocumentVersion.objects.filter(
        pk__in=list(versions), document__purged_at=None, document__closed=False
    ).count()
    return len(set(versions)) - there


def document(document: str) -> DocumentFile:
    """Return a document with its versions, deleted or not. Raises NotFound, also when its text is erased."""
    row = Document.objects.filter(pk=document, purged_at=None, closed=False).first()
    if row is None:
        raise NotFound(_("There is no such document."))
    versions = tuple(
        VersionRow(
            v.pk, v.number, v.title, v.kind, v.bytes, v.words, v.sha256, v.text_sha256, v.published_date,
            tuple(v.warnings), v.created_at, v.created_by,
        )
        for v in row.versions.order_by("-number")
    )  # fmt: skip
    return DocumentFile(row.pk, row.name, row.dataset_id or DEFAULT, row.created_by, row.forgotten_at, versions)


def deleted_documents(dataset: str) -> tuple[DeletedRow, ...]:
    """List the deleted documents of a dataset whose text is still there, latest first."""
    rows = Document.objects.filter(dataset=dataset, forgotten_at__isnull=False, purged_at=None, closed=False)
    found = [
        DeletedRow(row.pk, row.name, row.forgotten_at, row.created_by)
        for row in rows.order_by("-forgotten_at")
        if row.forgotten_at is not None
    ]
    return tuple(found)


def _document(row: DocumentVersion) -> DocumentRow:
    return DocumentRow(
        row.pk, row.document_id, row.document.name, row.title, row.kind, row.bytes, row.words, tuple(row.headings),
        row.sha256, row.text_sha256, row.published_date, tuple(row.warnings), row.created_at, row.document.created_by,
        row.number, row.document.dataset_id or DEFAULT,
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


def stored_body(sha256: str) -> bytes:
    """Return the bytes of a document as they came. Raises NotFound when retention has erased them."""
    return blobs.get(tenancy.current(), sha256)


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


def newest_of(versions: Sequence[str]) -> tuple[str, ...]:
    """Return the newest version of each document that some versions belong to; documents that are gone are left out."""
    wanted = set(DocumentVersion.objects.filter(pk__in=list(versions)).values_list("document", flat=True))
    return tuple(row.id for row in documents() if row.document in wanted)

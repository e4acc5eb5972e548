"""The values that the pages of the library read. Times are aware, sizes bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Room:
    """What may be added: `kinds` in words; documents and bytes used of those allowed."""

    kinds: str
    accept: str
    file_bytes: int
    documents: int
    documents_limit: int
    bytes: int
    bytes_limit: int

    @property
    def is_full(self) -> bool:
        """Say whether not one more document fits."""
        return self.documents >= self.documents_limit or self.bytes >= self.bytes_limit

    @property
    def tone(self) -> str:
        """Return the colour of the meter: warn from three quarters on, bad when it is full."""
        return "bad" if self.is_full else "warn" if self.documents * 4 >= self.documents_limit * 3 else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: added, version, known or refused."""

    state: str
    name: str
    reason: str = ""
    url: str = ""
    number: int = 1
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted and can be restored."""

    name: str
    deleted_at: datetime
    restore_url: str
    may_restore: bool = True


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """A line of the list of datasets."""

    public_id: str
    name: str
    description: str
    documents: int
    bytes: int
    newest_at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class DatasetsPage:
    """`page`, for `datasets.html`, beside `form`. `gone`: what was deleted just now, with its way back."""

    rows: tuple[DatasetLine, ...]
    room: Room
    may_add: bool
    deleted: tuple[Deleted, ...] = ()
    gone: Deleted | None = None


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of a dataset: the newest version of a document."""

    public_id: str
    title: str
    filename: str
    kind: str
    bytes: int
    added_at: datetime
    by: str
    number: int
    words: int
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class DocumentList:
    """`document_list`, for `_document_list.html`."""

    dataset: str
    rows: tuple[DocumentLine, ...]
    may_add: bool = True
    is_reports: bool = False
    newer_url: str = ""
    older_url: str = ""


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """`page`, for `dataset.html`, beside `form` (name and description) and `outcomes`."""

    public_id: str
    name: str
    description: str
    by: str
    created_at: datetime
    documents: int
    bytes: int
    document_list: DocumentList
    room: Room
    may_add: bool
    may_change: bool
    may_delete: bool
    is_reports: bool = False
    outcomes: tuple[Outcome, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    gone: Deleted | None = None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of a document; `current` is the one that is shown."""

    number: int
    url: str
    download_url: str
    bytes: int
    words: int
    sha256: str
    added_at: datetime
    by: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A page of the extracted text; `lost` when it is not stored any more."""

    text: str
    number: int = 1
    pages: int = 1
    newer_url: str = ""
    older_url: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """`page`, for `document.html` of the library: one version of a document."""

    public_id: str
    dataset: str
    dataset_name: str
    filename: str
    title: str
    kind: str
    published: str
    version: VersionLine
    versions: tuple[VersionLine, ...]
    warnings: tuple[str, ...]
    preview: Preview
    room: Room
    may_add: bool
    may_delete: bool
    outcomes: tuple[Outcome, ...] = ()

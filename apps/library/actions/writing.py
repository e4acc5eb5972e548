"""What an agent does to the documents of a workspace for a person, as the tool document_write."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from apps.accounts import tenancy
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.library import queries
from apps.library.actions import documents, reports
from apps.library.models import DEFAULT, REPORTS, Document, DocumentVersion
from apps.observability import audit


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it. version: the newest number. undo: what takes it back, in the tool's own words."""

    document: str
    version: int
    undo: dict[str, str | int]


def create(*, by: int, run: str, name: str, content: str, dataset: str = DEFAULT) -> Written:
    """Add a text as a new document. Raises: Conflict (the name is taken), Invalid, LibraryFull, Unreadable.

    dataset: REPORTS for the report of the run: one document a run, closed until it is published.
    """
    file = _file_name(name)
    if dataset == REPORTS:
        with transaction.atomic():
            added = reports.shelve(by=by, run=run, name=file, content=content)
            _note(by, run, "created", added.document)
        return Written(added.document, added.number, {"action": "delete", "document_id": added.document})
    with transaction.atomic():
        if Document.objects.live().filter(dataset=DEFAULT, name=file).exists():
            raise Conflict(f"A document called “{file}” is there already. Update it, or choose another name.")
        added = documents.write(by=by, name=file, body=content.encode())
        _note(by, run, "created", added.document)
    return Written(added.document, added.number, {"action": "delete", "document_id": added.document})


def update(*, by: int, run: str, document: str, content: str) -> Written:
    """Add a text as the next version of a document. Raises: NotFound, Invalid, LibraryFull, Unreadable."""
    with transaction.atomic():
        row = _live(document)
        before = _newest(row).number
        added = documents.write(
            by=by, name=row.name, body=content.encode(), dataset=row.dataset_id or DEFAULT, document=row.pk
        )
        _note(by, run, "updated", row.pk)
    return Written(row.pk, added.number, {"action": "restore", "document_id": row.pk, "version": before})


def delete(*, by: int, run: str, document: str) -> Written:
    """Delete a document; it can be restored for 30 days. Raises NotFound."""
    with transaction.atomic():
        row = _live(document)
        number = _newest(row).number
        documents.forget(by=by, document=row.pk)
        _note(by, run, "deleted", row.pk)
    return Written(row.pk, number, {"action": "restore", "document_id": row.pk})


def restore(*, by: int, run: str = "", document: str, version: int | None = None) -> Written:
    """Take a deletion back; with `version`, make the text of an older version the newest again, as a version more.

    run: empty where a person does it by hand. Raises: NotFound, Conflict (the name was given away), LibraryFull.
    """
    with transaction.atomic():
        if version is None:
            documents.restore(by=by, document=document)
            row = _live(document)
            _note(by, run, "restored", row.pk)
            return Written(row.pk, _newest(row).number, {"action": "delete", "document_id": row.pk})
        row = _live(document)
        before = _newest(row).number
        older = row.versions.filter(number=version).first()
        if older is None:
            raise NotFound(f"This document has no version {version}.")
        body = queries.stored_body(older.sha256)
        added = documents.write(by=by, name=row.name, body=body, dataset=row.dataset_id or DEFAULT, document=row.pk)
        _note(by, run, f"restored to version {version}", row.pk)
    return Written(row.pk, added.number, {"action": "restore", "document_id": row.pk, "version": before})


def _live(document: str) -> Document:
    row = Document.objects.live().filter(pk=document).first()
    if row is None:
        raise NotFound("There is no such document in this workspace.")
    return row


def _newest(row: Document) -> DocumentVersion:
    newest = row.versions.order_by("-number").first()
    if newest is None:
        raise NotFound("There is no such document in this workspace.")
    return newest


def _file_name(name: str) -> str:
    if "/" in name or "\\" in name or name.strip(". ") == "":
        raise Invalid("A document's name is no path.")
    return name if name.endswith((".md", ".txt")) else f"{name}.md"


def _note(by: int, run: str, change: str, document: str) -> None:
    verb, _space, more = change.partition(" ")
    reason = " ".join(part for part in (f"by the agent of {run}" if run else "", more) if part)
    audit.record(by=by, did=f"document.{verb}", to=document, reason=reason, workspace=tenancy.current())

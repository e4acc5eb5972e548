"""Add documents to a workspace: bytes and text by hash, passages for the search. Delete them and take it back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts import tenancy
from apps.lib import blobs, clock, ids
from apps.lib.errors import Conflict, Invalid, NotFound, ProductError
from apps.library import rules
from apps.library.actions import datasets, limits
from apps.library.extraction.results import Extracted, Unreadable
from apps.library.extraction.text import extract
from apps.library.models import DEFAULT, REPORTS, Dataset, Document, DocumentVersion, Passage

TARGET_WORDS = 120

NAMES = {
    "pdf": gettext_lazy("a PDF"), "html": gettext_lazy("a web page"), "markdown": gettext_lazy("Markdown"),
    "text": gettext_lazy("plain text"), "csv": gettext_lazy("a CSV table"), "docx": gettext_lazy("a Word document"),
    "xlsx": gettext_lazy("an Excel workbook"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name and bytes."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was taken; `version` is what a run reads. `known`: the same bytes were there already."""

    name: str
    document: str
    version: str
    title: str
    words: int
    warnings: tuple[str, ...]
    known: bool = False
    number: int = 1
    dataset: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that could not be taken, with the reason in one sentence."""

    name: str
    code: str
    reason: str


def add(
    *, by: int, uploads: Iterable[Upload], dataset: str = DEFAULT, document: str = ""
) -> tuple[list[Added], list[Rejected]]:
    """Add files to a dataset one by one; a bad one is listed with its reason and the rest goes on.

    A name that is there already gets a new version, unless its bytes are the same. document: the files become new
    versions of this one, whatever their names.
    """
    added: list[Added] = []
    rejected: list[Rejected] = []
    for upload in uploads:
        name = rules.file_name(upload.name)
        shown = name.name or _("unnamed")
        try:
            taken = write(by=by, name=shown, body=upload.body, dataset=dataset, document=document)
        except Unreadable as error:
            rejected.append(Rejected(shown, error.reason, error.sentence))
        except ProductError as error:
            rejected.append(Rejected(shown, error.code, error.sentence))
        else:
            added.append(replace(taken, warnings=taken.warnings + _name_changes(name)))
    return added, rejected


def _name_changes(name: rules.FileName) -> tuple[str, ...]:
    sentences = {
        _("Characters that hide or reorder letters were taken out of the name."): name.hidden,
        _("The name was too long and was shortened."): name.cut,
        _("The file had no name that can be shown; it is called “unnamed”."): not name.name,
    }
    return tuple(sentence for sentence, is_so in sentences.items() if is_so)


def write(
    *, by: int, name: str, body: bytes, dataset: str = DEFAULT, document: str = "", run: str = ""
) -> Added:  # fmt: skip
    """Add one file, or a new version of it. Raises Unreadable, LibraryFull, NotFound, Invalid.

    run: whose report it is (actions.reports); such a document is closed at first.
    """
    if dataset == REPORTS and not run:
        raise Invalid(_("Reports come into this dataset when they are published, and by nothing else."))
    allowed = limits.current()
    if len(body) > allowed.file_bytes:
        raise too_large(allowed.file_bytes)
    sha = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        found, newest = _place(dataset, document, name)
    if found and newest and newest.sha256 == sha:
        return _added(found, newest, known=True)
    limits.demand_room(documents=0 if found else 1, total_bytes=len(body))
    extracted = extract(body, name=name)
    if extracted.kind not in allowed.kinds:
        sentence = _("This is %(kind)s; the plan of this workspace does not take such files.")
        raise Invalid(sentence % {"kind": NAMES[extracted.kind]})
    with transaction.atomic():
        datasets.lock()
        return _keep(by, name, body, sha, extracted, dataset, document, run)


def _keep(
    by: int, name: str, body: bytes, sha: str, extracted: Extracted, dataset: str, document: str, run: str
) -> Added:  # fmt: skip
    """Write the version, unless somebody else has just done so. The library is locked."""
    found, newest = _place(dataset, document, name)
    if found and newest and newest.sha256 == sha:
        return _added(found, newest, known=True)
    limits.demand_room(documents=0 if found else 1, total_bytes=len(body))
    store = tenancy.current()
    text_sha = blobs.put(store, extracted.text.encode())
    blobs.put(store, body)
    if found is None:
        found = Document.objects.create(
            id=ids.new("doc"), dataset_id=dataset, name=name, created_by=by, created_at=clock.now(), run=run,
            closed=bool(run),
        )  # fmt: skip
    version = _version(found, newest.number + 1 if newest else 1, extracted, sha, text_sha, len(body), by)
    return replace(_added(found, version), warnings=extracted.warnings)


def too_large(most: int) -> Unreadable:
    """Return the refusal of a file above `most` bytes."""
    return Unreadable("too_large", _("The file is larger than %(size)s. Split it and add the parts.") % {
        "size": limits.sized(most)})  # fmt: skip


def _place(dataset: str, document: str, name: str) -> tuple[Document | None, DocumentVersion | None]:
    """Find the document that a file belongs to, and its newest version. Raises NotFound."""
    if document:
        found = Document.objects.kept().filter(pk=document, dataset=dataset).first()
        if found is None:
            raise NotFound(_("There is no such document."))
    else:
        if dataset == DEFAULT:
            datasets.make_default()
        if not Dataset.objects.filter(pk=dataset, forgotten_at=None).exists():
            raise NotFound(_("There is no such dataset."))
        found = Document.objects.kept().filter(dataset=dataset, name=name).first()
    return found, found.versions.order_by("-number").first() if found else None


def _added(document: Document, version: DocumentVersion, *, known: bool = False) -> Added:
    return Added(
        document.name, document.pk, version.pk, version.title, version.words, tuple(version.warnings), known,
        version.number, document.dataset_id or DEFAULT,
    )  # fmt: skip


def _version(
    document: Document, number: int, extracted: Extracted, sha: str, text_sha: str, size: int, by: int
) -> DocumentVersion:  # fmt: skip
    text = extracted.text
    version = DocumentVersion.objects.create(
        id=ids.new("dv"), document=document, number=number, sha256=sha, text_sha256=text_sha,
        title=(extracted.title or document.name)[:300], kind=extracted.kind, bytes=size, words=rules.count_words(text),
        headings=[heading[:200] for heading in rules.headings(text)],
        published_date=date.fromisoformat(extracted.published_date) if extracted.published_date else None,
        warnings=[warning[:300] for warning in extracted.warnings], created_by=by, created_at=clock.now(),
    )  # fmt: skip
    Passage.objects.bulk_create(
        Passage(version=version, position=position, start=start, end=end, text=text[start:end])
        for position, (start, end) in enumerate(rules.split(text, target_words=TARGET_WORDS))
    )
    return version


def forget(*, by: int, document: str) -> None:
    """Delete a document; it can be restored for 30 days. Runs that read it keep their snapshots. Raises NotFound."""
    if not Document.objects.live().filter(pk=document).update(forgotten_at=clock.now()):
        raise NotFound(_("There is no such document."))


def restore(*, by: int, document: str) -> None:
    """Take back the deletion of a document; one that is there is left alone.

    Raises NotFound after 30 days, Conflict when its name was given away, LibraryFull.
    """
    with transaction.atomic():
        datasets.lock()
        row = Document.objects.filter(pk=document, purged_at=None, closed=False, dataset__forgotten_at=None).first()
        if row is None or not datasets.may_return(row.forgotten_at):
            raise NotFound(_("There is no such document, or it was deleted more than 30 days ago."))
        if row.forgotten_at is None:
            return
        if Document.objects.live().filter(dataset=row.dataset_id, name=row.name).exists():
            raise Conflict(
                _("A document called “%(name)s” was added since. Delete that one first.") % {"name": row.name}
            )  # fmt: skip
        row.forgotten_at = None
        row.save(update_fields=["forgotten_at"])
        limits.demand_room()

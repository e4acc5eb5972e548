"""Add documents to a workspace: bytes and text by hash, passages for the search."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import blobs, clock, ids
from apps.lib.errors import NotFound, ProductError
from apps.lib.text import clean
from apps.library import rules
from apps.library.extraction.results import Extracted, Unreadable
from apps.library.extraction.text import extract
from apps.library.models import Document, DocumentVersion, Passage

TARGET_WORDS = 120


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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that could not be taken, with the reason in one sentence."""

    name: str
    code: str
    reason: str


def add(*, by: int, uploads: Iterable[Upload]) -> tuple[list[Added], list[Rejected]]:
    """Add files one by one; a bad one is listed with its reason and the rest goes on.

    A name that is there already gets a new version, unless its bytes are the same.
    """
    added: list[Added] = []
    rejected: list[Rejected] = []
    for upload in uploads:
        name = clean(upload.name).strip().replace("/", "_")[:255] or _("unnamed")
        try:
            added.append(write(by=by, name=name, body=upload.body))
        except Unreadable as error:
            rejected.append(Rejected(name, error.reason, error.sentence))
        except ProductError as error:
            rejected.append(Rejected(name, error.code, error.sentence))
    return added, rejected


def write(*, by: int, name: str, body: bytes) -> Added:
    """Add one file, or a new version of it. Raises Unreadable, TooLarge."""
    store = tenancy.current()
    document = Document.objects.filter(name=name, forgotten_at=None).first()
    newest = document and document.versions.order_by("-number").first()
    if document and newest and newest.sha256 == hashlib.sha256(body).hexdigest():
        return Added(name, document.pk, newest.pk, newest.title, newest.words, tuple(newest.warnings), known=True)
    extracted = extract(body, name=name)
    text_sha = blobs.put(store, extracted.text.encode())
    sha = blobs.put(store, body)
    with transaction.atomic():
        if document is None:
            document = Document.objects.create(
                id=ids.new("doc"), name=name, created_by=by, created_at=clock.now()
            )  # fmt: skip
        version = _version(document, newest.number + 1 if newest else 1, extracted, sha, text_sha, len(body))
    return Added(name, document.pk, version.pk, version.title, version.words, extracted.warnings)


def _version(
    document: Document, number: int, extracted: Extracted, sha: str, text_sha: str, size: int
) -> DocumentVersion:  # fmt: skip
    text = extracted.text
    version = DocumentVersion.objects.create(
        id=ids.new("dv"), document=document, number=number, sha256=sha, text_sha256=text_sha,
        title=(extracted.title or document.name)[:300], kind=extracted.kind, bytes=size, words=rules.count_words(text),
        headings=[heading[:200] for heading in rules.headings(text)],
        published_date=date.fromisoformat(extracted.published_date) if extracted.published_date else None,
        warnings=[warning[:300] for warning in extracted.warnings], created_at=clock.now(),
    )  # fmt: skip
    Passage.objects.bulk_create(
        Passage(version=version, position=position, start=start, end=end, text=text[start:end])
        for position, (start, end) in enumerate(rules.split(text, target_words=TARGET_WORDS))
    )
    return version


def forget(*, by: int, document: str) -> None:
    """Take a document out of the library; runs that read it keep their snapshots. Raises NotFound."""
    if not Document.objects.filter(pk=document, forgotten_at=None).update(forgotten_at=clock.now()):
        raise NotFound(_("There is no such document."))

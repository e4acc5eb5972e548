"""Erase what was deleted more than 30 days ago, and keep what a report quotes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts import tenancy
from apps.lib import blobs, clock
from apps.library.actions import datasets
from apps.library.models import Dataset, Document, DocumentVersion, Passage, Snapshot, Source


def purge(*, by: int | None = None) -> int:
    """Erase passages and bodies of documents that can't be restored any more; return how many documents.

    A body stays while a snapshot of a run, or a version of another document, has the same hash. A document that no
    run ever found goes altogether; of the others the name stays, for the list of sources of their reports.
    """
    before = clock.now() - timedelta(days=datasets.UNDO_DAYS)
    due = Document.objects.filter(
        Q(forgotten_at__lte=before) | Q(dataset__forgotten_at__lte=before), purged_at=None
    ).values_list("pk", flat=True)  # fmt: skip
    count = 0
    for document in list(due):
        count += _purge_one(document, before)
    Dataset.objects.filter(forgotten_at__lte=before, documents=None).delete()
    return count


def _purge_one(document: str, before: datetime) -> bool:
    with transaction.atomic():
        datasets.lock()  # nobody stores the same body, or restores the document, meanwhile
        still_due = Q(forgotten_at__lte=before) | Q(dataset__forgotten_at__lte=before)
        row = Document.objects.filter(still_due, pk=document, purged_at=None).first()
        if row is None:
            return False
        _erase_document(row)
    return True


def erase_document(document: str) -> None:
    """Erase a document at once, deleted or not; its name stays where a run has found it. Nothing where it is gone."""
    with transaction.atomic():
        datasets.lock()
        row = Document.objects.filter(pk=document, purged_at=None).first()
        if row is not None:
            _erase_document(row)


def _erase_document(row: Document) -> None:
    """Erase its passages and those bodies that nothing else names. The library is locked."""
    versions = list(row.versions.values_list("pk", "sha256", "text_sha256"))
    hashes = {sha for _pk, *both in versions for sha in both}
    if Source.objects.filter(kind="library", ref__in=[pk for pk, *_both in versions]).exists():
        Passage.objects.filter(version__document=row).delete()
        row.forgotten_at, row.purged_at = row.forgotten_at or clock.now(), clock.now()
        row.save(update_fields=["forgotten_at", "purged_at"])
    else:
        row.delete()
    _erase(hashes)


def erase_unused(hashes: Iterable[str]) -> None:
    """Erase those of some bodies that neither a version nor a snapshot names."""
    with transaction.atomic():
        datasets.lock()
        _erase(set(hashes))


def _erase(hashes: set[str]) -> None:
    """Erase the bodies that nothing names any more."""
    needed: set[str] = set()
    for column in ("sha256", "text_sha256"):
        versions = DocumentVersion.objects.filter(document__purged_at=None, **{f"{column}__in": hashes})
        snapshots = Snapshot.objects.filter(**{f"{column}__in": hashes})
        needed |= {*versions.values_list(column, flat=True), *snapshots.values_list(column, flat=True)}
    for sha in hashes - needed:
        blobs.erase(tenancy.current(), sha)

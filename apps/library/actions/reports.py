"""Published reports as documents of the dataset "Reports": written closed, seen once their run is published.

A run that not everybody may see keeps its report closed: documents are the whole workspace's.
"""

from __future__ import annotations

from django.db import transaction

from apps.accounts import tenancy
from apps.library.actions import datasets, documents, purge
from apps.library.actions.documents import Added
from apps.library.models import REPORTS, Document
from apps.observability import audit


def shelve(*, by: int, run: str, name: str, content: str) -> Added:
    """Write a run's report, closed; one that is there gets a new version. Raises: LibraryFull, Unreadable, Invalid."""
    with transaction.atomic():
        datasets.make_reports()
        there = Document.objects.kept().filter(run=run).first()
        return documents.write(
            by=by, name=there.name if there else name, body=content.encode(), dataset=REPORTS, run=run,
            document=there.pk if there else "",
        )  # fmt: skip


def show(*, run: str, to_everybody: bool) -> None:
    """Open a run's report to the workspace, or close it. Runs inside the caller's transaction."""
    Document.objects.filter(run=run, purged_at=None).update(closed=not to_everybody)


def erase(*, by: int | None, run: str) -> None:
    """Erase a run's report from the library at once. Runs inside the caller's transaction.

    What other runs have read of it stays in their snapshots, and then its name with them.
    """
    for document in Document.objects.filter(run=run, purged_at=None).values_list("pk", flat=True):
        purge.erase_document(document)
        audit.record(by=by, did="document.erased", to=document, reason=f"report of {run}", workspace=tenancy.current())

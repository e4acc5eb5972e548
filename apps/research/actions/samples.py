"""A question to begin with, on a library of ours that is copied into the workspace: a real run like any other."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.lib.errors import Unavailable
from apps.library import queries as library
from apps.library.actions import datasets
from apps.library.actions import documents as actions
from apps.library.actions.documents import Upload
from apps.research.actions.runs import Request, start

FOLDER = Path(settings.BASE_DIR) / "samples" / "library"
# Two documents of the library disagree about it, which a report shows.
QUESTION = "What did the North Loop cost?"
# What of the library the question needs, and what must not mislead it: reading all of it would take a while.
NAMES = (
    "north-loop-completion-2016.docx", "auditor-review-2018.pdf", "annual-report-2014.pdf", "fifty-years.pdf",
    "network-growth.csv", "plan-2030.docx", "interview-solheim-2021.md", "works-outing-2015.txt",
)  # fmt: skip


def ask(*, by: int) -> str:
    """Copy the sample library into a dataset, unless it is there, and ask the sample question; return the run's id.

    Raises: as `runs.start`, LibraryFull, Unavailable where the library is not installed.
    """
    versions = _versions() or _copy(by)
    return start(by=by, request=Request(QUESTION, documents=versions, depth="quick"))


def has_own_documents() -> bool:
    """Tell whether there is a document here that is none of the samples and no report."""
    return any(row.name not in NAMES for row in library.sources_offered())


def _versions() -> tuple[str, ...]:
    """Return the newest version of each sample that is in the library, wherever somebody put it; all, or none."""
    found = {row.name: row.id for row in library.sources_offered() if row.name in NAMES}
    return tuple(found[name] for name in NAMES) if len(found) == len(NAMES) else ()


def _copy(by: int) -> tuple[str, ...]:
    try:
        uploads = [Upload(name, (FOLDER / name).read_bytes()) for name in NAMES]
    except OSError as error:
        raise Unavailable(_("The sample library is not installed here. Upload a document of your own.")) from error
    with transaction.atomic():
        known = {row.name: row.id for row in library.datasets()}
        name = _("Sample library")
        dataset = known.get(name) or datasets.create(
            by=by, name=name, description=_("Documents of a heat company that never was, to try Footnote on.")
        )
        taken, refused = actions.add(by=by, uploads=uploads, dataset=dataset)
        if refused:
            raise Unavailable(refused[0].reason)
    return tuple(row.version for row in taken)

"""Collections of documents: make, rename, delete, take the deletion back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.lib import clock, ids
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.lib.text import clean
from apps.library.actions import limits
from apps.library.models import DEFAULT, REPORTS, Dataset

UNDO_DAYS = 30


class NameTaken(Conflict):
    """There is a dataset of this name already."""

    code = "name_taken"
    status = 422


def lock() -> Dataset:
    """Lock the library of this workspace until the transaction ends, and return the default dataset.

    Whoever counts documents or erases bodies holds it, so that two uploads never share the last free place.
    """
    make_default()
    return Dataset.objects.select_for_update().get(pk=DEFAULT)


def make_default() -> None:
    """Make the dataset for files that name none, unless it is there."""
    Dataset.objects.get_or_create(pk=DEFAULT, defaults={"name": _("Library"), "created_at": clock.now()})


def make_reports() -> None:
    """Make the dataset of published reports, unless it is there."""
    Dataset.objects.get_or_create(pk=REPORTS, defaults={"name": _("Reports"), "created_at": clock.now()})


def create(*, by: int, name: str, description: str = "") -> str:
    """Make a dataset and return its id. Raises NameTaken, Invalid."""
    with transaction.atomic():
        lock()
        return Dataset.objects.create(
            id=ids.new("ds"), name=_free_name(name), description=clean(description).strip()[:500], created_by=by,
            created_at=clock.now(),
        ).pk  # fmt: skip


def rename(*, by: int, dataset: str, name: str, description: str) -> None:
    """Change the name and description of a dataset. Raises NotFound, NameTaken, Invalid."""
    with transaction.atomic():
        lock()
        row = _live(dataset)
        row.name, row.description = _free_name(name, but=dataset), clean(description).strip()[:500]
        row.save(update_fields=["name", "description"])


def forget(*, by: int, dataset: str) -> None:
    """Delete a dataset with its documents; it can be restored for 30 days. Raises NotFound, Invalid."""
    if dataset == DEFAULT:
        raise Invalid(_("This dataset takes the files that name no other, so it stays. Delete its documents instead."))
    if dataset == REPORTS:
        raise Invalid(_("This dataset takes the published reports, so it stays. Withdraw a report instead."))
    with transaction.atomic():
        lock()
        row = _live(dataset)
        row.forgotten_at = clock.now()
        row.save(update_fields=["forgotten_at"])


def restore(*, by: int, dataset: str) -> None:
    """Take back the deletion of a dataset; one that is there is left alone.

    Raises NotFound after 30 days, NameTaken when its name was given away, LibraryFull.
    """
    with transaction.atomic():
        lock()
        row = Dataset.objects.filter(pk=dataset).first()
        if row is None or not may_return(row.forgotten_at):
            raise NotFound(_("There is no such dataset, or it was deleted more than 30 days ago."))
        if row.forgotten_at is None:
            return
        _free_name(row.name, but=dataset)
        row.forgotten_at = None
        row.save(update_fields=["forgotten_at"])
        limits.demand_room()


def may_return(forgotten_at: datetime | None) -> bool:
    """Say whether what was deleted then can still be restored."""
    return forgotten_at is None or forgotten_at > clock.now() - timedelta(days=UNDO_DAYS)


def _live(dataset: str) -> Dataset:
    row = Dataset.objects.filter(pk=dataset, forgotten_at=None).first()
    if row is None:
        raise NotFound(_("There is no such dataset."))
    return row


def _free_name(raw: str, *, but: str = "") -> str:
    name = " ".join(clean(raw).split())[:120]
    if not name:
        raise Invalid(_("A dataset needs a name."))
    if Dataset.objects.filter(name__iexact=name, forgotten_at=None).exclude(pk=but).exists():
        raise NameTaken(_("There is a dataset called “%(name)s” already. Choose another name.") % {"name": name})
    return name

"""Copies to take away: of a workspace, or of what is a person's own. The scheduler makes them, a portion at a time.

What stands in one is described in docs/export.md, and in the README of each.
"""

from __future__ import annotations

import logging
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import queries, rules, tenancy
from apps.accounts.actions import contents, letters
from apps.accounts.actions.contents import Part
from apps.accounts.models import Archive, Membership, User, Workspace
from apps.accounts.queries import Member
from apps.lib import clock, ports
from apps.lib.errors import Conflict, Forbidden, NotFound, ProductError
from apps.observability import audit

log = logging.getLogger(__name__)
# Upper rooms say what they keep: `archive_parts(member=…, own=…)` returns Parts, in that workspace. own: only what is
# the member's own; else everything that they may see.
archive_parts = ports.declare("accounts.archive_parts", many=True)

# The scheduler has other things to do: a portion ends after so many seconds, the next one begins with its next round.
SECONDS = 4.0
# So many portions may fail before an archive is given up.
MOST_TRIES = 5


def ask(*, by: int, schema: str = "") -> UUID:
    """Ask for a copy of a workspace, or without one of everything that is `by`'s own; return its id.

    Raises: Forbidden (only an owner takes a workspace away), Conflict (one is being made), NotFound.
    """
    with tenancy.as_platform("somebody takes a copy away"), transaction.atomic():
        person = User.objects.select_for_update().get(pk=by)
        space = _owned(by, schema) if schema else None
        if Archive.objects.filter(person=person, workspace=space, state="waits").exists():
            raise Conflict(_("A copy is being made already. You get a mail when it is ready."))
        row = Archive.objects.create(person=person, workspace=space, created_at=clock.now())
        did = "workspace.exported" if space else "person.exported"
        audit.record(by=by, did=did, to=str(row.pk), workspace=schema)
    return row.pk


def _owned(by: int, schema: str) -> Workspace:
    mine = Membership.objects.filter(workspace__schema_name=schema, workspace__closed_at=None, user_id=by)
    found = mine.select_related("workspace").first()
    if found is None:
        raise NotFound(_("There is no such workspace."))
    if not rules.may(found.role, "close"):
        raise Forbidden(_("Only an owner takes a whole workspace away. Ask one of its owners."))
    return found.workspace


@dataclass(frozen=True, slots=True)
class Ready:
    """A file to hand out, and the name it goes by."""

    path: Path
    name: str


def open_file(*, by: int, archive: UUID) -> Ready:
    """Return the file of an archive. Raises NotFound where it is not ready, too old, or not for this person (any more).

    That they still own the workspace is looked up each time.
    """
    with tenancy.as_platform("somebody fetches a copy"):
        row = Archive.objects.select_related("workspace").filter(
            pk=archive, person_id=by, state="ready", expires_at__gt=clock.now()
        ).first()  # fmt: skip
        owns = row is not None and (row.workspace is None or _owns(row))
    if row is None or not owns or not _path(row).exists():
        raise NotFound(_("This copy is not there, or its time is over. Ask for a new one."))
    about = row.workspace.slug if row.workspace else "account"
    return Ready(_path(row), f"footnote-{about}-{row.created_at:%Y-%m-%d}.zip")


def _owns(row: Archive) -> bool:
    return Membership.objects.filter(workspace=row.workspace, user=row.person_id, role=rules.OWNER).exists()


def carry_on() -> None:
    """Work for a few seconds on what waits, the longest first, and erase what is out of date. A chore."""
    until = time.monotonic() + SECONDS
    with tenancy.as_platform("copies to take away"):
        for old in Archive.objects.filter(expires_at__lte=clock.now()):
            _drop(old)
        waiting = Archive.objects.select_related("workspace", "person").filter(state="waits")
        rows = list(waiting.order_by("tries", "created_at")[:20])
    for number, row in enumerate(rows):
        if number and time.monotonic() >= until:
            return
        _portion(row, until)


def drop_of(*, person: int) -> None:
    """Erase every archive of a person. The platform's role is on."""
    for row in Archive.objects.filter(person_id=person):
        _drop(row)


def drop_about(*, schema: str) -> None:
    """Erase every archive of a workspace. The platform's role is on."""
    for row in Archive.objects.filter(workspace__schema_name=schema):
        _drop(row)


def _drop(row: Archive) -> None:
    for path in (_path(row), _draft(row)):
        path.unlink(missing_ok=True)
    row.delete()


def _portion(row: Archive, until: float) -> None:
    # It counts before the work: a portion that ends this program counts too.
    _note(row, tries=row.tries + 1)
    try:
        parts = list(_parts(row))
        with translation.override(row.person.language or settings.LANGUAGE_CODE), _zip(row) as file:
            done = _fill(file, parts, until=until)
            if done == len(parts) and "manifest.json" not in file.namelist():
                _write(file, "manifest.json", contents.as_json(contents.manifest(file)))
    except Exception:
        log.exception("a portion of archive %s failed", row.pk)
        tenancy.close()
        if row.tries + 1 >= MOST_TRIES:
            _note(row, state="failed", expires_at=clock.now() + timedelta(days=rules.ARCHIVE_DAYS))
        return
    _note(row, tries=0, done=done, total=len(parts))
    if done == len(parts):
        _finish(row)


def _fill(file: zipfile.ZipFile, parts: list[tuple[str, Part]], *, until: float) -> int:
    """Write parts until the time is over; return how many of all stand there. One by one in their workspaces."""
    there = set(file.namelist())
    done = written = 0
    for schema, part in parts:
        if not {part.path, part.path + contents.MISSING} & there:
            # One at least, so that each portion comes nearer to the end.
            if time.monotonic() >= until and written:
                continue
            _write(file, *_made(schema, part))
            written += 1
        done += 1
    return done


def _made(schema: str, part: Part) -> tuple[str, bytes]:
    try:
        if not schema:
            return part.path, part.make()
        with tenancy.in_workspace(schema):
            return part.path, part.make()
    except ProductError as error:
        return part.path + contents.MISSING, f"{error.sentence}\n".encode()


def _parts(row: Archive) -> Iterator[tuple[str, Part]]:
    """Yield what belongs into an archive, each with the workspace it is read in."""
    if row.workspace:
        member = queries.member(row.workspace.schema_name, row.person_id)
        if member is None or not member.may("close"):
            raise Forbidden("The person who asked for this copy does not own the workspace any more.")
        yield "", contents.readme(_("the workspace %(name)s") % {"name": row.workspace.name})
        yield from _of(member, own=False)
        return
    yield "", contents.readme(_("the account %(email)s") % {"email": row.person.email})
    yield "", Part("account.json", lambda: contents.account(row.person_id))
    for space in queries.workspaces_of(row.person_id):
        if member := queries.member(space.schema, row.person_id):
            yield from _of(member, own=True, folder=f"workspaces/{space.slug}/")


def _of(member: Member, *, own: bool, folder: str = "") -> Iterator[tuple[str, Part]]:
    with tenancy.in_workspace(member.schema):
        found: Iterable[Iterable[Part]] = archive_parts(member=member, own=own)
        rows = [*contents.of_workspace(member, own=own), *(part for parts in found for part in parts)]
    yield from ((member.schema, Part(folder + part.path, part.make)) for part in rows)


def _finish(row: Archive) -> None:
    _draft(row).replace(_path(row))
    now = clock.now()
    until = now + timedelta(days=rules.ARCHIVE_DAYS)
    _note(row, state="ready", bytes=_path(row).stat().st_size, ready_at=now, expires_at=until)
    with tenancy.as_platform("a copy is ready"):
        letters.send_to(
            person=row.person_id, name="archive_ready", subject=lambda: _("Your copy is ready"),
            context={"workspace": row.workspace.name if row.workspace else "", "days": rules.ARCHIVE_DAYS,
                     "link": f"{settings.PUBLIC_ORIGIN}/settings/data"},
        )  # fmt: skip


def _note(row: Archive, **changes: Any) -> None:
    with tenancy.as_platform("how far a copy is"):
        Archive.objects.filter(pk=row.pk).update(**changes)


@contextmanager
def _zip(row: Archive) -> Iterator[zipfile.ZipFile]:
    """Open the file that is being made; one that a crash left without its end is begun anew."""
    path = _draft(row)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and not zipfile.is_zipfile(path):
        path.unlink()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        yield file


def _write(file: zipfile.ZipFile, path: str, body: bytes) -> None:
    moment = clock.now().timetuple()[:6]
    entry = zipfile.ZipInfo(path, date_time=moment)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    file.writestr(entry, body)


def _path(row: Archive) -> Path:
    return Path(settings.BLOB_ROOT) / "archives" / f"{row.pk}.zip"


def _draft(row: Archive) -> Path:
    return _path(row).with_suffix(".part")


@dataclass(frozen=True, slots=True)
class Copy:
    """An archive as its person sees it. workspace: its name, empty for their own; done, total: how many files."""

    id: UUID
    workspace: str
    state: str
    done: int
    total: int
    bytes: int
    created_at: datetime
    expires_at: datetime | None


def listed(*, person: int, schema: str = "") -> list[Copy]:
    """List the archives that a person asked for, the newest first; schema: of this workspace only."""
    with tenancy.as_platform("the copies of a person"):
        rows = Archive.objects.select_related("workspace").filter(person_id=person).order_by("-created_at")
        rows = rows.filter(workspace__schema_name=schema) if schema else rows
        return [
            Copy(
                row.pk, row.workspace.name if row.workspace else "", row.state, row.done, row.total, row.bytes,
                row.created_at, row.expires_at,
            )
            for row in rows[:20]
        ]  # fmt: skip

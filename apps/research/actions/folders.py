"""Take a folder of documents into the workspace."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from apps.lib.errors import Invalid
from apps.library.actions import documents as library
from apps.library.actions.documents import Rejected, Upload

MOST_FILES = 2000
TELL_EVERY = 50


@dataclass(frozen=True, slots=True)
class FolderRead:
    """The document versions a run may read, and the files that could not be taken."""

    versions: tuple[str, ...]
    rejected: tuple[Rejected, ...]


def read(*, by: int, folder: Path, tell: Callable[[str], object]) -> FolderRead:
    """Add every readable file of a folder, in order of name; list the others with their reasons.

    Raises Invalid when there is no such folder or nothing in it could be read.
    """
    if not folder.is_dir():
        raise Invalid(_("There is no folder %(folder)s.") % {"folder": folder})
    versions: dict[str, None] = {}
    rejected: list[Rejected] = []
    for count, path in enumerate(_files(folder), start=1):
        if count % TELL_EVERY == 0:
            tell(f"reading file {count} of {folder} …")
        name = path.relative_to(folder).as_posix()
        if problem := _problem(path):
            rejected.append(Rejected(name, problem[0], problem[1]))
        else:
            taken, refused = library.add(by=by, uploads=[Upload(name, path.read_bytes())])
            versions |= dict.fromkeys(added.version for added in taken)
            rejected += refused
    for row in rejected:
        tell(f"not read: {' '.join(row.name.split())}: {row.reason}")
    if not versions:
        raise Invalid(
            _("No file in %(folder)s could be read: %(count)d were tried. Add PDF, HTML, Markdown, text, CSV or DOCX.")
            % {"folder": folder, "count": len(rejected)}
        )
    tell(f"read {len(versions)} documents of {folder}")
    return FolderRead(tuple(versions), tuple(rejected))


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            count += 1
            if count > MOST_FILES:
                return
            yield Path(place) / name


def _problem(path: Path) -> tuple[str, str] | None:
    try:
        facts = path.stat()
    except OSError as error:
        return "unreadable", f"It can't be opened: {error.strerror}."
    if not stat.S_ISREG(facts.st_mode):
        return "unsupported", "It is not a file."
    if facts.st_size > settings.MAX_BODY_BYTES:
        return "too_large", f"It is larger than {settings.MAX_BODY_BYTES // 1_000_000} MB."
    if not os.access(path, os.R_OK):
        return "unreadable", "It may not be read by this user."
    return None

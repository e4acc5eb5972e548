"""A report's files."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext as _

from apps.lib.errors import Invalid, NotFound
from apps.research.formats import html, markdown, pdf, record
from apps.research.queries import documents

NAMES = {"pdf": "report.pdf", "md": "report.md", "html": "report.html", "json": "report.json"}
RENDER = {"pdf": pdf.render, "md": markdown.render, "html": html.render, "json": record.render}


def writable(folder: Path) -> Path:
    """Make a folder for a report, and see that it can be written. Raises Invalid."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Invalid(
            _("The folder %(folder)s can't be written: %(why)s.") % {"folder": folder, "why": error.strerror}
        ) from error
    return folder


def write_files(*, run: str, folder: Path) -> dict[str, str]:
    """Write all files of a report, each complete or not at all; return their paths by name.

    A PDF that can't be drawn is left out, and an older one of that name removed. Raises Invalid when the disk refuses.
    """
    report = documents.load(run)
    bodies = {}
    for kind, render_ in RENDER.items():
        try:
            bodies[NAMES[kind]] = render_(report)
        except pdf.NotDrawn:
            (folder / NAMES[kind]).unlink(missing_ok=True)
    paths = {}
    try:
        for name, body in bodies.items():
            paths[name] = str(_write(folder / name, body))
    except OSError as error:
        raise Invalid(_("The report could not be written: %(why)s.") % {"why": error.strerror}) from error
    return paths


def _write(path: Path, body: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".footnote-")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(body)
            part.flush()
            os.fsync(part.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path.resolve()


def render_published(*, run: str, kind: str, named: bool = True) -> bytes:
    """Return a published report as one of pdf, md, html, json. Raises NotFound for a draft.

    named: say who asked and who approved; not to somebody outside the workspace.
    """
    report = documents.load(run)
    if report.state != "published":
        raise NotFound(_("This run has no published report yet."))
    return RENDER[kind](report if named else replace(report, asked_by="", approved_by=""))

"""report.pdf: drawn by xhtml2pdf in a child process with limits on memory, time and what it may open."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.lib.errors import ProductError
from apps.research.formats.pages import context
from apps.research.queries.documents import ReportDocument

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 60
WALL_SECONDS = 150  # more than the CPU limit: the machine may be busy
_CHILD = Path(__file__).with_name("typesetting") / "child.py"


class NotDrawn(ProductError):
    """The PDF could not be drawn; the other formats are complete."""

    code = "pdf_failed"


def render(report: ReportDocument) -> bytes:
    """Return the report as PDF bytes, the same for the same report. Raises NotDrawn."""
    page = render_to_string("research/pdf.html", context(report))
    return draw(page, made_at=report.published_at or report.created_at)


def draw(
    page: str,
    *,
    made_at: datetime,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
    wall_seconds: float = WALL_SECONDS,
) -> bytes:
    """Turn our own HTML into PDF bytes dated `made_at`, in a process that can reach nothing. Raises NotDrawn."""
    try:
        done = subprocess.run(  # our own file, our own arguments; the page comes by stdin
            [sys.executable, "-I", str(_CHILD), str(memory_bytes), str(cpu_seconds)],
            input=page.encode(errors="replace"),
            capture_output=True,
            timeout=wall_seconds,
            cwd="/",
            env={"LANG": "C.UTF-8", "SOURCE_DATE_EPOCH": str(int(made_at.timestamp()))},
            check=False,
        )
    except subprocess.TimeoutExpired:
        why = _("it took more than %(seconds)d seconds") % {"seconds": wall_seconds}
        raise NotDrawn(_("The PDF could not be drawn: %(why)s.") % {"why": why}) from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        why = done.stderr.decode(errors="replace")[-300:] or _("it met a limit of memory or time")
        raise NotDrawn(_("The PDF could not be drawn: %(why)s.") % {"why": why})
    return done.stdout

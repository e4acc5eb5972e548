"""report.pdf: drawn by xhtml2pdf in a child process with limits on memory, time and what it may open."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from django.template.loader import render_to_string

from apps.lib.errors import ProductError
from apps.research.queries.documents import ReportDocument
from apps.research.formats.html import context

CHILD = Path(__file__).resolve().parent / "pdf_child.py"
SECONDS = 120
MEMORY = 1_500_000_000


class NotDrawn(ProductError):
    """The PDF could not be drawn; the other formats are complete."""

    code = "pdf_failed"


def render(report: ReportDocument) -> bytes:
    """Return the report as PDF bytes. Raises NotDrawn."""
    return draw(render_to_string("research/pdf.html", context(report)))


def draw(page: str) -> bytes:
    """Turn our own HTML into PDF bytes, in a process that can reach nothing. Raises NotDrawn."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)], input=page.encode(), capture_output=True, timeout=SECONDS,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"}, preexec_fn=_limit, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotDrawn(f"The PDF was not drawn within {SECONDS} seconds.") from error
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        raise NotDrawn(f"The PDF could not be drawn: {done.stderr.decode(errors='replace')[-400:]}")
    return done.stdout


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

"""Choose a parser by what the bytes are, run it within limits."""

from __future__ import annotations

import re
from typing import Any

from apps.lib.text import clean
from apps.library.extraction import plain
from apps.library.extraction.limits import parse_apart
from apps.library.extraction.results import MOST_BYTES, Extracted, Unreadable
from apps.library.extraction.sniff import sniff

__all__ = ["MOST_BYTES", "Extracted", "Unreadable", "extract"]

_APART = ("pdf", "html", "docx", "xlsx")
_MOST_NAME = 200


def extract(body: bytes, *, name: str, media_type: str = "") -> Extracted:
    """Read a document of any supported kind; PDF, HTML, DOCX and XLSX are parsed in a child with limits.

    name: the file's name; its suffix is a claim that is checked against the bytes. media_type: a second claim.
    Raises: Unreadable, with a reason and a sentence for the user.
    """
    if not body.strip():
        raise Unreadable("empty")
    if len(body) > MOST_BYTES:
        raise Unreadable("too_large")
    name = clean(name.replace("\\", "/").rsplit("/", 1)[-1])[:_MOST_NAME] or "document"
    kind, warnings = sniff(body, name=name, media_type=media_type)
    found = parse_apart(kind, body, name=name) if kind in _APART else plain.read(kind, body, name)
    if not re.search(r"\w", found["text"]):
        raise Unreadable("no_text" if kind in _APART else "empty")
    return _extracted(kind, found, warnings)


def _extracted(kind: str, found: dict[str, Any], warnings: tuple[str, ...]) -> Extracted:
    return Extracted(
        title=found["title"],
        text=found["text"],
        kind=kind,
        pages=tuple(found.get("pages", ())),
        published_date=found["published_date"],
        warnings=warnings + tuple(found["warnings"]),
    )

"""What extraction hands back, and how it says no."""

from __future__ import annotations

from dataclasses import dataclass

from apps.lib.errors import ProductError

MOST_BYTES = 25_000_000

SENTENCES = {
    "empty": "The file is empty.",
    "encrypted": "The file is encrypted; save it without a password and add it again.",
    "too_large": "The file is larger than 25 MB; split it and add the parts.",
    "mislabelled": "The file is not what its name says.",
    "unsupported": "This kind of file can't be read; PDF, HTML, Markdown, text, CSV, DOCX and XLSX can.",
    "no_text": "There is no text in the file; a scan needs text recognition first.",
    "damaged": "The file is damaged and can't be read.",
    "polyglot": "The file is two things at once; save the document anew and add that.",
    "macros": "The file holds macros; save it without them (DOCX, XLSX) and add it again.",
    "active": "The file does something when it is opened; save it without that and add it again.",
    "entities": "The file defines entities, which documents have no need of; it was not read.",
    "bomb": "The file unpacks to far more than its size; it was not read.",
    "limits": "Reading the file took more time or memory than allowed.",
}


class Unreadable(ProductError):
    """This document can't be read; `reason` is one of the keys of SENTENCES."""

    code = "unreadable"
    status = 422

    def __init__(self, reason: str, sentence: str = "") -> None:
        super().__init__(sentence or SENTENCES[reason], reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document as text.

    text: clean, paragraphs separated by a blank line, headings marked with `#`, a table row a line
        ("Year: 2003; Length: 4 km").
    kind: pdf, html, markdown, text, csv, docx or xlsx.
    pages: where each page begins in `text` (PDF only).
    published_date: ISO 8601, from metadata, front matter or an obvious byline.
    """

    title: str
    text: str
    kind: str
    pages: tuple[int, ...] = ()
    published_date: str | None = None
    warnings: tuple[str, ...] = ()

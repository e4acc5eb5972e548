"""PDF to text, in the child."""

from __future__ import annotations

import io
import logging
import re
import time
from collections import Counter
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import FileNotDecryptedError, PdfReadError

from apps.lib.text import clean
from apps.library.extraction.bylines import choose_title, find_date, first_heading
from apps.library.extraction.columns import may_hold_table, write_tables
from apps.library.extraction.paragraphs import join_lines
from apps.library.extraction.results import Unreadable
from apps.library.extraction.scripts import check_scripts

MOST_PAGES = 1_000
SECONDS = 12.0  # CPU; then what was read so far is kept, well before the hard limit
_LEADERS = re.compile(r"(?:\.\s?){5,}\s*(?:\d{1,4}|[ivxl]{1,6})?\s*\Z")  # a line of a table of contents
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read(kind: str, body: bytes, name: str) -> dict[str, Any]:
    """Return {title, text, pages, published_date, warnings} of a PDF. Raises: Unreadable."""
    reader = _open(body)
    about_scripts = check_scripts(reader, body)
    raw, warnings = _pages(reader)
    warnings = about_scripts + warnings
    pages = _without_margins(raw)
    text, starts = _joined(pages)
    if len(re.findall(r"\w", text)) < 20:
        raise Unreadable("no_text")
    empty = sum(not page.strip() for page in pages)
    if empty and empty >= len(pages) // 4:
        warnings.append(f"{empty} of {len(pages)} pages hold no text; they may be scans.")
    title, created = _details(reader)
    largest = _largest_line(reader)
    return {
        "title": choose_title([title, largest, first_heading(text)], name),
        "text": text,
        "pages": starts,
        "published_date": find_date(text, name) or created,
        "warnings": warnings,
    }


def _open(body: bytes) -> PdfReader:
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        len(reader.pages)
    except FileNotDecryptedError:
        raise Unreadable("encrypted") from None
    except PdfReadError:
        raise Unreadable("damaged") from None
    return reader


def _pages(reader: PdfReader) -> tuple[list[str], list[str]]:
    warnings: list[str] = []
    pages: list[str] = []
    total = len(reader.pages)
    failed = 0
    for number in range(min(total, MOST_PAGES)):
        if time.process_time() > SECONDS:
            warnings.append(f"Reading stopped after {number} of {total} pages: the document takes too long to read.")
            return pages, warnings
        try:
            pages.append(_read_page(reader.pages[number]))
        except (MemoryError, RecursionError):
            raise
        except Exception:  # one broken page does not spoil the others
            pages.append("")
            failed += 1
    if failed:
        warnings.append(f"{failed} of {total} pages could not be read.")
    if total > MOST_PAGES:
        warnings.append(f"Only the first {MOST_PAGES:,} of {total:,} pages were read.")
    return pages, warnings


def _read_page(page: PageObject) -> str:
    """Return the text of a page, its tables as rows where their columns can be told."""
    plain = clean(page.extract_text())
    if not may_hold_table(plain) or time.process_time() > 0.6 * SECONDS:
        return plain
    return write_tables(plain, clean(page.extract_text(extraction_mode="layout")))


def _without_margins(pages: list[str]) -> list[str]:
    """Drop running heads, feet and page numbers: lines at the edge that come back on most pages."""
    lines = [[line for line in page.splitlines() if line.strip()] for page in pages]
    seen = Counter(key for page in lines for key in {_masked(line) for line in page[:2] + page[-2:]})
    often = {key for key, count in seen.items() if count >= max(2, 0.5 * len(pages))}

    def at_edge(page: list[str], place: int) -> bool:
        edge = (place < 2 or place >= len(page) - 2) and len(page) > 4 and len(page[place]) < 120
        return edge and (_masked(page[place]) in often or _is_page_number(page[place]))

    kept = [
        [line for place, line in enumerate(page) if not at_edge(page, place) and not _LEADERS.search(line)]
        for page in lines
    ]
    return ["\n".join(_spaced(page, text)) for page, text in zip(kept, pages, strict=True)]


def _spaced(kept: list[str], page: str) -> list[str]:
    """Put the blank lines of the page back between the lines that were kept."""
    out: list[str] = []
    waiting = iter(kept)
    following = next(waiting, None)
    for line in page.splitlines():
        if not line.strip():
            out.append("")
        elif line == following:
            out.append(line)
            following = next(waiting, None)
    return out


def _masked(line: str) -> str:
    return re.sub(r"\d+", "0", " ".join(line.split())).casefold()


def _is_page_number(line: str) -> bool:
    return bool(
        re.fullmatch(
            r"\s*(?:page|seite|p\.)?\s*[-–]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*[-–]?\s*(?:(?:/|of|von)\s*\d{1,4})?\s*",
            line,
            re.I,
        )
    )


def _joined(pages: list[str]) -> tuple[str, list[int]]:
    """Join pages to one text; a sentence that runs over a page break stays one sentence."""
    widths = sorted(len(line) for page in pages for line in page.splitlines() if len(line) > 20)
    width = widths[int(len(widths) * 0.8)] if widths else 80
    text = ""
    starts: list[int] = []
    for page in pages:
        written = join_lines(page, width=width)
        if text and written:
            runs_on = text[-1] not in ".!?:;”\"'。！？" and written[0].islower()
            text += " " if runs_on else "\n\n"
        starts.append(len(text))
        text += written
    return text, starts


def _largest_line(reader: PdfReader) -> str | None:
    """Return what the first page says in letters clearly larger than the rest."""
    said: dict[float, list[str]] = {}

    def note(text: str, _cm: object, matrix: list[float], _font: object, size: float) -> None:
        if text.strip():
            said.setdefault(round(abs(size * (matrix[3] or matrix[1])), 1), []).append(text)

    try:
        reader.pages[0].extract_text(visitor_text=note)
    except Exception:  # a title is not worth failing for
        return None
    sizes = sorted(said)
    usual = max(said, key=lambda size: sum(map(len, said[size])), default=0.0)
    return " ".join(said[sizes[-1]]) if sizes and sizes[-1] > 1.15 * usual else None


def _details(reader: PdfReader) -> tuple[str | None, str | None]:
    """Return the title and the ISO date of creation that the file states about itself."""
    try:
        about = reader.metadata
        created = about.creation_date if about else None
        title = str(about.title) if about and about.title else None
        # Programs that build the same file each time write the first day of a round year.
        dated = created is not None and (created.month, created.day) != (1, 1)
        return title, created.date().isoformat() if created and dated else None
    except Exception:  # metadata is often broken and never worth failing for
        return None, None

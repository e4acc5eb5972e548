"""Word documents and Excel workbooks to text, in the child."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from apps.lib.text import clean
from apps.library.extraction.archives import check_archive
from apps.library.extraction.bylines import choose_title, find_date, first_heading
from apps.library.extraction.results import Unreadable
from apps.library.extraction.tables import write_rows

MOST_ROWS = 20_000  # a sheet
MOST_COLUMNS = 200
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read(kind: str, body: bytes, name: str) -> dict[str, Any]:
    """Return {title, text, published_date, warnings} of a DOCX or XLSX file. Raises: Unreadable."""
    warnings = check_archive(body)
    found = _read_docx(body, name) if kind == "docx" else _read_xlsx(body, name)
    return found | {"warnings": warnings + found["warnings"]}


def _about(properties: Any) -> tuple[str | None, str | None]:
    """Return title and ISO date; a template's own date of 2013 is what python-docx writes, not a date."""
    stamp = properties.created or properties.modified
    if not stamp or (stamp.year == 2013 and "python-docx" in str(getattr(properties, "comments", ""))):
        return properties.title, None
    return properties.title, stamp.date().isoformat()


# --- Word ------------------------------------------------------------------------------------------------------


def _read_docx(body: bytes, name: str) -> dict[str, Any]:
    import docx  # slow to load; a workbook does not need it

    document = docx.Document(io.BytesIO(body))
    blocks = [block for block in _blocks(document) if block.strip()]
    text = clean("\n\n".join(blocks)).replace("\n\n- ", "\n- ").strip()
    if not re.search(r"\w", text):
        raise Unreadable("no_text")
    title, created = _about(document.core_properties)
    heads = "\n".join(dict.fromkeys(p.text for s in document.sections for p in s.header.paragraphs if p.text.strip()))
    return {
        "title": choose_title([title, first_heading(text)], name),
        "text": text,
        "published_date": find_date(text, "") or find_date(heads, name) or created,
        "warnings": [],
    }


def _blocks(document: Any) -> Iterator[str]:
    """Yield paragraphs and tables in reading order, then the footnotes."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield "\n".join(_table_lines(block))
        else:
            yield _paragraph(block)
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            yield from _footnotes(relation.target_part.blob)


def _paragraph(block: Any) -> str:
    said = _said(block._p)
    style = (block.style.name or "") if block.style is not None else ""
    if not said.strip():
        return ""
    if style == "Title":
        return f"# {said}"
    level = re.fullmatch(r"Heading (\d)", style)
    if level:
        return f"{'#' * min(6, int(level[1]) + 1)} {said}"
    return f"- {said}" if style.startswith("List") or block._p.find(f"{_W}pPr/{_W}numPr") is not None else said


def _said(element: Any) -> str:
    """Return the text of a paragraph as it reads: insertions in, deletions and doubled fallbacks out."""
    parts: list[str] = []
    for node in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}noBreakHyphen"):
        if any(above.tag in (_FALLBACK, f"{_W}del", f"{_W}moveFrom") for above in node.iterancestors()):
            continue
        parts.append(node.text or "" if node.tag == f"{_W}t" else "-" if node.tag.endswith("Hyphen") else " ")
    return " ".join("".join(parts).split())


def _table_lines(table: Any) -> list[str]:
    rows: list[list[str]] = []
    for row in table._tbl.iter(f"{_W}tr"):
        rows.append([_said(cell) for cell in row.iterchildren(f"{_W}tc")])
    return write_rows(rows)


def _footnotes(blob: bytes) -> Iterator[str]:
    from lxml import etree

    root = etree.fromstring(blob, etree.XMLParser(resolve_entities=False, no_network=True))
    for note in root.iter(f"{_W}footnote"):
        yield _said(note)


# --- Excel -----------------------------------------------------------------------------------------------------


def _read_xlsx(body: bytes, name: str) -> dict[str, Any]:
    import openpyxl  # slow to load; a document does not need it

    workbook = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    warnings: list[str] = []
    parts: list[str] = []
    for sheet in workbook.worksheets:
        rows: list[list[str]] = []
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            if len(rows) >= MOST_ROWS:
                warnings.append(f"Only the first {MOST_ROWS:,} rows of the sheet {sheet.title} were read.")
                break
            if any(value is not None for value in row):
                rows.append([_value(value) for value in row])
        if rows:
            parts.extend([f"## {sheet.title}", *_sheet(rows)])
    text = clean("\n\n".join(parts))
    if not re.search(r"\w", text):
        raise Unreadable("no_text")
    # Without this part openpyxl says the workbook was created now.
    title, created = _about(workbook.properties) if b"docProps/core.xml" in body else (None, None)
    return {
        "title": choose_title([title], name),
        "text": text,
        "published_date": find_date("", name) or created,
        "warnings": warnings,
    }


def _value(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00").replace("T", " ")
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def _sheet(rows: list[list[str]]) -> list[str]:
    """Return lines above the table as they are, and the table as rows that read."""
    width = max(sum(1 for cell in row if cell) for row in rows[:50])
    lines = []
    while rows and width > 1 and sum(1 for cell in rows[0] if cell) == 1:
        lines.append(next(cell for cell in rows[0] if cell))
        rows = rows[1:]
    return [*lines, "\n".join(write_rows(rows))]

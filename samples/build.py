"""Build the PDF and DOCX files of the sample library from `sources/`: `python samples/build.py`.

The output is the same byte for byte each time, so that a rebuild shows up in a diff only where a text changed.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
_STAMP = (2024, 1, 1, 0, 0, 0)


def main() -> None:
    """Write every file of `sources/` into `library/`, its format by its name: `x.pdf.md` becomes `x.pdf`."""
    for source in sorted((HERE / "sources").glob("*.md")):
        about, blocks = read(source.read_text(encoding="utf-8"))
        target = HERE / "library" / source.stem
        target.write_bytes(write_pdf(about, blocks) if target.suffix == ".pdf" else write_docx(about, blocks))
        sys.stdout.write(f"{target.relative_to(HERE)}  {target.stat().st_size:,} bytes\n")


def read(text: str) -> tuple[dict[str, str], list[tuple[str, Any]]]:
    """Return front matter and blocks: ("h1" | "h2" | "p", text), ("list", entries) or ("table", rows)."""
    _, front, body = text.split("---\n", 2)
    about = {key: value.strip().strip('"') for key, value in re.findall(r"(?m)^(\w+):(.*)$", front)}
    return about, list(_blocks(body))


def _blocks(body: str) -> Iterator[tuple[str, Any]]:
    for part in re.split(r"\n\s*\n", body.strip()):
        lines = part.splitlines()
        if part.startswith("#"):
            yield ("h1" if part.startswith("# ") else "h2"), part.lstrip("# ")
        elif part.startswith("- "):
            yield "list", [line.removeprefix("- ") for line in lines]
        elif part.startswith("|"):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            yield "table", [rows[0], *rows[2:]]
        else:
            yield "p", " ".join(lines)


def write_pdf(about: dict[str, str], blocks: list[tuple[str, Any]]) -> bytes:
    """Return a PDF with a running title and page numbers, as such reports have them."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=14, spaceAfter=7)
    head = ParagraphStyle("head", fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=9, spaceAfter=5)
    title = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=18, leading=23, spaceAfter=12)
    styles = {"h1": title, "h2": head, "p": body}

    def frame(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(25 * mm, 285 * mm, about["title"][:80])
        canvas.drawRightString(185 * mm, 12 * mm, f"Page {document.page}")

    story: list[Any] = []
    for kind, content in blocks:
        if kind == "list":
            story.extend(Paragraph(escape(entry), body, bulletText="•") for entry in content)
        elif kind == "table":
            cells = [[Paragraph(escape(cell), body) for cell in row] for row in content]
            story.extend([Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.3, "#888888")]), Spacer(1, 8)])
        else:
            story.append(Paragraph(escape(content), styles[kind]))
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=25 * mm, rightMargin=25 * mm, topMargin=25 * mm, bottomMargin=25 * mm,
        title=about["title"], author=about["author"], invariant=1,
    )  # fmt: skip
    document.build(story, onFirstPage=frame, onLaterPages=frame)
    return buffer.getvalue()


def write_docx(about: dict[str, str], blocks: list[tuple[str, Any]]) -> bytes:
    """Return a Word document with styles, lists and tables."""
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = about["title"], about["author"]
    properties.created = properties.modified = datetime.fromisoformat(about["date"])
    properties.comments = ""
    for kind, content in blocks:
        if kind == "list":
            for entry in content:
                document.add_paragraph(entry, style="List Bullet")
        elif kind == "table":
            table = document.add_table(rows=0, cols=len(content[0]), style="Table Grid")
            for row in content:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(content, style={"h1": "Title", "h2": "Heading 1", "p": "Normal"}[kind])
    buffer = io.BytesIO()
    document.save(buffer)
    return _restamped(buffer.getvalue())


def _restamped(archive: bytes) -> bytes:
    """Return the archive with fixed times, which would otherwise be those of the build."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            new.writestr(zipfile.ZipInfo(name, _STAMP), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    main()

"""Files that mean harm, built byte by byte, and harmless ones to compare them with."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import docx
import openpyxl
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject
from reportlab.pdfgen import canvas

WORDS = "The gate was opened in 1998 and cost 4 million crowns in all."
RELATIONS = "word/_rels/document.xml.rels"
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SCRIPT = b"<script>alert(1)</script>"


def pdf(text: str = WORDS) -> bytes:
    """A harmless PDF."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer)
    sheet.drawString(72, 760, text)
    sheet.save()
    return buffer.getvalue()


def word(text: str = WORDS) -> bytes:
    """A harmless Word document."""
    document = docx.Document()
    document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def sheet() -> bytes:
    """A harmless workbook."""
    workbook = openpyxl.Workbook()
    for row in (["Year", "Length"], [2003, 4.2], [2004, 5.1]):
        workbook.active.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def with_parts(archive: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Add parts to an Office file, or replace those that are there."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, body in parts.items():
            new.writestr(name, body)
    return buffer.getvalue()


def changed(archive: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of an Office file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        body = old.read(name)
    return with_parts(archive, {name: change(body)})


def related(kind: str, target: str) -> bytes:
    """A Word document that loads something from elsewhere."""
    relation = f'<Relationship Id="rIdX" Type="{TYPE}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    return changed(word(), RELATIONS, lambda body: body.replace(b"</Relationships>", relation.encode()))


def field(*parts: str) -> bytes:
    """A Word document with a field whose instruction is cut into parts."""
    runs = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in parts)
    return changed(word(), "word/document.xml", lambda body: body.replace(b"</w:p>", runs.encode() + b"</w:p>", 1))


def entities(archive: bytes, name: str, encoding: str = "utf-8") -> bytes:
    """An Office file one of whose parts defines entities by each other, nine deep."""
    lines = ["<!ENTITY a0 'ha'>", *(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))]
    head = "<?xml version='1.0'?><!DOCTYPE x [" + "".join(lines) + "]>"

    def change(body: bytes) -> bytes:
        markup = body.decode().split("?>", 1)[-1]
        return (head + markup).encode(encoding)

    return changed(archive, name, change)


def overlapping() -> bytes:
    """An archive whose parts share their bytes: small, and huge once unpacked by each name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"a" * 4_000_000)
        first = archive.infolist()[0]
        for number in range(50):
            again = zipfile.ZipInfo(f"word/p{number:03}.xml")
            for name in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(again, name, getattr(first, name))
            archive.filelist.append(again)
            archive.NameToInfo[again.filename] = again
        archive._didModify = True
    return buffer.getvalue()


def pdf_with(change: Callable[[PdfWriter], None], *, packed: bool = False) -> bytes:
    """A PDF that something was done to; packed: its objects are in compressed streams."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return pack(buffer.getvalue()) if packed else buffer.getvalue()


def action(kind: str, **more: str) -> DictionaryObject:
    """An action dictionary."""
    found = DictionaryObject({NameObject("/S"): NameObject(f"/{kind}")})
    for name, value in more.items():
        found[NameObject(f"/{name}")] = TextStringObject(value)
    return found


def on_open(kind: str, **more: str) -> Callable[[PdfWriter], None]:
    """Make the document do something when it is opened."""

    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action(kind, **more))

    return change


def on_page(kind: str, **more: str) -> Callable[[PdfWriter], None]:
    """Make the first page do something when it is turned to."""

    def change(writer: PdfWriter) -> None:
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action(kind, **more)})

    return change


def on_click(kind: str, **more: str) -> Callable[[PdfWriter], None]:
    """Put an annotation on the first page that does something when it is clicked."""

    def change(writer: PdfWriter) -> None:
        note = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget"), NameObject("/A"): action(kind, **more)})
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return change


def named(script: str) -> Callable[[PdfWriter], None]:
    """Put a script into the document's table of names, whose scripts run on opening."""

    def change(writer: PdfWriter) -> None:
        scripts = DictionaryObject({
            NameObject("/Names"): ArrayObject([TextStringObject("a"), action("JavaScript", JS=script)])
        })  # fmt: skip
        writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): scripts})

    return change


def carrying(name: str, body: bytes) -> Callable[[PdfWriter], None]:
    """Attach a file."""
    return lambda writer: (writer.add_attachment(name, body), None)[1]


def pack(body: bytes) -> bytes:
    """Put the catalog's action into an object stream, so that no name of it stands in the file itself."""
    reader = PdfReader(io.BytesIO(body))
    writer = PdfWriter(clone_from=reader)
    held = writer.root_object["/OpenAction"]
    stream = StreamObject()
    text = (
        b"90 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>" if held["/S"] == "/JavaScript" else b"90 0 << /S /Launch >>"
    )
    stream.set_data(text)
    stream.update({NameObject("/Type"): NameObject("/ObjStm")})
    del writer.root_object["/OpenAction"]
    buffer = io.BytesIO()
    writer.write(buffer)
    return _with_object_stream(buffer.getvalue(), text)


def _with_object_stream(body: bytes, text: bytes) -> bytes:
    """Append an update with a cross-reference stream: a new catalog whose action is object 90 in stream 91."""
    import re
    import struct
    import zlib

    root = int(re.findall(rb"/Root (\d+) 0 R", body)[-1])
    before = int(re.findall(rb"startxref\s+(\d+)", body)[-1])
    pages = int(re.findall(rb"/Pages (\d+) 0 R", body)[-1])
    packed = zlib.compress(text)
    first = text.index(b"<<")
    out = body
    places: dict[int, tuple[int, int, int]] = {}
    places[root] = (1, len(out), 0)
    out += b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R /OpenAction 90 0 R >>\nendobj\n" % (root, pages)
    places[91] = (1, len(out), 0)
    out += b"91 0 obj\n<< /Type /ObjStm /N 1 /First %d /Length %d /Filter /FlateDecode >>\nstream\n" % (
        first,
        len(packed),
    )
    out += packed + b"\nendstream\nendobj\n"
    places[90] = (2, 91, 0)
    places[92] = (1, len(out), 0)
    index = b" ".join(b"%d 1" % number for number in sorted(places))
    table = b"".join(struct.pack(">BIH", *places[number]) for number in sorted(places))
    at = len(out)
    out += b"92 0 obj\n<< /Type /XRef /Size 93 /W [1 4 2] /Index [%s] /Root %d 0 R /Prev %d /Length %d >>\nstream\n" % (
        index, root, before, len(table),
    )  # fmt: skip
    return out + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at

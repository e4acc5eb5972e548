"""What a file is, by its first bytes; its name is only a claim."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from apps.library.extraction.polyglots import is_pdf, refuse_polyglot
from apps.library.extraction.results import Unreadable

SUFFIXES = {
    ".pdf": "pdf", ".html": "html", ".htm": "html", ".xhtml": "html", ".md": "markdown", ".markdown": "markdown",
    ".mdown": "markdown", ".txt": "text", ".text": "text", ".log": "text", ".rst": "text", ".csv": "csv",
    ".tsv": "csv", ".docx": "docx", ".xlsx": "xlsx",
}  # fmt: skip
MEDIA_TYPES = {
    "application/pdf": "pdf", "text/html": "html", "application/xhtml+xml": "html", "text/markdown": "markdown",
    "text/plain": "text", "text/csv": "csv", "text/tab-separated-values": "csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip
NAMES = {
    "pdf": "a PDF", "html": "a web page", "markdown": "Markdown", "text": "plain text", "csv": "a CSV table",
    "docx": "a Word document", "xlsx": "an Excel workbook",
}  # fmt: skip
_FOREIGN = (
    (rb"\x89PNG\r\n", "a PNG image"), (rb"\xff\xd8\xff", "a JPEG image"), (rb"GIF8[79]a", "a GIF image"),
    (rb"II\*\x00|MM\x00\*", "a TIFF image"), (rb"RIFF....WEBP", "a WebP image"),
    (rb"BM....\x00\x00\x00\x00", "a bitmap"),
    (rb"RIFF....WAVE", "a sound"), (rb"ID3|\xff[\xfb\xf3]", "a sound"), (rb"....ftyp", "a film"), (rb"OggS", "a sound"),
    (rb"\x1a\x45\xdf\xa3", "a film"), (rb"\x1f\x8b", "a gzip archive"), (rb"7z\xbc\xaf", "a 7z archive"),
    (rb"Rar!", "a RAR archive"), (rb"\xfd7zXZ|BZh", "a compressed file"), (rb"\x7fELF|MZ.{10}", "a program"),
    (rb"SQLite format 3", "a database"), (rb"\{\\rtf", "an RTF document"), (rb"%!PS", "PostScript"),
    (rb"wOF[F2]|\x00\x01\x00\x00\x00|OTTO", "a font"), (rb"\xca\xfe\xba\xbe", "a program"),
)  # fmt: skip
_HTML = re.compile(
    rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|article|main|div|title|meta|h1|p|table)\b",
    re.I | re.S,
)
BINARY = ("pdf", "docx", "xlsx")
MACRO_SUFFIXES = frozenset(".docm .dotm .xlsm .xltm .xlam .xlsb .pptm .potm .ppsm".split())
RUNNABLE = frozenset(
    ".exe .com .scr .pif .bat .cmd .ps1 .vbs .vbe .js .jse .mjs .wsf .wsh .hta .msi .msp .jar .lnk .reg .cpl .dll "
    ".dmg .apk .svg .php .url .chm .iso .img".split()
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sniff(body: bytes, *, name: str, media_type: str = "") -> tuple[str, tuple[str, ...]]:
    """Return (kind, warnings) for a file's bytes. Raises: Unreadable (unsupported, mislabelled, encrypted)."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    typed = MEDIA_TYPES.get(media_type.split(";")[0].strip().lower(), "")
    claimed = SUFFIXES.get(suffix) or typed
    if not typed:  # a page of the web may well be called index.php
        _refuse_name(suffix)
    found = _binary(body, claimed, suffix) or _textual(body, claimed)
    refuse_polyglot(body, found)
    if claimed in BINARY and found not in BINARY and typed != found:
        raise Unreadable(
            "mislabelled", f"The name says {suffix or claimed}, the content is {NAMES[found]}; name it so."
        )
    if claimed and found != claimed and not (found == "text" and claimed == "csv"):
        claim = f"The name says {suffix}" if suffix in SUFFIXES else f"The type says {media_type}"
        return found, (f"{claim}, the content is {NAMES[found]}; it was read as {NAMES[found]}.",)
    return found, ()


def _refuse_name(suffix: str) -> None:
    """Refuse names that a click runs, whatever the content: the file can be downloaded again. Raises: Unreadable."""
    if suffix in MACRO_SUFFIXES:
        raise Unreadable("macros")
    if suffix in RUNNABLE:
        raise Unreadable("active", f"A file named {suffix} runs as a program when it is opened; it was not taken.")


def _binary(body: bytes, claimed: str, suffix: str) -> str:
    """Return the kind by its magic number, "" for what looks like text. Raises: Unreadable."""
    head = body[:1024]
    if is_pdf(body):
        return "pdf"
    if head.startswith(b"PK"):
        return _zipped(body, claimed, suffix)
    refuse_polyglot(body, "")
    if head.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in body:
            raise Unreadable("encrypted")
        raise _foreign("an old Office file (save it as DOCX or XLSX)", claimed, suffix)
    for magic, what in _FOREIGN:
        if re.match(magic, head, re.S):
            raise _foreign(what, claimed, suffix)
    if claimed in ("pdf", "docx", "xlsx"):
        if _looks_binary(body):
            raise Unreadable("damaged", f"The name says {suffix or claimed}, but the beginning of the file is damaged.")
        return ""
    if _looks_binary(body):
        raise _foreign("a binary file of an unknown kind", claimed, suffix)
    return ""


def _zipped(body: bytes, claimed: str, suffix: str) -> str:
    if b"word/document" in body:
        return "docx"
    if b"xl/workbook" in body:
        return "xlsx"
    if claimed in ("docx", "xlsx"):
        raise Unreadable("damaged")
    what = (
        "a presentation"
        if b"ppt/presentation" in body
        else "an OpenDocument file"
        if b"opendocument" in body[:200]
        else "a ZIP archive"
    )
    raise _foreign(what, claimed, suffix)


def _foreign(what: str, claimed: str, suffix: str) -> Unreadable:
    if claimed:
        return Unreadable(
            "mislabelled", f"The name says {suffix or claimed}, the content is {what}, which can't be read."
        )
    return Unreadable("unsupported", f"This is {what}; PDF, HTML, Markdown, text, CSV, DOCX and XLSX can be read.")


def _looks_binary(body: bytes) -> bool:
    """Say whether the bytes, at their beginning or end, hold control characters that no text holds; UTF-16 is text."""
    head, tail = body[:65_536], body[65_536:][-65_536:]
    unicode = b"\x00" in head or body[:2] in (b"\xff\xfe", b"\xfe\xff")
    return _holds_controls(head) or (not unicode and _holds_controls(tail))


def _holds_controls(body: bytes) -> bool:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return False
    sample = body
    nulls = sample.count(0)
    if nulls > len(sample) * 0.3 and (sample[1::2].count(0) > nulls * 0.9 or sample[::2].count(0) > nulls * 0.9):
        return False
    controls = sum(sample.count(c) for c in (*range(0, 9), *range(14, 27), *range(28, 32)))
    return controls > max(2, len(sample) // 200)


def _textual(body: bytes, claimed: str) -> str:
    head = body[:4096].removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe")
    if claimed == "markdown" and not re.match(rb"\s*(?:<!doctype|<html)", head, re.I):
        return "markdown"
    if _HTML.match(head) and (
        claimed in ("html", "") or re.search(rb"<(?:!doctype html|html|body|head)\b", head, re.I)
    ):
        return "html"
    if claimed in ("html", "csv", "text", "markdown"):
        return claimed
    return "html" if re.search(rb"<(?:html|body)\b", head, re.I) else "text"

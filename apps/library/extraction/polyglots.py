"""Files that are two things at once: one to us, another to the program that opens them later."""

from __future__ import annotations

import re
import struct

from apps.library.extraction.results import Unreadable

_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 65_535
_PADDING = b"\x00\r\n\t \x1a"
_FOREIGN = re.compile(
    rb"<(?:script|html|!doctype|svg|\?php|iframe)\b|PK\x03\x04|\x7fELF|MZ.{2}\x00|#!/|%PDF-", re.I | re.S
)
_MARKUP = re.compile(rb"<(?:script|html|!doctype|svg|\?php|iframe)\b", re.I)


def refuse_polyglot(body: bytes, kind: str) -> None:
    """Refuse a file that another program would take for something else. Raises: Unreadable (polyglot)."""
    end = zip_end(body)
    if kind in ("docx", "xlsx"):
        # A comment hides as well as what follows; Office writes none.
        if end < 0 or body[end:].strip(_PADDING) or _FOREIGN.search(body[_comment(body) : end]):
            raise _polyglot("an Office file", "something else behind it")
    elif end >= 0:
        raise _polyglot("a document", "a ZIP archive")
    if kind == "pdf":
        _refuse_around_pdf(body)


def is_pdf(body: bytes) -> bool:
    """Say whether a file is a PDF to the programs that open it; a text that mentions the mark is none.

    Raises: Unreadable (polyglot) for a PDF with something before it.
    """
    at = body[:1024].find(b"%PDF-")
    if at < 0:
        return False
    if not body[:at].removeprefix(b"\xef\xbb\xbf").strip(_PADDING):
        return True
    if b"startxref" in body[-2048:] or re.search(rb"\d+ \d+ obj\b", body):
        raise _polyglot("a PDF", "something else before it")
    return False


def zip_end(body: bytes) -> int:
    """Return where the ZIP archive that a file ends with ends, comment included; -1 when it is none."""
    at = body.rfind(_END, max(0, len(body) - _LONGEST_COMMENT - _END_SIZE - 4096))
    while at >= 0:
        if at + _END_SIZE <= len(body):
            size, _offset, comment = struct.unpack("<IIH", body[at + 12 : at + _END_SIZE])
            listed = 0 < size <= at and body[at - size : at - size + 4] == b"PK\x01\x02"
            if listed or body[max(0, at - 20) : max(0, at - 20) + 4] == b"PK\x06\x07":
                return min(at + _END_SIZE + comment, len(body))
        at = body.rfind(_END, 0, at)
    return -1


def _comment(body: bytes) -> int:
    return body.rfind(_END) + _END_SIZE


def _refuse_around_pdf(body: bytes) -> None:
    """Refuse markup in a PDF's first lines, and programs or pages behind its end."""
    last = body.rfind(b"%%EOF")
    behind = body[last + 5 :] if last >= 0 else b""
    if _MARKUP.search(body[:1024]) or _FOREIGN.search(behind):
        raise _polyglot("a PDF", "a web page or a program")


def _polyglot(one: str, other: str) -> Unreadable:
    return Unreadable("polyglot", f"The file is {one} and {other} at once; save the document anew and add that.")

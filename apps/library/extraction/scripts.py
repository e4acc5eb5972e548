"""What a PDF would do when somebody opens it: run scripts, start programs, carry files."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from apps.library.extraction.results import Unreadable
from apps.library.extraction.sniff import MACRO_SUFFIXES, RUNNABLE

MOST_OBJECTS = 50_000
SECONDS = 5.0  # CPU since the child began; then only the catalog and the pages have been looked at
MOST_DEPTH = 20
_TELLS = re.compile(rb"/(?:JS|JavaScript|Launch|EF|RichMedia|ImportData|Movie|Sound|Rendition)\b")
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_JAVASCRIPT = "The PDF runs a script when it is opened; print it to a new PDF and add that."
_LAUNCH = "The PDF starts a program when it is opened or clicked; print it to a new PDF and add that."
_CARRIES = "A program is attached to the PDF; take it out and add the PDF again."


def check_scripts(reader: PdfReader, body: bytes) -> list[str]:
    """Return warnings about what is left out. Raises: Unreadable for what runs or carries programs.

    A script behind a form's field stays unread and gets a warning; one that runs by opening the file is refused.
    """
    if not _tells(reader, body):
        return []
    _refuse_on_open(reader)
    scripts = files = 0
    for part in _dictionaries(reader):
        action = part.get("/S")
        if action == "/Launch" or part.get("/Subtype") == "/RichMedia":
            raise Unreadable("active", _LAUNCH)
        scripts += action == "/JavaScript" or "/JS" in part
        if "/EF" in part:
            _refuse_program(part)
            files += 1
    warnings = ["The PDF has scripts in its form fields; they were not read."] if scripts else []
    return warnings + ([f"{files} files attached to the PDF were not read."] if files else [])


def _tells(reader: PdfReader, body: bytes) -> bool:
    """Say whether any name of the file calls for a closer look; names inside packed objects too."""
    streams = {stream for stream, _place in getattr(reader, "xref_objStm", {}).values()}
    packed = (_unpacked(reader, number) for number in sorted(streams))
    return any(_TELLS.search(_plain(text)) for text in (body, *packed))


def _plain(text: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text) if b"#" in text else text


def _unpacked(reader: PdfReader, number: int) -> bytes:
    found = reader.get_object(IndirectObject(number, 0, reader))
    return found.get_data() if isinstance(found, StreamObject) else b""


def _refuse_on_open(reader: PdfReader) -> None:
    """Refuse scripts and programs that opening the file, or turning to a page, runs."""
    root = reader.trailer["/Root"]
    names = _of(root, "/Names")
    if isinstance(names, DictionaryObject) and "/JavaScript" in names:
        raise Unreadable("active", _JAVASCRIPT)
    pages = [page for page, _number in zip(reader.pages, range(1_000), strict=False)]
    for holder in (root, *pages):
        for first in (_of(holder, "/OpenAction"), _of(holder, "/AA")):
            _refuse_actions(first, 0)


def _refuse_actions(action: Any, depth: int) -> None:
    if isinstance(action, IndirectObject):
        action = action.get_object()
    if not isinstance(action, DictionaryObject) or depth > MOST_DEPTH or action.get("/Type") == "/Page":
        return
    if action.get("/S") == "/JavaScript" or "/JS" in action:
        raise Unreadable("active", _JAVASCRIPT)
    if action.get("/S") == "/Launch":
        raise Unreadable("active", _LAUNCH)
    for key in action:
        if key not in ("/D", "/Parent", "/P"):
            _refuse_actions(_of(action, key), depth + 1)


def _refuse_program(part: DictionaryObject) -> None:
    names = [str(_of(part, key) or "") for key in ("/F", "/UF", "/DOS", "/Unix")]
    held = _of(part, "/EF")
    streams = [_of(held, key) for key in held] if isinstance(held, DictionaryObject) else []
    heads = [stream.get_data()[:4] for stream in streams if isinstance(stream, StreamObject)]
    if any(PurePosixPath(name).suffix.lower().rstrip(". ") in RUNNABLE | MACRO_SUFFIXES for name in names):
        raise Unreadable("active", _CARRIES)
    if any(head.startswith((b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"#!")) for head in heads):
        raise Unreadable("active", _CARRIES)


def _of(holder: Any, key: str) -> Any:
    """Return a value with its reference followed, None where it leads nowhere."""
    value = holder.get(key) if isinstance(holder, DictionaryObject) else None
    return value.get_object() if isinstance(value, IndirectObject) else value


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Yield every dictionary of the file, as far as time and number allow."""
    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    for number in sorted(numbers)[:MOST_OBJECTS]:
        if time.process_time() > SECONDS:
            return
        try:
            found = reader.get_object(IndirectObject(number, 0, reader))
        except (MemoryError, RecursionError):
            raise
        except Exception:  # one broken object does not spoil the others
            continue
        yield from _within(found, 0)


def _within(found: Any, depth: int) -> Iterator[DictionaryObject]:
    if depth > MOST_DEPTH:
        return
    if isinstance(found, DictionaryObject):
        yield found
    values = found.values() if isinstance(found, DictionaryObject) else found if isinstance(found, ArrayObject) else ()
    for value in values:
        if not isinstance(value, IndirectObject):
            yield from _within(value, depth + 1)

"""What an Office file is made of, before a parser opens it: bombs, macros, doors to the outside."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from apps.library.extraction.results import Unreadable

MOST_UNPACKED = 300_000_000  # bytes
MOST_PARTS = 5_000
MOST_RATIO = 200  # unpacked to packed, of a part that is large unpacked; sheets of equal rows reach about 80
LARGE = 5_000_000  # bytes
LOOKED_AT = 1_000_000  # bytes of a part in which a document type must stand, if it has one
_ARCHIVES = frozenset(".zip .7z .rar .gz .bz2 .xz .jar .tar .cab .iso".split())
_MACROS = re.compile(r"vbaproject\.bin|vbadata\.xml|(?:^|/)(?:macrosheets|activex|dialogsheets|customui)/", re.I)
_MACRO_TYPE = re.compile(rb"macroEnabled|vbaProject|ms-office\.activeX", re.I)
_DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>", re.I)
_LOADED = re.compile(
    rb"Type\s*=\s*[\"'][^\"']*/(?:attachedTemplate|oleObject|frame|subDocument|package|control)[\"']", re.I
)
_FIELD = re.compile(rb"<w:instrText[^>]*>([^<]*)|w:instr=\"([^\"]*)")
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']", re.I)
_PACKAGER = "Ole10Native".encode("utf-16-le")  # a file dropped into a document, programs included
_DDE = re.compile(rb"\bDDE(?:AUTO)?\b")


def check_archive(body: bytes) -> list[str]:
    """Return warnings about what is left out of an Office file. Raises: Unreadable for what is dangerous."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts)
            _refuse_macros(parts)
            objects = sum(_check_part(archive, part) for part in parts)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zipfile.LargeZipFile):
        raise Unreadable("damaged") from None
    return [f"Objects embedded in the file were not read: {objects}."] if objects else []


def _refuse_bombs(parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable("bomb")
    if any(part.file_size > LARGE and part.file_size > MOST_RATIO * part.compress_size for part in parts):
        raise Unreadable("bomb")
    placed = sorted((part.header_offset, part.compress_size + 30) for part in parts)
    if any(start + length > following for (start, length), (following, _size) in zip(placed, placed[1:], strict=False)):
        raise Unreadable("bomb")  # parts that share their bytes
    if any(PurePosixPath(part.filename).suffix.lower() in _ARCHIVES for part in parts):
        raise Unreadable("bomb", "There is an archive inside the file; take it out and add its documents themselves.")
    names = [part.filename.casefold() for part in parts]
    if len(set(names)) < len(names):
        raise Unreadable("polyglot", "Two parts of the file have the same name; save the document anew and add that.")


def _refuse_macros(parts: list[zipfile.ZipInfo]) -> None:
    if any(_MACROS.search(part.filename.replace("\\", "/")) for part in parts):
        raise Unreadable("macros")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Look into one part; say whether it is an embedded object, which is not read. Raises: Unreadable."""
    name = part.filename.lower()
    if name.endswith(".bin"):
        if _PACKAGER in archive.read(part):
            raise Unreadable("active", "A file is packed into the document; take it out and add the document again.")
        return "/embeddings/" in name
    if name.endswith((".xml", ".rels", ".vml")):
        _check_xml(archive, part, name)
    return "/embeddings/" in name


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    with archive.open(part) as stream:
        text = _as_ascii(stream.read(LOOKED_AT if not name.endswith((".rels", "document.xml")) else -1))
    if _DOCUMENT_TYPE.search(text[:LOOKED_AT]):
        raise Unreadable("entities")
    if name == "[content_types].xml" and _MACRO_TYPE.search(text):
        raise Unreadable("macros")
    if name.endswith(".rels") and any(_LOADED.search(r) and _EXTERNAL.search(r) for r in _RELATION.findall(text)):
        raise Unreadable("active", "The document loads a part of itself from elsewhere; save it without and add that.")
    fields = _FIELD.findall(text) if name.endswith("document.xml") else []
    if _DDE.search(b"".join(part or b" " + whole for part, whole in fields)):
        raise Unreadable("active", "The document starts another program (DDE); remove the field and add it again.")


def _as_ascii(text: bytes) -> bytes:
    """Return markup in UTF-16 or UTF-32 without its zero bytes, so that marks of ASCII are found."""
    return text.replace(b"\x00", b"") if b"\x00" in text[:64] else text

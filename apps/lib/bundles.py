"""A report that proves itself: a zip with the report, what it read, its ledger, hashes of each file and a signature.

`check` needs nothing but the zip: no network, no database, no Django.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from apps.lib import signing
from apps.lib.errors import Invalid

MANIFEST, SEAL, KEYS, REPORT = "manifest.json", "seal.jws", "jwks.json", "report.json"
FORMAT = 1
# A bundle beyond these is not read: it may come from anywhere.
MOST_FILES, MOST_BYTES = 2_000, 500_000_000
# The same bytes each time.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Finding(NamedTuple):
    """What is wrong: in which file, and in which sentence where one is hit (its number counts from 1)."""

    file: str
    said: str
    sentence: int | None = None


def manifest(run: str, files: Mapping[str, bytes]) -> bytes:
    """Return the text that is signed: the run, the sha256 of each file, and of each sentence of the report."""
    return canonical({
        "format": FORMAT, "run": run, "files": {name: _hash(files[name]) for name in sorted(files)},
        "sentences": [_hash(canonical(each)) for each in json.loads(files[REPORT])["sentences"]],
    })  # fmt: skip


def canonical(value: Any) -> bytes:
    """Return JSON in one spelling: sorted keys, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(body: bytes) -> str:
    """Return what the seal signs of a manifest."""
    return _hash(body)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the zip of files, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def check(body: bytes) -> tuple[dict[str, Any], list[Finding]]:
    """Return (what the seal says, what is wrong with a bundle). Raises Invalid when it is no bundle at all."""
    files = _unpack(body)
    missing = [name for name in (MANIFEST, SEAL, KEYS, REPORT) if name not in files]
    if missing:
        raise Invalid(f"This is not a proof bundle: it has no {missing[0]}.")
    try:
        stated = json.loads(files[MANIFEST])
        listed, sentences = dict(stated["files"]), list(stated["sentences"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("The manifest of this bundle can't be read.") from error
    claims, wrong = _sealed(files)
    found = [*wrong, *_files(files, listed), *_sentences(files[REPORT], sentences), *_quotes(files)]
    return claims, found


def _unpack(body: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise Invalid("This bundle is larger than any of ours.")
            return {entry.filename: packed.read(entry) for entry in entries}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Invalid(f"This zip can't be read: {error}.") from error


def _sealed(files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[Finding]]:
    try:
        ring = signing.read_jwks(files[KEYS].decode())
        claims = signing.read(files[SEAL].decode().strip(), ring)
    except (signing.BadToken, Invalid, UnicodeDecodeError) as error:
        return {}, [Finding(SEAL, f"the signature does not hold: {getattr(error, 'sentence', error)}")]
    if claims.get("digest") != digest(files[MANIFEST]):
        return claims, [Finding(MANIFEST, "it is not the manifest that was signed")]
    return claims, []


def _files(files: Mapping[str, bytes], listed: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(listed.keys() - files.keys()):
        yield Finding(name, "this file is missing")
    for name in sorted(files.keys() - listed.keys() - {MANIFEST, SEAL, KEYS}):
        yield Finding(name, "this file was added")
    for name in sorted(listed.keys() & files.keys()):
        if _hash(files[name]) != listed[name]:
            yield Finding(name, "this file was changed")


def _sentences(report: bytes, signed: list[str]) -> Iterator[Finding]:
    told = _told(report)
    if len(told) != len(signed):
        yield Finding(REPORT, f"it has {len(told)} sentences; {len(signed)} were signed")
    for number, (sentence, wanted) in enumerate(zip(told, signed, strict=False), start=1):
        if _hash(canonical(sentence)) != wanted:
            yield Finding(REPORT, f"“{_short(sentence)}” is not what was signed", number)


def _quotes(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield the sentences whose quotation does not stand in the text of its source any more."""
    for number, sentence in enumerate(_told(files[REPORT]), start=1):
        for cited in sentence.get("citations", []) if isinstance(sentence, dict) else []:
            name = f"sources/{cited.get('source')}.txt"
            text = files.get(name, b"").decode("utf-8", "replace")
            if text[cited.get("start", 0) : cited.get("end", 0)] != cited.get("quote"):
                yield Finding(name, f"“{_short(sentence)}” quotes what does not stand there", number)


def _told(report: bytes) -> list[Any]:
    try:
        told = json.loads(report)["sentences"]
    except (ValueError, KeyError, TypeError):
        return []
    return told if isinstance(told, list) else []


def _short(sentence: Any) -> str:
    said = str(sentence.get("text", "")) if isinstance(sentence, dict) else str(sentence)
    return said if len(said) <= 90 else said[:89] + "…"


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()

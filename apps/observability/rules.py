"""Pure: what is hashed of an entry, how seals hang together, and what does not fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# What an entry's hash covers, in every release: a column that comes later gets a list of its own.
HASHED = (
    "id", "workspace", "by", "did", "to", "reason", "agent", "on_behalf_of", "rule", "outcome", "digest", "at",
)  # fmt: skip
SIZE = 32


@dataclass(frozen=True, slots=True)
class Link:
    """One seal, as it stands in its table."""

    workspace: str
    number: int
    entries: tuple[int, ...]
    hashes: bytes
    previous: str
    chain: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit. kind: edited, deleted, inserted, reordered, cut or replaced; where: in words."""

    kind: str
    workspace: str
    where: str
    sentence: str


def entry_hash(entry: Mapping[str, Any]) -> bytes:
    """Return the hash of an entry: SHA-256 of its columns as JSON, times in UTC."""
    plain = {name: _plain(entry[name]) for name in HASHED}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).digest()


def chain_hash(link: Link) -> str:
    """Return the hash of a seal: over the one before, whose chain it is, its number, time, entries and their hashes."""
    head = [link.previous, link.workspace, link.number, _plain(link.at), list(link.entries)]
    return hashlib.sha256(json.dumps(head, separators=(",", ":")).encode() + b"\n" + link.hashes).hexdigest()


def check_link(link: Link, before: Link | None, found: Mapping[int, bytes]) -> list[Finding]:
    """Compare one seal with the one before it and with the entries as they stand now (id → hash).

    >>> at = datetime(2026, 11, 22, tzinfo=UTC)
    >>> bare = Link("w", 1, (7,), b"h" * 32, "", "", at)
    >>> link = Link("w", 1, (7,), b"h" * 32, "", chain_hash(bare), at)
    >>> check_link(link, None, {7: b"h" * 32})
    []
    >>> [each.kind for each in check_link(link, None, {7: b"x" * 32}) + check_link(link, None, {})]
    ['edited', 'deleted']
    """
    place = f"seal {link.number}"
    wrong: list[Finding] = []

    def note(kind: str, where: str, sentence: str) -> None:
        wrong.append(Finding(kind, link.workspace, where, sentence))

    expected = before.number + 1 if before else 1
    if link.number != expected:
        note("cut", place, f"Seals {expected} to {link.number - 1} are missing.")
    elif link.previous != (before.chain if before else ""):
        note("replaced", place, "It does not follow from the seal before it.")
    if chain_hash(link) != link.chain or len(link.hashes) != SIZE * len(link.entries):
        note("edited", place, "The seal itself was changed.")
    for each, expected_hash in zip(link.entries, _split(link.hashes), strict=False):
        if each not in found:
            note("deleted", f"entry {each} ({place})", "The entry is gone.")
        elif found[each] != expected_hash:
            note("edited", f"entry {each} ({place})", "The entry was changed after it was sealed.")
    return wrong


def _split(hashes: bytes) -> Sequence[bytes]:
    return [hashes[start : start + SIZE] for start in range(0, len(hashes), SIZE)]


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value

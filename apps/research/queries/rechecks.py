"""What a run has read, to be read again; and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.library import queries as library
from apps.research.models import Inquiry, Report
from apps.research.queries import documents
from apps.runtime import queries as runtime


@dataclass(frozen=True, slots=True)
class Look:
    """A source then and now. after: its text as it was collected again, None where it could not be."""

    title: str
    before: str
    after: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a report. spans: (source, snapshot's start, end, quote) of what it cites."""

    text: str
    spans: tuple[tuple[int, int, int, str], ...]


def sources(run: str) -> list[dict[str, Any]]:
    """List what a run has read and what is still there, documents in their newest version, as steps take them."""
    rows = [row for row in library.sources(run) if row.kept and row.snapshot]
    found = []
    for row in rows:
        refs = library.newest_of([row.ref]) if row.kind == "library" else (row.ref,)
        found += [
            {
                "number": row.number, "kind": row.kind, "ref": ref, "title": row.title,
                "published_date": row.published_date.isoformat() if row.published_date else None,
            }
            for ref in refs
        ]  # fmt: skip
    return found


def looks(look: str) -> list[Look]:
    """Return what a look found beside what its run had read then."""
    then = {row.number: row for row in library.sources(runtime.input_of(look)["run"])}
    found = []
    for row in library.sources(look):
        before = library.stored_text(then[row.number].text_sha256)
        after = library.stored_text(row.text_sha256) if row.kept and row.snapshot else None
        found.append(Look(row.title, before, after, row.reason))
    return found


def is_as_before(run: str, now: Sequence[str]) -> bool:
    """Tell whether a run was given exactly these versions of documents; those it read as sources may be newer ones.

    now: versions that it would be given today.
    """
    then = Inquiry.objects.values_list("documents", flat=True).get(pk=run)
    read = {row.ref for row in library.sources(run) if row.kept and row.kind == "library"}
    if not read <= set(then) or len(then) != len(now):
        return False
    return set(then) - read <= set(now) and set(library.newest_of(sorted(read))) <= set(now)


def has_read_newest(run: str) -> bool:
    """Tell whether each document that a run read is still there in the very version that it read."""
    read = {row.ref for row in library.sources(run) if row.kept and row.kind == "library"}
    return read == set(library.newest_of(sorted(read)))


def claims(run: str) -> list[Claim] | None:
    """Return the sentences of a published report, each once; None where there is none any more."""
    if not Report.objects.filter(run=run, state="published").exists():
        return None
    body = documents.body(run, rows=library.sources(run))
    assert body is not None
    found: dict[str, Claim] = {}
    for said in body.sentences:
        spans = tuple((c.source, c.start, c.end, c.quote) for c in said.citations)
        found.setdefault(said.text, Claim(said.text, spans))
    return list(found.values())

"""Builtin tools that the gate calls by name: search the library, read a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.integrations.contracts.outcomes import Refused
from apps.lib import clock
from apps.lib.errors import ProductError
from apps.library import queries, rules
from apps.library.actions import writing
from apps.library.models import DEFAULT

SNIPPET = 240


def search(
    *, workspace: str, run: str, person: int, query: str, documents: Sequence[str], max_results: int = 10
) -> dict[str, Any]:  # fmt: skip
    """Rank documents by their best passage for a query; score is the passage's, times 1,000, as an integer."""
    passages = queries.passages(versions=documents)
    titles = {row.id: row for row in queries.documents(versions=documents)}
    texts = [f"{titles[p.version].title}\n{p.text}" for p in passages]
    best: dict[str, tuple[int, float]] = {}
    for index, score in rules.rank(query, texts):
        best.setdefault(passages[index].version, (index, score))
    ranked = sorted(best.items(), key=lambda pair: (-pair[1][1], titles[pair[0]].name))[:max_results]
    hits = []
    for version, (index, score) in ranked:
        row = titles[version]
        hits.append({
            "document": version, "title": row.title, "snippet": passages[index].text[:SNIPPET],
            "score": round(score * 1000), "sha256": row.sha256,
            "published_date": row.published_date.isoformat() if row.published_date else None,
        })  # fmt: skip
    return {"hits": hits}


def read(*, workspace: str, run: str, person: int, document: str) -> dict[str, Any]:
    """Return the hashes of a document version's bytes and text, for a snapshot."""
    found = queries.documents(versions=[document])
    if not found:
        raise Refused("There is no such document in this workspace.")
    row = found[0]
    return {
        "sha256": row.sha256, "text_sha256": row.text_sha256, "title": row.title, "name": row.name, "kind": row.kind,
        "published_date": row.published_date.isoformat() if row.published_date else None,
        "fetched_at": clock.now().isoformat(),
    }  # fmt: skip


def write(
    *, workspace: str, run: str, person: int, action: str, document_id: str = "", name: str = "", content: str = "",
    version: int | None = None, dataset: str = DEFAULT,
) -> dict[str, Any]:  # fmt: skip
    """Create, update, delete or restore a document; the answer says what takes it back."""
    by: dict[str, Any] = {"by": person, "run": run}
    try:
        if action == "create":
            done = writing.create(**by, name=name, content=content, dataset=dataset)
        elif action == "update":
            done = writing.update(**by, document=document_id, content=content)
        elif action == "delete":
            done = writing.delete(**by, document=document_id)
        else:
            done = writing.restore(**by, document=document_id, version=version)
    except ProductError as error:
        raise Refused(error.sentence) from error
    return {"document_id": done.document, "version": done.version, "undo": done.undo}

"""One search: a query at one place, without what the plan leaves out, with what it pins."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from apps.library import queries as library
from apps.research import rules
from apps.research.steps.contracts import Hit, Searched
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done


def run(context: StepContext) -> Done:
    """Ask the library or the web for a query of the plan."""
    query, kind = context.input["query"], context.input["kind"]
    exclude = context.input.get("exclude", [])
    hits = _library(context, query, exclude) if kind == "library" else _web(context, query, exclude)
    output = Searched(query=query, kind=kind, hits=hits, excluded=exclude)
    return Done(output, events=(("search.found", {"query": query, "kind": kind, "hits": len(hits)}),))


def _library(context: StepContext, query: str, exclude: Sequence[str]) -> list[Hit]:
    wanted = [ref for ref in context.run_input["documents"] if ref not in exclude]
    if not wanted:
        return []
    arguments = {"query": query, "documents": wanted, "max_results": rules.MOST_HITS}
    found = context.call("search", "library_search", arguments)["hits"]
    pins = [ref for ref in context.input.get("pin", []) if ref in wanted]
    hits = [
        Hit(
            ref=hit["document"], kind="library", title=hit["title"], rank=rank, same=hit["sha256"],
            published_date=hit["published_date"], pinned=hit["document"] in pins,
        )
        for rank, hit in enumerate(found, start=1)
    ]  # fmt: skip
    missing = set(pins) - {hit.ref for hit in hits}
    return hits + [
        Hit(
            ref=row.id, kind="library", title=row.title, rank=len(hits) + 1, same=row.sha256, pinned=True,
            published_date=row.published_date.isoformat() if row.published_date else None,
        )
        for row in library.documents(versions=sorted(missing))
    ]  # fmt: skip


def _web(context: StepContext, query: str, exclude: Sequence[str]) -> list[Hit]:
    found = context.call("search", "web_search", {"query": query, "max_results": rules.MOST_HITS})["hits"]
    return [
        Hit(
            ref=hit["url"], kind="web", title=hit["title"][:300] or hit["url"], rank=rank, same="",
            published_date=(hit.get("published_date") or None),
        )
        for rank, hit in enumerate(found, start=1)
        if not is_left_out(hit["url"], exclude)
    ]  # fmt: skip


def is_left_out(url: str, exclude: Sequence[str]) -> bool:
    """Tell whether an address belongs to a site that the plan leaves out; `example.com` means its subdomains too."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == site or host.endswith(f".{site}") for site in exclude)

"""One search: a query at one place."""

from __future__ import annotations

from apps.research.steps.contracts import Hit, Searched
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

MOST = 10


def run(context: StepContext) -> Done:
    """Ask the library or the web for a query of the plan."""
    query, kind = context.input["query"], context.input["kind"]
    if kind == "library":
        arguments = {"query": query, "documents": context.run_input["documents"], "max_results": MOST}
        found = context.call("search", "library_search", arguments)["hits"]
        hits = [
            Hit(
                ref=hit["document"], kind="library", title=hit["title"], rank=rank, same=hit["sha256"],
                published_date=hit["published_date"],
            )
            for rank, hit in enumerate(found, start=1)
        ]  # fmt: skip
    else:
        found = context.call("search", "web_search", {"query": query, "max_results": MOST})["hits"]
        hits = [
            Hit(
                ref=hit["url"], kind="web", title=hit["title"][:300] or hit["url"], rank=rank, same="",
                published_date=(hit.get("published_date") or None),
            )
            for rank, hit in enumerate(found, start=1)
        ]  # fmt: skip
    output = Searched(query=query, kind=kind, hits=hits)
    return Done(output, events=(("search.found", {"query": query, "kind": kind, "hits": len(hits)}),))

"""Tavily: POST /search with a bearer key."""

from __future__ import annotations

from apps.integrations.contracts.search import SearchReply, SearchRequest
from apps.integrations.live.search_api import ask, hits


class TavilySearcher:
    """Tavily's search API."""

    provider = "tavily"

    def __init__(self, *, url: str, api_key: str) -> None:
        self._url, self._api_key = url.rstrip("/"), api_key

    def search(self, request: SearchRequest) -> SearchReply:
        """Search the web. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
        answer = ask(
            "POST", f"{self._url}/search", seconds=request.deadline_seconds,
            headers={"Authorization": f"Bearer {self._api_key}"},
            json={
                "query": request.query[:400], "max_results": min(request.limit, 20), "search_depth": "basic",
                "include_answer": False, "include_raw_content": False,
            },
        )  # fmt: skip
        return hits(answer.get("results"), text="content", date="published_date", limit=request.limit)

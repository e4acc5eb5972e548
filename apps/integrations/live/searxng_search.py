"""SearXNG: GET /search?format=json (the instance has to allow the json format)."""

from __future__ import annotations

from apps.integrations.contracts.search import SearchReply, SearchRequest
from apps.integrations.live.search_api import ask, hits


class SearxngSearcher:
    """A SearXNG instance of one's own."""

    provider = "searxng"

    def __init__(self, *, url: str) -> None:
        self._url = url.rstrip("/")

    def search(self, request: SearchRequest) -> SearchReply:
        """Search the web. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
        answer = ask(
            "GET", f"{self._url}/search", seconds=request.deadline_seconds,
            params={"q": request.query, "format": "json", "safesearch": "0"},
        )  # fmt: skip
        return hits(answer.get("results"), text="content", date="publishedDate", limit=request.limit)

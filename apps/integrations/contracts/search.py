"""Searcher: a query in, hits out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SearchRequest:
    query: str
    limit: int = 10
    deadline_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Hit:
    """`published_date` is ISO 8601 (YYYY-MM-DD) where the provider gives one."""

    url: str
    title: str
    snippet: str
    published_date: str | None = None


@dataclass(frozen=True, slots=True)
class SearchReply:
    hits: tuple[Hit, ...]


class Searcher(Protocol):
    provider: str

    def search(self, request: SearchRequest) -> SearchReply:
        """Search the web. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
        ...

"""Fetcher: a URL in, bytes and headers out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FetchRequest:
    url: str
    max_bytes: int = 25_000_000
    deadline_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class FetchReply:
    """`url` is where the redirects ended; `media_type` is the header's type without parameters, lower case."""

    url: str
    status: int
    media_type: str
    charset: str | None
    body: bytes


class Fetcher(Protocol):
    provider: str

    def fetch(self, request: FetchRequest) -> FetchReply:
        """Fetch one page. Raises: Unreachable, Throttled, Late, Unusable, Refused (address rules, 4xx)."""
        ...

"""Embedder: texts in, vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

DIMENSIONS = 384


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    texts: Sequence[str]
    model: str
    deadline_seconds: float = 60.0
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class EmbeddingReply:
    """One unit vector of DIMENSIONS floats a text, in the order of the texts."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    input_tokens: int


class Embedder(Protocol):
    provider: str

    def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Embed the texts. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
        ...

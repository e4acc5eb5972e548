"""Completer: a task with data in, schema-checked data and token counts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One structured completion.

    task: names the prompt ("plan", "summarize", "synthesize"); the offline adapter dispatches on it.
    instructions: ours alone. Text that came from a source stays inside `input`, never in here.
    input: JSON-able data.
    reply_schema: JSON Schema of the reply, an object.
    """

    task: str
    instructions: str
    input: Mapping[str, Any]
    reply_schema: Mapping[str, Any]
    model: str
    max_output_tokens: int = 8_000
    deadline_seconds: float = 120.0
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class CompletionReply:
    """`data` satisfies the request's schema; tokens are the vendor's count, or ours where it gives none."""

    data: dict[str, Any]
    model: str
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0


class Completer(Protocol):
    provider: str

    def complete(self, request: CompletionRequest) -> CompletionReply:
        """Answer the request. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
        ...

"""A server of tools: what it offers, and one call of one of them, by the Model Context Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from apps.integrations.contracts.outcomes import AdapterError


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is and what to show it. bearer: empty where it asks for nothing. seconds: for all that is asked."""

    url: str
    bearer: str = ""
    seconds: float = 10.0
    max_bytes: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool in the server's own words. input, output: JSON Schemas; output is None where it promises nothing."""

    name: str
    description: str
    input: dict[str, Any]
    output: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server offers: the protocol's revision it speaks, and its tools in its own order."""

    protocol_version: str
    tools: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered. structured: None where it gave text only. omitted: parts that are no text."""

    text: str
    structured: Any | None
    omitted: int = 0


class Changed(AdapterError):
    """The tool is not what was approved any more; `now` is what the server offers in its place, or None."""

    code = "changed"

    def __init__(self, sentence: str, *, now: Offered | None) -> None:
        super().__init__(sentence)
        self.now = now


class ToolHost(Protocol):
    provider: str

    def look(self, server: Server) -> Offer:
        """List what a server offers. Raises: Unreachable, Late, Unusable, Refused (address rules, 4xx)."""
        ...

    def call(self, server: Server, tool: Offered, arguments: dict[str, Any]) -> Answer:
        """Call a tool, provided that the server still offers it as `tool` says. Raises Changed, and as `look`."""
        ...

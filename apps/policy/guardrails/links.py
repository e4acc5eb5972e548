"""Find addresses in an answer that stood in nothing the model was given: it made them up, or was told to."""

from __future__ import annotations

import re

from apps.policy.guardrails.findings import Span

_ADDRESS = re.compile(r"\b(?:https?|ftp)://[^\s<>\"'`)\]}]+|\bwww\.[\w-]+(?:\.[\w-]+)+[^\s<>\"'`)\]}]*", re.IGNORECASE)


def strange(text: str, given: str) -> tuple[Span, ...]:
    """Return the addresses in a text that do not stand, letter for letter, in what was given."""
    return tuple(
        Span(match.start(), match.end(), "address") for match in _ADDRESS.finditer(text)
        if match[0].rstrip(".,;:!?") not in given
    )  # fmt: skip

"""The texts inside a JSON value: find them all, and put others in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apps.policy.guardrails.findings import Path, Span

# One character for one character: whatever counts places in the text goes on counting right.
INK = "█"


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text of a JSON value and its path; names of objects are not texts.

    >>> list(walk({"a": ["x", 1], "b": {"c": "y"}}))
    [(('a', 0), 'x'), (('b', 'c'), 'y')]
    """
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from walk(inner, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from walk(inner, (*path, number))


def replaced(value: Any, texts: Mapping[Path, str], path: Path = ()) -> Any:
    """Return a copy of a JSON value with other texts at some paths.

    >>> replaced({"a": ["x", 1]}, {("a", 0): "z"})
    {'a': ['z', 1]}
    """
    if isinstance(value, str):
        return texts.get(path, value)
    if isinstance(value, Mapping):
        return {name: replaced(inner, texts, (*path, str(name))) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(inner, texts, (*path, number)) for number, inner in enumerate(value)]
    return value


def redacted(text: str, spans: tuple[Span, ...]) -> str:
    """Black out spans. The text keeps its length, so spans of anything else in it stay where they were.

    >>> redacted("call 555 now", (Span(5, 8, "phone"),))
    'call ███ now'
    """
    kept = list(text)
    for span in spans:
        for place in range(max(0, span.start), min(span.end, len(kept))):
            kept[place] = INK
    return "".join(kept)

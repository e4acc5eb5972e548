"""A logistic regression over hashed words and pairs of words: does a stretch of text sound like orders to an assistant?

Its weights are one file of bytes, a signed byte a bucket, made by `python -m apps.policy.guardrails.train`.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from math import sqrt
from pathlib import Path

FILE = Path(__file__).resolve().parent / "injection.weights"
BUCKETS = 1 << 16
# A stretch: about two sentences. A page is as suspicious as its most suspicious stretch.
WORDS, STEP = 40, 20
MOST_CHARACTERS = 200_000
_WORD = re.compile(r"[a-zA-Z\u00c0-\u024f']+|\d+|[^\s\w]")
_HEAD = struct.Struct("<4sff")  # magic, scale of a weight, bias


def features(words: list[str]) -> set[int]:
    """Return the buckets of a stretch: its words, pairs of neighbours, and how it begins."""
    found = {zlib.crc32(word.encode()) % BUCKETS for word in words}
    found |= {zlib.crc32(f"{a} {b}".encode()) % BUCKETS for a, b in zip(words, words[1:], strict=False)}
    found |= {zlib.crc32(f"{a} _ {b}".encode()) % BUCKETS for a, b in zip(words, words[2:], strict=False)}
    return found


def words_of(text: str) -> list[str]:
    """Cut a text into words, numbers (all alike) and marks, in small letters."""
    return ["0" if word[0].isdigit() else word.lower() for word in _WORD.findall(text[:MOST_CHARACTERS])]


def stretches(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield overlapping stretches of a text: start, end, words."""
    found = list(_WORD.finditer(text[:MOST_CHARACTERS]))
    for first in range(0, max(1, len(found) - STEP), STEP):
        part = found[first : first + WORDS]
        if part:
            words = ["0" if match[0][0].isdigit() else match[0].lower() for match in part]
            yield part[0].start(), part[-1].end(), words


@lru_cache(maxsize=1)
def _weights() -> tuple[float, float, memoryview]:
    body = FILE.read_bytes()
    magic, scale, bias = _HEAD.unpack_from(body)
    if magic != b"FNI1" or len(body) != _HEAD.size + BUCKETS:
        raise ValueError(f"{FILE.name} is not a file of weights")
    return scale, bias, memoryview(body[_HEAD.size :]).cast("b")


def _score(words: list[str]) -> float:
    scale, bias, weights = _weights()
    found = features(words)
    return bias + scale * sum(weights[bucket] for bucket in found) / sqrt(len(found) or 1)


def score(text: str) -> float:
    """Return how much the most suspicious stretch sounds like orders; above 0 it counts as a signal."""
    return max((_score(words) for _start, _end, words in stretches(text)), default=-99.0)


@lru_cache(maxsize=2048)
def orders(text: str) -> tuple[tuple[int, int], ...]:
    """Return the stretches (start, end) that sound like orders."""
    return tuple((start, end) for start, end, words in stretches(text) if _score(words) > 0)

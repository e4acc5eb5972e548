"""Vectors without a model: hashed words, word pairs and character n-grams."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from zlib import crc32

from apps.integrations.contracts.embed import DIMENSIONS, EmbeddingReply, EmbeddingRequest
from apps.integrations.offline.counting import count_tokens
from apps.lib.text import clean, guess_language, tokens

MODEL = "footnote-hash-384"
_WORD, _PAIR, _PIECE = 1.0, 0.6, 0.35
_MOST_WORDS = 2_000


class OfflineEmbedder:
    """Embeds by signed feature hashing: the same text has the same vector in every process and on every machine.

    Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009.
    """

    provider = "offline"

    def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Return a unit vector a text; an empty text gets a fixed unit vector that resembles nothing."""
        vectors = tuple(_vector(clean(text)) for text in request.texts)
        return EmbeddingReply(vectors=vectors, model=MODEL, input_tokens=sum(map(count_tokens, request.texts)))


def _vector(text: str) -> tuple[float, ...]:
    stems = tokens(text, language=guess_language(text[:600]))[:_MOST_WORDS]
    sums = [0.0] * DIMENSIONS
    for stem, count in Counter(stems).items():
        weight = 1.0 + math.log(count)
        for place, sign in _features(stem):
            sums[place] += sign * weight
    for pair, count in Counter(zip(stems, stems[1:], strict=False)).items():
        place, sign = _slot("2" + pair[0] + " " + pair[1])
        sums[place] += sign * _PAIR * (1.0 + math.log(count))
    size = math.sqrt(sum(value * value for value in sums))
    if not size:
        return (1.0, *[0.0] * (DIMENSIONS - 1))
    return tuple(round(value / size, 7) for value in sums)


@lru_cache(maxsize=50_000)
def _features(stem: str) -> tuple[tuple[int, float], ...]:
    """Return (place, signed weight) of a word and of its pieces, which make "tides" resemble "tidal"."""
    place, sign = _slot("1" + stem)
    edged = f"^{stem}$"
    pieces = [edged[i : i + 3] for i in range(len(edged) - 2)] if len(stem) > 3 else []
    share = _PIECE / math.sqrt(len(pieces)) if pieces else 0.0
    slots = [_slot("3" + piece) for piece in pieces]
    return ((place, sign * _WORD), *((at, mark * share) for at, mark in slots))


def _slot(feature: str) -> tuple[int, float]:
    hashed = crc32(feature.encode("utf-8", "replace")) * 2654435761 % (1 << 32)
    return hashed % DIMENSIONS, 1.0 if hashed >> 31 else -1.0

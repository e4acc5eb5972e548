"""Find the sentences of a text that could carry a claim: BM25 and piece vectors, fused; then the few that cover it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from apps.memory import rules
from apps.memory.grounding.reading import Reading

_K1, _B = 1.2, 0.75  # Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009
MOST_SPANS = 3


def weights(sentences: Sequence[Reading]) -> dict[str, float]:
    """Return how telling each word of these sentences is (inverse document frequency)."""
    held = Counter(stem for sentence in sentences for stem in set(sentence.stems))
    return {stem: _telling(len(sentences), count) for stem, count in held.items()}


def unheard(count: int) -> float:
    """Return the weight of a word that stands in none of `count` sentences."""
    return _telling(count, 0)


def _telling(sentences: int, held: int) -> float:
    return math.log(1 + (sentences - held + 0.5) / (held + 0.5))


def rank(claim: Reading, sentences: Sequence[Reading]) -> list[int]:
    """Return the places of the sentences, the likeliest to carry the claim first."""
    by_words = _order(_bm25(claim, sentences))
    by_pieces = _order(_alike(claim, sentences))
    return [place for place, _score in rules.fuse(by_words, by_pieces)]


def cover(claim: Collection[str], sentences: Sequence[Reading], telling: Mapping[str, float]) -> list[int]:
    """Return the places of at most MOST_SPANS sentences that together hold most of the claim's words."""
    left, chosen = set(claim), list[int]()
    held = [left & set(sentence.stems) for sentence in sentences]
    while left and len(chosen) < MOST_SPANS:
        gains = [sum(telling.get(stem, 0.0) for stem in stems & left) for stems in held]
        best = max(range(len(gains)), key=lambda place: (gains[place], -place), default=None)
        if best is None or gains[best] <= 0:
            break
        chosen.append(best)
        left -= held[best]
    return chosen


def _bm25(claim: Reading, sentences: Sequence[Reading]) -> list[float]:
    telling = weights(sentences)
    mean = sum(len(sentence.stems) for sentence in sentences) / max(1, len(sentences)) or 1.0
    scores = []
    for sentence in sentences:
        counts, size = Counter(sentence.stems), len(sentence.stems)
        scores.append(
            sum(
                telling[stem] * counts[stem] * (_K1 + 1) / (counts[stem] + _K1 * (1 - _B + _B * size / mean))
                for stem in set(claim.stems)
                if counts[stem]
            )
        )
    return scores


def _alike(claim: Reading, sentences: Sequence[Reading]) -> list[float]:
    mine = _pieces(claim)
    return [_cosine(mine, _pieces(sentence)) for sentence in sentences]


def _pieces(reading: Reading) -> Counter[str]:
    """Return a sparse vector of the three-letter pieces of its words: "tidal" resembles "tides"."""
    return Counter(
        piece
        for stem in reading.stems
        for edged in (f"^{stem}$",)
        for piece in (edged[i : i + 3] for i in range(max(1, len(edged) - 2)))
    )


def _cosine(left: Counter[str], right: Counter[str]) -> float:
    dot = sum(count * right[piece] for piece, count in left.items() if piece in right)
    size = math.sqrt(sum(c * c for c in left.values())) * math.sqrt(sum(c * c for c in right.values()))
    return dot / size if size else 0.0


def _order(scores: Sequence[float]) -> list[int]:
    return [place for place, score in sorted(enumerate(scores), key=lambda pair: (-pair[1], pair[0])) if score > 0]

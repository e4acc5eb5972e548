"""How recalled passages are compared and merged. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar
from zlib import crc32

from apps.lib.text import words

K = TypeVar("K", bound=Hashable)


def fuse(*rankings: Sequence[K], k: int = 60, weights: Sequence[float] = ()) -> tuple[tuple[K, float], ...]:
    """Merge rankings by reciprocal rank: (key, score), best first, ties in order of first appearance.

    Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", SIGIR 2009.

    >>> [key for key, _ in fuse(["a", "b"], ["b", "c"])]
    ['b', 'a', 'c']
    """
    scores: dict[K, float] = {}
    for number, ranking in enumerate(rankings):
        weight = weights[number] if number < len(weights) else 1.0
        for place, key in enumerate(dict.fromkeys(ranking), start=1):
            scores[key] = scores.get(key, 0.0) + weight / (k + place)
    return tuple(sorted(scores.items(), key=lambda pair: -pair[1]))


def cosine(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the cosine of two vectors of one length, 0.0 when one of them is zero. Raises: ValueError.

    >>> cosine((1.0, 0.0), (1.0, 0.0))
    1.0
    """
    dot = sum(a * b for a, b in zip(left, right, strict=True))
    size = math.sqrt(sum(a * a for a in left)) * math.sqrt(sum(b * b for b in right))
    return max(-1.0, min(1.0, dot / size)) if size else 0.0


def shingles(text: str, *, width: int = 4) -> frozenset[int]:
    """Return the hashes of the runs of `width` words; a shorter text is one shingle."""
    said = words(text)
    runs = (" ".join(said[i : i + width]) for i in range(max(1, len(said) - width + 1)))
    return frozenset(crc32(run.encode("utf-8", "replace")) for run in runs) if said else frozenset()


def overlap(left: frozenset[int], right: frozenset[int]) -> float:
    """Return the share of common shingles (Jaccard), 0.0 to 1.0; two empty sets are alike."""
    if not left and not right:
        return 1.0
    return len(left & right) / len(left | right)


def dedupe(texts: Iterable[str], *, threshold: float = 0.85, width: int = 4) -> tuple[int, ...]:
    """Return for each text the index of the first one that says nearly the same; its own index when it is new.

    Texts are alike when their shingles overlap by `threshold`; only texts that share a shingle are compared.

    >>> dedupe(["the gate closed at noon", "other words here now", "The gate closed, at noon"])
    (0, 1, 0)
    """
    kept: list[tuple[int, frozenset[int]]] = []
    holders: dict[int, list[int]] = {}
    firsts: list[int] = []
    for index, text in enumerate(texts):
        mine = shingles(text, width=width)
        near = sorted({place for shingle in mine or (0,) for place in holders.get(shingle, ())})
        match = next((kept[p][0] for p in near if overlap(mine, kept[p][1]) >= threshold), None)
        if match is None:
            for shingle in mine or (0,):  # texts without words are alike
                holders.setdefault(shingle, []).append(len(kept))
            kept.append((index, mine))
        firsts.append(index if match is None else match)
    return tuple(firsts)

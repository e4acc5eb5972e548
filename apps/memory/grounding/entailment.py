"""How well sentences carry a claim, without a model: what is covered, what is missing, what differs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from apps.lib.lexicon import ALIKE
from apps.memory.grounding import retrieval
from apps.memory.grounding.reading import Reading, read, says


class Features(NamedTuple):
    """What is measured of a claim beside sentences; shares are 0.0 to 1.0."""

    covered: float  # share of the claim's words, by weight, that the best sentences hold
    window: float  # the same for the best run of five sentences
    anywhere: float  # the same for all sentences
    pairs: float  # share of the claim's neighbouring words that are neighbours there
    missing: float  # words that the best sentences do not hold, in tens
    unknown: float  # words that no sentence holds, in eighths, at most 1
    figures: float  # the claim's figures that the best sentences do not say, at most 3
    strange_figures: float  # the claim's figures that no sentence says, at most 3
    names: float  # share of the claim's names that no sentence holds
    sentences: float  # logarithm of how many sentences there are


class Support(NamedTuple):
    """probability: that the sentences carry the claim. spans: the places of those that do it best."""

    probability: float
    spans: tuple[int, ...]
    features: Features


# Fitted by `manage.py eval_evidence --fit` (logistic regression; how and on what is in docs/evidence.md).
BIAS = -1.054
WEIGHTS = Features(
    covered=0.496, window=1.593, anywhere=0.725, pairs=0.766, missing=-0.41, unknown=-0.426, figures=-0.226,
    strange_figures=-0.404, names=-0.882, sentences=-0.178,
)  # fmt: skip


def support(claim: str, sentences: Sequence[str], *, title: str = "") -> Support:
    """Judge how likely it is that the sentences of one source carry the claim.

    title: of the source; what it names needs no repeating in each sentence.
    """
    features, spans = measure(claim, sentences, title=title)
    score = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, features, strict=True))
    return Support(1 / (1 + math.exp(-max(-30.0, min(30.0, score)))), spans, features)


def measure(claim: str, sentences: Sequence[str], *, title: str = "") -> tuple[Features, tuple[int, ...]]:
    """Return the features of a claim beside sentences, and the places of the sentences that cover it best."""
    said, heading = read(claim), set(read(title).stems)
    found = [read(sentence) for sentence in sentences]
    telling = retrieval.weights(found)
    wanted = dict.fromkeys(said.stems)
    unheard = retrieval.unheard(len(found))
    weigh = {stem: telling.get(stem, unheard) for stem in wanted}
    total = sum(weigh.values()) or 1.0
    spans = retrieval.cover(wanted.keys() - heading, found, telling)
    everywhere = heading.union(*(reading.stems for reading in found))
    best = heading.union(*(found[place].stems for place in spans))

    def share(held: set[str]) -> float:
        return sum(weigh[stem] for stem in wanted if stem in held or ALIKE.get(stem, _NONE) & held) / total

    missing = [stem for stem in wanted if stem not in best]
    chosen = [found[place] for place in spans]
    features = Features(
        covered=share(best), window=max((share(run) for run in _runs(found, heading)), default=0.0),
        anywhere=share(everywhere), pairs=_pairs(said, chosen), missing=len(missing) / 10,
        unknown=min(sum(stem not in everywhere for stem in missing), 8) / 8,
        figures=min(3, _unsaid(said, chosen)), strange_figures=min(3, _unsaid(said, found)),
        names=sum(name not in everywhere for name in said.names) / max(1, len(said.names)),
        sentences=math.log(len(found) + 1),
    )  # fmt: skip
    return features, tuple(spans)


_NONE: frozenset[str] = frozenset()


def _runs(found: Sequence[Reading], heading: set[str], width: int = 5) -> list[set[str]]:
    last = max(1, len(found) - width + 1)
    return [heading.union(*(reading.stems for reading in found[at : at + width])) for at in range(last)]


def _pairs(said: Reading, chosen: Sequence[Reading]) -> float:
    near = {
        (left, right)
        for reading in chosen
        for gap in (1, 2)
        for left, right in zip(reading.stems, reading.stems[gap:], strict=False)
    }
    mine = list(zip(said.stems, said.stems[1:], strict=False))
    return sum(pair in near for pair in mine) / max(1, len(mine))


def _unsaid(said: Reading, found: Sequence[Reading]) -> int:
    theirs = tuple(figure for reading in found for figure in reading.figures)
    return sum(not says(figure, theirs) for figure in said.figures)

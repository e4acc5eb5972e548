"""How well a sentence answers a question: weighted coverage of its words, and whether it has what is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from apps.integrations.offline.candidates import Candidate
from apps.integrations.offline.figures import find_figures
from apps.integrations.offline.lexicon import CAUSAL
from apps.integrations.offline.questions import Asked, Term

_MONEY = re.compile(r"[$€£¥]|\b(?:dollars?|euros?|pounds?|USD|EUR|GBP|CHF|crowns?|francs?)\b")
_CAUSE = re.compile(r"\b(?:" + "|".join(CAUSAL) + r")\b", re.I)
_CAPITAL = re.compile(r"(?<![.!?“\"(]\s)(?<!^)\b[A-Z][\w'’-]+")
_PLACE = re.compile(r"\b(?:in|at|near|on|of|from|outside|north|south|east|west)\b[^.]{0,20}\b[A-Z][\w'’-]+")
_SAME, _ALIKE, _CLOSE = 1.0, 0.75, 0.6
_TITLE, _NEAR, _ELSEWHERE = 0.7, 0.45, 0.25


def rate(asked: Asked, candidates: Sequence[Candidate]) -> None:
    """Set `cover` and `relevance` (0 to about 1.2) of every candidate for this question."""
    rarity = _rarity(asked, candidates)
    whole = sum(term.weight * rarity[term.stem] for term in asked.terms) or 1.0
    by_source: dict[str, set[str]] = {}
    for candidate in candidates:
        by_source.setdefault(candidate.source, set()).update(candidate.stems)
    for candidate in candidates:
        candidate.cover = {t.stem: _credit(t, candidate, by_source[candidate.source], asked) for t in asked.terms}
        own = sum(t.weight * rarity[t.stem] * candidate.cover[t.stem] for t in asked.terms) / whole
        candidate.relevance = own * _has_what_is_asked(asked, candidate) * (0.35 + 0.65 * candidate.quality)


def _rarity(asked: Asked, candidates: Sequence[Candidate]) -> Mapping[str, float]:
    """Return 0.5 for a word in every sentence to 1.0 for one in none: what is everywhere tells little."""
    count = max(len(candidates), 1)
    rarity = {}
    for term in asked.terms:
        holding = sum(term.stem in c.stems for c in candidates)
        rarity[term.stem] = 0.5 + 0.5 * math.log((count + 1) / (holding + 1)) / math.log(count + 1)
    return rarity


def _credit(term: Term, candidate: Candidate, document: set[str], asked: Asked) -> float:
    """Return how far the sentence, its title or its neighbours hold the word: 1.0 for the word itself."""
    if term.stem in candidate.stems:
        return _SAME
    if term.alike & candidate.stems or (asked.money and term.alike and _MONEY.search(candidate.text)):
        return _ALIKE
    if not term.proper and any(_close(term.stem, stem) for stem in candidate.stems):
        return _CLOSE
    if term.stem in candidate.title or term.alike & candidate.title:
        return _TITLE if term.proper else 0.6 * _TITLE
    if term.stem in candidate.nearby:
        return _NEAR if term.proper else 0.6 * _NEAR
    return _ELSEWHERE if term.proper and term.stem in document else 0.0


def _close(left: str, right: str) -> bool:
    """Say whether two stems share so long a beginning that they are one family ("tidal", "tide" are not)."""
    shorter = min(len(left), len(right))
    if shorter < 5 or left[:4] != right[:4]:
        return False
    same = next((i for i in range(shorter) if left[i] != right[i]), shorter)
    return same >= 5 and same >= 0.75 * max(len(left), len(right))


def _has_what_is_asked(asked: Asked, candidate: Candidate) -> float:
    """Return a factor: above 1 when the sentence holds a thing of the kind asked for, below 1 when it does not."""
    text = candidate.text
    if asked.kind == "when":
        return 1.15 if any(f.kind == "date" for f in find_figures(text)) else 0.5
    if asked.kind == "amount":
        numbers = [f for f in find_figures(text) if f.kind == "number"]
        if not numbers:
            return 0.5
        return (
            1.15
            if not asked.money or _MONEY.search(text) or any(f.unit in "$€£¥" and f.unit for f in numbers)
            else 0.85
        )
    if asked.kind in ("who", "where"):
        known = {name.casefold() for name in re.findall(r"\w+", asked.text)}
        others = [name for name in _CAPITAL.findall(text) if name.casefold() not in known]
        if asked.kind == "where":
            return 1.15 if _PLACE.search(text) else 0.75
        return 1.1 if others else 0.65
    if asked.kind == "why":
        return 1.2 if _CAUSE.search(text) else 0.8
    return 1.0


def centrality(candidates: Sequence[Candidate]) -> list[float]:
    """Return for each sentence how much the others repeat of it, 0.0 to 1.0 (one round of LexRank's idea)."""
    sums = [0.0] * len(candidates)
    for i, left in enumerate(candidates):
        for j in range(i):
            common = len(left.stems & candidates[j].stems)
            if common > 2:
                share = common / math.sqrt(len(left.stems) * len(candidates[j].stems))
                sums[i] += share
                sums[j] += share
    most = max(sums, default=0.0)
    return [value / most if most else 0.0 for value in sums]

"""The task "summarize": the sentences that answer a question, each with its exact quotes; nothing when none does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.integrations.offline.candidates import Candidate, find_candidates
from apps.integrations.offline.disagreement import content, contrast, differ, proper_names
from apps.integrations.offline.questions import Asked, anchor, numbers_of, read_question
from apps.integrations.offline.relevance import adjacent, centrality, rate
from apps.lib.figures import alike, find_figures
from apps.lib.lexicon import ALIKE, FAINT

_ANSWERS = 0.6  # of what is asked; lower lets sentences of the right subject answer the wrong question
_LONGER, _LEAST = 0.035, 0.35  # less for each word of a question after the fifth
_LATEST = re.compile(r"\b(?:latest|newest|most recent|currently?|now|today|at present)\b", re.I)
# A number that bounds a stretch of time or a quantity names nothing.
_BOUND = re.compile(
    r"\b(?:since|from|before|after|between|until|till|up to|to|by|over|under|than|seit|vor|nach|depuis|desde)"
    r"\s+\d[\d.,]*",
    re.I,
)
_POOL = 120
_FLOOR = {
    "when": 0.72,
    "amount": 0.72,
    "who": 0.72,
    "where": 0.72,
    "why": 0.6,
    "how": 0.58,
    "define": 0.65,
    "open": 0.58,
}
_MOST_CITATIONS = 4


def summarize(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"sentences": [{"text", "citations": [{"passage", "quote"}]}], "answered"} for one sub-question."""
    question, part = str(given.get("question") or ""), str(given.get("sub_question") or "")
    asked = read_question(part or question, question if part else "")
    candidates = find_candidates(given.get("passages") or ())
    asked = anchor(asked, _telling_titles(candidates))
    rate(asked, candidates)
    pool = sorted(candidates, key=lambda c: (-c.relevance, c.place))[:_POOL]
    if not pool or not is_answered(asked, pool):
        return {"sentences": [], "answered": False}
    for candidate, central in zip(pool, centrality(pool), strict=True):
        candidate.score = candidate.relevance * (1.0 + 0.12 * central + 0.12 * adjacent(asked, candidate))
    prefer_newest(asked, pool)
    prefer_numbered(asked, pool)
    chosen = choose(asked, pool, most=int(given.get("max_sentences") or 6))
    return {"sentences": [_cited(c, pool) for c in chosen], "answered": bool(chosen)}


def _telling_titles(candidates: Sequence[Candidate]) -> frozenset[str]:
    """Return the words of titles that name one document ("httpx"): hardly any other of three or more holds them."""
    titles = {c.source: c.title for c in candidates}
    if len(titles) < 3:
        return frozenset()
    held: dict[str, set[str]] = {}
    for candidate in candidates:
        held.setdefault(candidate.source, set()).update(candidate.stems)
    counts = Counter(word for stems in held.values() for word in stems)
    named = {word for title in titles.values() for word in title}
    return frozenset(w for w in named if counts[w] <= max(1, len(titles) // 6) and w not in FAINT and w not in ALIKE)


def needed(asked: Asked) -> float:
    """Return the fit that answers: a long question names more than one sentence can hold."""
    count = sum(t.weight >= 1 for t in asked.terms)
    return max(_LEAST, _ANSWERS - _LONGER * max(0, count - 5))


def is_answered(asked: Asked, pool: Sequence[Candidate]) -> bool:
    """Say whether the best sentence covers enough of the question, its names among it."""
    usable = [c for c in pool if c.quality >= 0.25]
    if not usable:
        return False
    best = max(usable, key=lambda c: (c.fit, c.relevance))
    if best.fit < needed(asked):
        return False
    known = set().union(*(c.stems | c.title | c.nearby for c in pool if c.source == best.source))
    met = sum(len(name & known) >= 0.5 * len(name) for name in asked.names)
    return met >= (len(asked.names) if len(asked.names) < 3 else 0.6 * len(asked.names))


def prefer_newest(asked: Asked, pool: Sequence[Candidate]) -> None:
    """Raise what carries the latest dates where the question asks for the latest or the present."""
    if not _LATEST.search(asked.text):
        return
    dated = {
        id(c): max((f.value for f in find_figures(c.text) if isinstance(f.value, tuple)), default=(0, 0, 0))
        for c in pool
    }
    order = sorted(set(dated.values()))
    for candidate in pool:
        candidate.score *= 1.0 + 0.9 * ((order.index(dated[id(candidate)]) + 1) / len(order)) ** 2


def prefer_numbered(asked: Asked, pool: Sequence[Candidate]) -> None:
    """Lower what is about other numbers than the question's ("5.2", "2022") where something good has them."""
    wanted = numbers_of(_BOUND.sub(" ", asked.text))
    held = {id(c): numbers_of(c.text) | (c.title & wanted) | {c.published[:4]} - {""} for c in pool}
    if not wanted or not any(wanted <= held[id(c)] and c.fit >= needed(asked) for c in pool):
        return
    rows = {id(c) for c in pool if any(f": {number};" in f"{c.text};" for number in wanted)}
    exact = any(id(c) in rows and c.fit >= needed(asked) for c in pool)
    for candidate in pool:
        if not wanted & held[id(candidate)]:
            candidate.score *= 0.4 if held[id(candidate)] else 0.7
        elif id(candidate) in rows:
            candidate.score *= 1.3  # the row of that very number
        elif exact and "; " in candidate.text:
            candidate.score *= 0.5  # a row that names it in passing


def choose(asked: Asked, pool: Sequence[Candidate], *, most: int) -> list[Candidate]:
    """Pick sentences by score, leaving out what is said already; who contradicts a picked one comes right after it."""
    floor = _FLOOR[asked.kind] * max(c.score for c in pool)
    ranked = sorted(pool, key=lambda c: (-c.score, c.place))
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) >= most:
            break
        if candidate.score < floor or candidate.fit < needed(asked) or any(says_again(candidate, c) for c in chosen):
            continue
        chosen.append(candidate)
        for rival in _rivals(candidate, ranked, chosen):
            if len(chosen) < most:
                chosen.append(rival)
    return chosen


def _rivals(candidate: Candidate, ranked: Sequence[Candidate], chosen: Sequence[Candidate]) -> Iterable[Candidate]:
    found: list[Candidate] = []
    for other in ranked:
        if other.source == candidate.source or other.relevance < 0.6 * candidate.relevance or len(found) >= 2:
            continue
        if differ(candidate.text, other.text) and not any(says_again(other, c) for c in [*chosen, *found]):
            found.append(other)
    return found


def says_again(new: Candidate, old: Candidate) -> bool:
    """Say whether a sentence adds nothing to one that is chosen: it overlaps in place, or in words and figures."""
    if new.passage == old.passage and new.start < old.end and old.start < new.end:
        return True
    mine, theirs = content(new.text), content(old.text)
    if not mine or not theirs:
        return new.text == old.text
    if contrast(mine, theirs):
        return False
    shared = len(mine & theirs)
    if shared / min(len(mine), len(theirs)) < 0.6:
        return False
    return _no_new_figure(new, old) and (shared / len(mine) >= 0.75 or shared / len(mine | theirs) >= 0.6)


def _no_new_figure(new: Candidate, old: Candidate) -> bool:
    theirs = find_figures(old.text)
    if not all(any(f.kind == o.kind and alike(f, o) for o in theirs) for f in find_figures(new.text)):
        return False
    return len(proper_names(new.text) - proper_names(old.text)) <= 1


def _cited(candidate: Candidate, pool: Sequence[Candidate]) -> dict[str, Any]:
    """Write a sentence with its own quote first, then one of each other source that says the same."""
    citations = [{"passage": candidate.passage, "quote": candidate.quote}]
    sources = {candidate.source}
    for other in sorted(pool, key=lambda c: (-c.score, c.place)):
        if other.source not in sources and len(citations) < _MOST_CITATIONS and supports(other, candidate):
            sources.add(other.source)
            citations.append({"passage": other.passage, "quote": other.quote})
    return {"text": candidate.text, "citations": citations}


def supports(other: Candidate, candidate: Candidate) -> bool:
    """Say whether another source's sentence says all that this one says: words, names and figures."""
    mine, theirs = content(candidate.text), content(other.text)
    if not mine or len(mine & theirs) < 0.7 * len(mine):
        return False
    their_figures = find_figures(other.text)
    if not all(any(f.kind == o.kind and alike(f, o) for o in their_figures) for f in find_figures(candidate.text)):
        return False
    return len(proper_names(candidate.text) - proper_names(other.text) - other.title) <= 1 and not differ(
        candidate.text, other.text
    )

"""Pure: how wide a run may go, what a sentence's verdict is, and which sources are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.lib.text import tokens

STEPS = (
    "plan", "accept", "search", "select", "collect", "summarize", "synthesize", "verify", "approve", "index", "publish",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Depth:
    """The most a run of this depth may do."""

    sub_questions: int
    queries: int
    sources: int


DEPTHS = {"quick": Depth(2, 4, 6), "standard": Depth(4, 8, 12), "deep": Depth(6, 14, 25)}
MOST_SOURCES = 40
# So many hits are asked of a search.
MOST_HITS = 10
# How sources are weighed. The first is what a question gets unless somebody chooses another.
METHODOLOGIES = ("balanced", "newest")
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d.,\u00a0\u202f' ]*\d|(?<![\w.])\d")


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text in one spelling: no separators, no trailing zeros.

    >>> sorted(numbers("It cost 1,250.50 € in 2019; up 3 %."))
    ['1250.5', '2019', '3']
    """
    return frozenset(_plain(match.group()) for match in _NUMBER.finditer(text))


def _plain(number: str) -> str:
    number = number.replace("−", "-").strip(" ,.'")
    number = re.sub(r"[\u00a0\u202f' ](?=\d{3}(?:\D|$))", "", number)
    number = re.sub(r"[,](?=\d{3}(?:\D|$))", "", number).replace(",", ".").replace(" ", "")
    if number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    return number


def verdict(sentence: str, quotes: Sequence[str]) -> str:
    """Judge a sentence by the spans it cites: sourced, inferred or unsupported.

    Every number of the sentence has to stand in a quote. Of its content words at least 60 % make it sourced, 35 %
    inferred. This is the lexical floor; it has no idea of negation.

    >>> verdict("The dam opened in 1974.", ["The dam, built by the city, opened in 1974."])
    'sourced'
    >>> verdict("The dam opened in 1975.", ["The dam opened in 1974."])
    'unsupported'
    >>> verdict("Anything.", [])
    'unsupported'
    """
    if not quotes:
        return "unsupported"
    said = " ".join(quotes)
    if not numbers(sentence) <= numbers(said):
        return "unsupported"
    wanted, there = set(tokens(sentence)), set(tokens(said))
    if not wanted:
        return "sourced"
    share = len(wanted & there) / len(wanted)
    return "sourced" if share >= 0.6 else "inferred" if share >= 0.35 else "unsupported"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit of one query: `rank` counts from 1. `same` recognises the same body under another name."""

    ref: str
    kind: str
    title: str
    rank: int
    published_date: str | None = None
    same: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A source, kept or dropped and why; `score` is comparable within one run."""

    candidate: Candidate
    kept: bool
    reason: str
    score: int


def choose(rankings: Iterable[Sequence[Candidate]], *, cap: int, methodology: str = "balanced") -> list[Choice]:
    """Fuse the hits of all queries, drop what repeats or lies beyond the cap; best first, ties by reference.

    What a person pinned comes first. `newest` weighs what matched by its date: the latest counts half as much again,
    a source without a date not at all more.

    >>> a, b = Candidate("a", "web", "A", 1), Candidate("b", "web", "B", 2)
    >>> [(c.candidate.ref, c.kept) for c in choose([[a, b], [b]], cap=1)]
    [('b', True), ('a', False)]
    """
    scores: dict[str, float] = {}
    found: dict[str, Candidate] = {}
    for hits in rankings:
        for position, hit in enumerate(hits, start=1):
            scores[hit.ref] = scores.get(hit.ref, 0.0) + 1 / (20 + position)
            found.setdefault(hit.ref, hit)
    if methodology == "newest":
        dates = sorted({hit.published_date for hit in found.values() if hit.published_date})
        for ref, hit in found.items():
            if hit.published_date:
                scores[ref] *= 1 + 0.5 * (dates.index(hit.published_date) + 1) / len(dates)
    choices: list[Choice] = []
    seen: dict[str, str] = {}
    kept = 0
    for ref in sorted(scores, key=lambda ref: (not found[ref].pinned, -scores[ref], found[ref].title, ref)):
        hit, score = found[ref], round(scores[ref] * 10_000)
        if hit.same and hit.same in seen:
            choices.append(Choice(hit, False, f"The same text as “{seen[hit.same]}”.", score))
        elif kept >= cap:
            choices.append(Choice(hit, False, f"Beyond the cap of {cap} sources; {kept} matched better.", score))
        else:
            kept += 1
            if hit.same:
                seen[hit.same] = hit.title
            choices.append(Choice(hit, True, "", score))
    return choices


def progress(states: Sequence[str]) -> int:
    """Return how far a run is, in percent of its known tasks.

    >>> progress(["succeeded", "running", "pending", "skipped"])
    50
    """
    return round(100 * sum(state in {"succeeded", "skipped"} for state in states) / len(states)) if states else 0


def telling(text: str, others: Sequence[str]) -> str:
    """Return the first number of a text that none of the others has, as it is written; empty when there is none.

    >>> telling("It holds 12.5 million m³ since 1974.", ["It holds 13.1 million m³ since 1974."])
    '12.5'
    """
    elsewhere = frozenset().union(*(numbers(other) for other in others)) if others else frozenset()
    for match in _NUMBER.finditer(text):
        if _plain(match.group()) not in elsewhere:
            return match.group().strip()
    return ""

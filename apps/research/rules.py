"""Pure: how wide a run may go, what it will cost, and which sources are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from apps.billing.rules import Band

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
# Fewer past runs than these say nothing about the next one; more than these are too long ago.
FEWEST_PAST, MOST_PAST = 3, 60
# The rules' own band counts as much as so many past runs.
RULES_WEIGH = 3
# One run in so many may cost less than the low end, and one more than the high end.
TAIL = 20
# So many hits are asked of a search.
MOST_HITS = 10
# How sources are weighed. The first is what a question gets unless somebody chooses another.
METHODOLOGIES = ("balanced", "newest")
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d.,\u00a0\u202f' ]*\d|(?<![\w.])\d")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run will cost, in credits: low, likely, high; most: what it can cost at all, and what it holds.

    runs: so many past runs say so; 0 where only the rules do.
    """

    low: int
    likely: int
    high: int
    most: int
    runs: int = 0


def expect(band: Band, past: Sequence[tuple[int, int]]) -> Expected:
    """Return what a run will cost by what the rules say and what like runs cost before.

    band: the rules'. past: (what it could have cost at most, what it cost) of each run, credits. Nine runs in ten end
    from `low` to `high`. Few past runs leave these near the rules' ends; the high end is never above them.

    >>> expect(Band(8, 22, 27), [(27, 14)] * 2)
    Expected(low=8, likely=22, high=27, most=27, runs=0)
    >>> expect(Band(8, 22, 27), [(27, 14)] * 40)
    Expected(low=13, likely=15, high=15, most=27, runs=40)
    """
    shares = sorted(Fraction(used, most) for most, used in past[:MOST_PAST] if most > 0)
    runs = len(shares)
    if runs < FEWEST_PAST:
        return Expected(band.low, band.likely, band.high, band.high)
    # The k-th of n from either end is passed by the next one with a chance of k in n + 1.
    nth = max(1, (runs + 1) // TAIL)
    middle = (shares[(runs - 1) // 2] + shares[runs // 2]) / 2
    low, likely, high = (
        (runs * share * band.high + RULES_WEIGH * own) / (runs + RULES_WEIGH)
        for share, own in ((shares[nth - 1], band.low), (middle, band.likely), (shares[-nth], band.high))
    )
    most = min(band.high, -int(-high // 1))
    least = max(0, min(int(low // 1), most))
    return Expected(least, max(least, min(most, round(likely))), most, band.high, runs)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text in one spelling: no separators, no trailing zeros.

    >>> sorted(numbers("Between 1,200 and 3.50 metres"))
    ['1200', '3.5']
    """
    return frozenset(_plain(match.group()) for match in _NUMBER.finditer(text))


def _plain(number: str) -> str:
    number = number.replace("−", "-").strip(" ,.'")
    number = re.sub(r"[\u00a0\u202f' ](?=\d{3}(?:\D|$))", "", number)
    number = re.sub(r"[,](?=\d{3}(?:\D|$))", "", number).replace(",", ".").replace(" ", "")
    if number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    return number


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

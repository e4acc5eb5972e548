"""Whether two sentences of different sources contradict each other, and about what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from apps.lib.figures import Figure, alike, find_figures, mask
from apps.lib.lexicon import CONTRASTS, MONTHS, OPPOSED, SAME_PROPERTY
from apps.lib.text import STOP_WORDS, stem, words

_NOT = re.compile(
    r"\b(?:not|no|never|neither|nor|none|without|cannot|nicht|kein\w*|jamais|aucun\w*|nunca)\b|n['’]t\b", re.I
)
_STOPS = STOP_WORDS["en"] | STOP_WORDS["de"] - {"was", "die", "war"}
_SAYS = re.compile(
    r"\b[Aa]ccording to [^,.]{2,60},?|\b(?:[Tt]he )?(?:[A-Z][\w'’-]+ ?(?:of |and )?){1,5}"
    r"(?:said|says|reported|reports|states|stated|claims|claimed|estimates|estimated|notes|noted|writes|wrote|puts)\b"
)
_BRACKETS = re.compile(r"\(([^)]{3,60})\)")
_KEY = re.compile(r"([^:;]{1,60}): ([^;]{1,80}); [^:;]{1,60}: ")
_NEAR_COPY = 0.8
_WINDOW = 6  # words on each side of a figure that say what it counts


class Difference(NamedTuple):
    """What two sentences disagree on: the words of each."""

    left: str
    right: str


@lru_cache(maxsize=4096)
def content(text: str) -> frozenset[str]:
    """Return the stems of a sentence that carry meaning, figures left out."""
    return _stems(words(mask(text)))


def _stems(said: Iterable[str]) -> frozenset[str]:
    bare = (stem(w) for w in said if w not in _STOPS and len(w) > 1)
    return frozenset(SAME_PROPERTY.get(s, s) for s in bare)


@lru_cache(maxsize=4096)
def proper_names(text: str) -> frozenset[str]:
    """Return the stems of capitalised words that do not open a sentence; months are no names."""
    found = re.findall(r"(?<![.!?:]\s)(?<!^)(?<![“\"])\b[A-Z][\w'’-]*", text)
    return frozenset(stem(w) for name in found for w in words(name) if w not in MONTHS and w not in _STOPS)


@lru_cache(maxsize=8192)
def differ(left: str, right: str) -> Difference | None:
    """Return what two sentences say differently of the same thing, None when they agree or speak of other things."""
    if left == right:
        return None
    mine, theirs = content(left), content(right)
    shared = mine & theirs
    if len(shared) < 2 or contrast(mine, theirs) or _of_two_rows(left, right):
        return None
    return _near_copies(left, right) or _by_figures(left, right, shared) or _by_negation(left, right, mine, theirs)


def _of_two_rows(left: str, right: str) -> bool:
    """Say whether two table rows of one shape begin with different keys: they tell of two things."""
    mine, theirs = _KEY.match(left), _KEY.match(right)
    return bool(mine and theirs and mine[1] == theirs[1] and mine[2] != theirs[2])


def contrast(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Say whether each sentence holds another word of one row: the first gate and the second gate."""
    for row in CONTRASTS:
        left, right = row & mine, row & theirs
        if left and right and not left & right:
            return True
    return False


# --- near copies -------------------------------------------------------------------------------------------------


def _near_copies(left: str, right: str) -> Difference | None:
    """Compare two sentences of nearly the same words: what differs must be figures or names on both sides."""
    one, other = re.findall(r"[\w.,%$€£-]*\w[\w%]*|\S", left), re.findall(r"[\w.,%$€£-]*\w[\w%]*|\S", right)
    if min(len(one), len(other)) < 5 or max(len(one), len(other)) > 2.5 * min(len(one), len(other)):
        return None
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    if same < _NEAR_COPY * min(len(one), len(other)):
        return None
    changes = [
        (" ".join(one[a:b]), " ".join(other[c:d])) for kind, a, b, c, d in matcher.get_opcodes() if kind == "replace"
    ]
    changes = [pair for pair in changes if not _tells_apart(left, pair[0]) or not _tells_apart(right, pair[1])]
    if _series(find_figures(left), find_figures(right)) and any(_is_date(mine) for mine, _ in changes):
        return None
    for mine, theirs in changes:
        if _is_figure(mine) and _is_figure(theirs) and not _agree(find_figures(mine), find_figures(theirs)):
            return _widened(left, right, mine, theirs)
    if min(left.count(","), right.count(",")) >= 3:
        return None  # two lists of names are two lists
    if 1 <= len(changes) <= 3 and all(_is_name(mine) and _is_name(theirs) for mine, theirs in changes):
        return Difference(*changes[0])
    return None


def _tells_apart(text: str, part: str) -> bool:
    """Say whether the words stand in the brackets after a name ("John Sparke (died 1680)")."""
    bracket = _BRACKETS.search(text[:120])
    return bracket is not None and part in bracket[1] and text.count(part) == 1


def _is_date(text: str) -> bool:
    return any(figure.kind == "date" for figure in find_figures(text))


def _is_figure(text: str) -> bool:
    return bool(re.search(r"\d", text)) and len(text.split()) <= 5


def _is_name(text: str) -> bool:
    said = text.split()
    return 1 <= len(said) <= 5 and all(w[:1].isupper() or w in ("of", "the", "de", ".", ",", "and") for w in said)


def _widened(left: str, right: str, mine: str, theirs: str) -> Difference:
    """Return the whole figure ("1 November 2007") around what differs ("November", "January")."""

    def whole(text: str, part: str) -> str:
        at = text.find(part)
        return next((text[f.start : f.end] for f in find_figures(text) if f.start <= at < f.end), part)

    return Difference(whole(left, mine), whole(right, theirs))


def _agree(mine: Sequence[Figure], theirs: Sequence[Figure]) -> bool:
    return bool(mine and theirs) and all(any(f.kind == o.kind and alike(f, o) for o in theirs) for f in mine)


# --- figures of one unit -----------------------------------------------------------------------------------------


def _by_figures(left: str, right: str, shared: frozenset[str]) -> Difference | None:
    """Compare figures of one kind and unit that stand among the same words."""
    mine, theirs = find_figures(left), find_figures(right)
    if not mine or not theirs or not _same_subject(left, right, shared):
        return None
    for figure in mine:
        rivals = [o for o in theirs if o.kind == figure.kind and o.unit == figure.unit]
        if not rivals or (figure.kind == "number" and not figure.unit):
            continue
        if any(alike(figure, o) for o in rivals) or not _same_period(figure, left, right):
            continue
        for rival in rivals:
            if any(alike(rival, f) for f in mine if f.kind == rival.kind and f.unit == rival.unit):
                continue
            common = _around(left, figure) & _around(right, rival)
            if figure.kind == "date" and (_series(mine, theirs) or _in_range(left, figure) != _in_range(right, rival)):
                continue
            if len(common) >= 2 or (common and len(shared) >= 4):
                return Difference(left[figure.start : figure.end], right[rival.start : rival.end])
    return None


def _in_range(text: str, figure: Figure) -> bool:
    """Say whether a date is one end of "1974 to 2024"."""
    after, before = text[figure.end : figure.end + 12], text[max(0, figure.start - 12) : figure.start]
    return bool(
        re.match(r"\s?(?:to|until|till|and|[-–—])\s?\D{0,8}\d", after)
        or re.search(r"\d\s?(?:to|until|till|[-–—])\s?$", before)
    )


def _series(mine: Sequence[Figure], theirs: Sequence[Figure]) -> bool:
    """Say whether other figures change with the dates: then two states are told, not one state twice."""
    units = {f.unit for f in mine if f.kind == "number"} & {f.unit for f in theirs if f.kind == "number"}
    return any(
        not any(alike(f, o) for o in theirs if o.kind == "number" and o.unit == f.unit)
        for f in mine
        if f.kind == "number" and f.unit in units
    )


def _same_subject(left: str, right: str, shared: frozenset[str]) -> bool:
    """Say whether two sentences speak of one thing: most words of the shorter one, and no names of their own each."""
    mine, theirs = content(left), content(right)
    overlap = len(shared) / min(len(mine), len(theirs))
    own, other = proper_names(_unattributed(left)) - theirs, proper_names(_unattributed(right)) - mine
    if (own and other) or _told_apart(left, right):
        return False
    longer = max(len(mine), len(theirs)) / min(len(mine), len(theirs))
    return overlap >= (0.6 if longer <= 2 else 0.75) and len(shared) >= 3 or overlap >= 0.8


def _unattributed(text: str) -> str:
    """Leave out who says so: "According to the Ost Times, …"."""
    return _SAYS.sub(" ", text)


def _told_apart(left: str, right: str) -> bool:
    """Say whether what stands in brackets after the names tells two things of one name apart."""
    mine, theirs = _BRACKETS.search(left[:120]), _BRACKETS.search(right[:120])
    if not mine or not theirs:
        return False
    years = set(re.findall(r"\d{4}", mine[1])), set(re.findall(r"\d{4}", theirs[1]))
    if all(years):
        return not years[0] & years[1]
    return not set(re.findall(r"\w{3,}", mine[1])) & set(re.findall(r"\w{3,}", theirs[1]))


def _same_period(figure: Figure, left: str, right: str) -> bool:
    """Say whether two numbers are of the same year, as far as years are said; dates are compared themselves."""
    if figure.kind == "date":
        return True
    mine = {f.value[0] for f in find_figures(left) if isinstance(f.value, tuple)}
    theirs = {f.value[0] for f in find_figures(right) if isinstance(f.value, tuple)}
    return not mine or not theirs or bool(mine & theirs)


def _around(text: str, figure: Figure) -> frozenset[str]:
    before = words(mask(text[max(0, figure.start - 80) : figure.start]))[-_WINDOW:]
    after = words(mask(text[figure.end : figure.end + 80]))[:_WINDOW]
    return _stems(before + after)


# --- yes and no --------------------------------------------------------------------------------------------------


def _by_negation(left: str, right: str, mine: frozenset[str], theirs: frozenset[str]) -> Difference | None:
    """Compare two sentences of nearly the same words of which one says no, or that use opposed words."""
    if len(mine & theirs) < 3 or len(mine & theirs) < 0.55 * len(mine | theirs):
        return None
    close = len(mine & theirs) >= 0.7 * len(mine | theirs)
    if close and bool(_NOT.search(left)) != bool(_NOT.search(right)):
        return Difference("yes", "no") if _NOT.search(right) else Difference("no", "yes")
    for one, other in OPPOSED:
        for first, second in ((one, other), (other, one)):
            rest = len((mine | theirs) - first - second)
            if mine & first - theirs and theirs & second - mine and len(mine & theirs) >= 0.7 * rest:
                return Difference(*(_spoken(t, s) for t, s in ((left, mine & first), (right, theirs & second))))
    return None


def _spoken(text: str, stems: Iterable[str]) -> str:
    wanted = set(stems)
    return next((w for w in re.findall(r"\w+", text) if stem(w.casefold()) in wanted), "")


def describe(left: str, right: str, difference: Difference) -> str:
    """Return what two sentences disagree on, in their own words: "Courthouse built: 1902 or 1892"."""
    shared = content(left) & content(right)
    said: list[str] = []
    for word in re.findall(r"[\w'’-]+", mask(left)):
        parts = _stems(words(word))
        if parts & shared:
            said.append(word)
            shared -= parts
    subject = " ".join(said[:7])
    return f"{subject[:1].upper()}{subject[1:]}: {difference.left} or {difference.right}"

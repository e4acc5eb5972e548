"""A figure that stands in no source may follow from figures that do: sums, differences, ratios, shares and means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import NamedTuple

from apps.lib.figures import Figure
from apps.memory.grounding.reading import Reading, quantity

MOST_OPERANDS = 12
_NUMBER = re.compile(r"\d[\d,.\u00a0\u202f ’]*\d|\d")
# A sentence has to say which operation it means: any figure is the difference of some two others.
_CUES = {
    "sum": re.compile(r"\b(?:total\w*|altogether|together|combined|sum|in all|overall|both)\b", re.I),
    "mean": re.compile(r"\b(?:averag\w*|mean)\b", re.I),
    "change": re.compile(
        r"\b(?:increas\w*|ris\w*|rose|grow\w*|grew|f[ae]ll\w*|drop\w*|decreas\w*|declin\w*|chang\w*|up|down|more|less|"
        r"higher|lower|fewer|cheaper|dearer)\b", re.I,
    ),
    "difference": re.compile(
        r"\b(?:differ\w*|more|less|fewer|higher|lower|gap|by|between|longer|shorter|later|earlier|after|before|over|"
        r"within|increas\w*|decreas\w*|remain\w*|left|lost|gain\w*)\b", re.I,
    ),
    "rest": re.compile(r"\b(?:lost|los[se]\w*|rest|remain\w*|other|others|left|missing|not)\b", re.I),
    "ratio": re.compile(r"\b(?:times|fold|ratio|per|each|every|averag\w*)\b", re.I),
    "share": re.compile(r"\b(?:of|share|proportion|per ?cent|percentage)\b|%", re.I),
}  # fmt: skip


class Working(NamedTuple):
    """How a figure follows: what is shown ("13.1 − 12.5 = 0.6") and the operands it uses."""

    shown: str
    operands: tuple[Figure, ...]


class _Operand(NamedTuple):
    figure: Figure
    shown: str
    measure: str
    value: float


def derive(figure: Figure, said: Reading, quotes: Sequence[Reading]) -> Working | None:
    """Return how a figure of a sentence follows from figures of its quotes, or None.

    The sentence must name the operation; the result must agree to the last digit that is written.

    >>> from apps.memory.grounding.reading import read
    >>> claim = read("The difference between the two is 0.6 km.")
    >>> derive(claim.figures[-1], claim, [read("It is 13.1 km long."), read("It is 12.5 km long.")]).shown
    '13.1 km − 12.5 km = 0.6 km'
    """
    if isinstance(figure.value, tuple):
        return None
    mine = _operand(figure, said.text)
    room = _room(figure, said.text) * (mine.value / figure.value if figure.value else 1.0)
    operands = list(_operands(quotes))[:MOST_OPERANDS]
    for operation, cue in _CUES.items():
        if not cue.search(said.text):
            continue
        for result, shown, used in _TRIES[operation](operands, mine):
            if abs(result - mine.value) <= room * (1 + 1e-9):
                return Working(f"{shown} = {mine.shown}", tuple(operand.figure for operand in used))
    return None


def _operands(quotes: Sequence[Reading]) -> Iterator[_Operand]:
    seen = set()
    for quote in quotes:
        for figure in quote.figures:
            operand = _operand(figure, quote.text)
            if (operand.measure, operand.value) not in seen:
                seen.add((operand.measure, operand.value))
                yield operand


def _operand(figure: Figure, text: str) -> _Operand:
    shown = text[figure.start : figure.end].strip()
    if isinstance(figure.value, tuple):
        return _Operand(figure, str(figure.value[0]), "date", float(figure.value[0]))
    known = quantity(figure) or ("count", figure.value)
    return _Operand(figure, shown, *known)


def _room(figure: Figure, text: str) -> float:
    """Return half of the last digit that is written, at most 5 %: "12.6 million" has room for 50,000."""
    assert not isinstance(figure.value, tuple)
    match = _NUMBER.search(text[figure.start : figure.end])
    written = match[0] if match else "0"
    plain = float(re.sub(r"[^\d.]", "", written) or 0)
    decimals = len(written.rpartition(".")[2]) if "." in written else 0
    scale = figure.value / plain if plain else 1.0
    return min(0.5 * float(10**-decimals) * scale, 0.05 * abs(figure.value))


Tries = Iterator[tuple[float, str, tuple[_Operand, ...]]]


def _sums(operands: list[_Operand], mine: _Operand) -> Tries:
    alike = [operand for operand in operands if operand.measure == mine.measure]
    for size in range(2, min(6, len(alike)) + 1):
        for chosen in combinations(alike, size):
            yield sum(one.value for one in chosen), " + ".join(one.shown for one in chosen), chosen


def _means(operands: list[_Operand], mine: _Operand) -> Tries:
    for total, shown, chosen in _sums(operands, mine):
        yield total / len(chosen), f"({shown}) ÷ {len(chosen)}", chosen


def _differences(operands: list[_Operand], mine: _Operand) -> Tries:
    for left, right in permutations(operands, 2):
        years = left.measure == "date" and mine.figure.unit == "year" and left.value > right.value
        if years:
            yield (left.value - right.value) * 12.0, f"{left.shown} − {right.shown}", (left, right)
        elif left.measure == right.measure and left.value > right.value and mine.measure in {left.measure, "points"}:
            points = 100.0 if mine.measure == "points" and left.measure == "share" else 1.0
            yield (left.value - right.value) * points, f"{left.shown} − {right.shown}", (left, right)


def _rests(operands: list[_Operand], mine: _Operand) -> Tries:
    for part in operands:
        if part.measure == mine.measure == "share" and part.value < 1:
            yield 1 - part.value, f"100 % − {part.shown}", (part,)


def _changes(operands: list[_Operand], mine: _Operand) -> Tries:
    if mine.measure != "share":
        return
    for new, old in permutations(operands, 2):
        if new.measure == old.measure and new.measure not in {"date", "share"} and old.value:
            shown = f"({new.shown} − {old.shown}) ÷ {old.shown}"
            yield abs(new.value - old.value) / abs(old.value), shown, (new, old)


def _ratios(operands: list[_Operand], mine: _Operand) -> Tries:
    for left, right in permutations(operands, 2):
        if "date" in {left.measure, right.measure} or not right.value or left.value == right.value:
            continue
        times = left.measure == right.measure and mine.figure.unit in {"time", ""}
        each = left.measure == mine.measure != right.measure
        if times or each:
            yield left.value / right.value, f"{left.shown} ÷ {right.shown}", (left, right)


def _shares(operands: list[_Operand], mine: _Operand) -> Tries:
    if mine.measure == "share":
        for part, whole in permutations(operands, 2):
            if part.measure == whole.measure not in {"date", "share"} and whole.value > part.value:
                yield part.value / whole.value, f"{part.shown} ÷ {whole.shown}", (part, whole)


_TRIES = {
    "sum": _sums, "mean": _means, "change": _changes, "difference": _differences, "rest": _rests,
    "ratio": _ratios, "share": _shares,
}  # fmt: skip

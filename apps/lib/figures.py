"""Numbers and dates in a sentence, with what they count, so that two sentences can be held side by side."""

from __future__ import annotations

import re
from typing import NamedTuple

from apps.lib.lexicon import MONTHS, UNITS
from apps.lib.text import stem


class Figure(NamedTuple):
    """A number with its unit, or a date. value: the number, or (year, month, day) with 0 for what is not said."""

    kind: str
    value: float | tuple[int, int, int]
    unit: str
    start: int
    end: int
    about: bool
    digits: int


_MONTH = "|".join(sorted((m.capitalize() for m in MONTHS), key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})\.?,?\s*,?\s*(?P<y1>1\d{{3}}|20\d\d)\b"
    rf"|\b(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<y2>1\d{{3}}|20\d\d)\b"
    r"|\b(?P<y3>1\d{3}|20\d\d)-(?P<m3>\d\d)(?:-(?P<d3>\d\d))?\b"
    rf"|\b(?P<m4>{_MONTH})\.?,?\s+(?P<y4>1\d{{3}}|20\d\d)\b"
    r"|(?<![\d.,$€£¥#])(?P<y5>1[5-9]\d\d|20\d\d)(?:s\b)?"
    r"(?![\d%]|[.,]\d|\s?(?:km|m|kg|t|MW|people|inhabitants|metres|meters)\b)"
)
_NUMBER = re.compile(
    r"(?P<about>\b(?:about|around|roughly|nearly|almost|some|over|more than|approximately|circa|ca\.|up to|at least|"
    r"under|less than)\s+)?"
    r"(?P<currency>[$€£¥]|\b(?:USD|EUR|GBP|CHF)\s?)?\s?"
    r"(?<![\w.])(?P<n>\d{1,3}(?:[, \u00a0\u202f’]\d{3}(?!\d))+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"\s?(?P<scale>thousand|million|billion|trillion|bn|mn|[mMkK](?![\w°]))?"
    r"\s?-?(?P<unit>%|°\s?[CF]?|[^\W\d_]+(?:/[^\W\d_]+)?[²³]?)?"
)
_WORDS = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())}
_WORD_NUMBER = re.compile(r"\b(" + "|".join(list(_WORDS)[2:]) + r")\s+([a-z]{3,})", re.I)
_SCALE = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_NO_UNIT = frozenset(
    "and or in of to the at by for from on as is was were with per than which that it a an but".split()
)


def find_figures(text: str) -> tuple[Figure, ...]:
    """Return the dates and numbers of a sentence in order.

    >>> [(f.kind, f.value, f.unit) for f in find_figures("It opened on 3 May 1998 and cost $4.5 million.")]
    [('date', (1998, 5, 3), ''), ('number', 4500000.0, '$')]
    """
    dates = [_date(match) for match in _DATE.finditer(text)]
    taken = [(f.start, f.end) for f in dates]
    numbers = [_number(match) for match in _NUMBER.finditer(text)]
    spelled = [
        Figure("number", float(_WORDS[m[1].lower()]), _unit(m[2]), m.start(1), m.end(1), False, 1)
        for m in _WORD_NUMBER.finditer(text)
    ]
    free = [f for f in numbers + spelled if not any(f.start < end and start < f.end for start, end in taken)]
    return tuple(sorted(dates + free, key=lambda f: f.start))


def _date(match: re.Match[str]) -> Figure:
    parts = match.groupdict()
    year = int(next(parts[k] for k in ("y1", "y2", "y3", "y4", "y5") if parts[k]))
    month = next((parts[k] for k in ("m1", "m2", "m3", "m4") if parts[k]), "0")
    number = int(month) if month.isdigit() else [m[:3] for m in MONTHS[:12]].index(month[:3].lower()) + 1
    day = int(next((parts[k] for k in ("d1", "d2", "d3") if parts[k]), "0"))
    return Figure("date", (year, number, day), "", match.start(), match.end(), False, 0)


def _number(match: re.Match[str]) -> Figure:
    plain = re.sub(r"[^\d.]", "", match["n"])
    scale = match["scale"] or ""
    unit = match["unit"] or ""
    start = match.start("currency") if match["currency"] else match.start("n")
    measured = scale.lower() in ("m", "k") and not match["currency"]  # "40 m" is a length, "$40m" is money
    if measured:
        unit, scale = scale, ""
    counted = _unit((match["currency"] or "").strip() or unit)
    last = "scale" if measured or (scale and (not unit or match["currency"])) else "unit" if counted and unit else "n"
    end = match.end(last if not (match["currency"] and last == "unit") else "n")
    value = float(plain) * _SCALE.get(scale.lower(), 1.0)
    return Figure("number", value, counted, start, end, bool(match["about"]), len(plain.replace(".", "").strip("0")))


def _unit(word: str) -> str:
    low = word.lower().replace(" ", "")
    if low in _NO_UNIT:
        return ""
    low = UNITS.get(low) or UNITS.get(low.rstrip("s")) or low
    return low if len(low) <= 3 else UNITS.get(stem(low), stem(low))


def alike(left: Figure, right: Figure) -> bool:
    """Say whether two figures of one kind and unit say the same, up to rounding and to what is left unsaid.

    A date without its day agrees with one that has it; "3.5" agrees with "3.47"; "about 100" with 105.
    """
    if isinstance(left.value, tuple) or isinstance(right.value, tuple):
        if not (isinstance(left.value, tuple) and isinstance(right.value, tuple)):
            return False
        return all(a == b or not a or not b for a, b in zip(left.value, right.value, strict=True))
    if left.value == right.value:
        return True
    size = max(abs(left.value), abs(right.value))
    fewer = min(left.digits, right.digits)
    room = 0.1 if left.about or right.about else 0.5 * 10 ** -(fewer - 1) if left.digits != right.digits else 0.0
    return abs(left.value - right.value) <= min(room, 0.1) * size


def mask(text: str) -> str:
    """Return the sentence with its figures taken out, to compare what is said about them."""
    out, position = [], 0
    for figure in find_figures(text):
        if figure.start >= position:
            out.append(text[position : figure.start])
            position = figure.end
    return "".join([*out, text[position:]])

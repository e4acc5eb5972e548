"""What a sentence says: its content words, its figures, its names, and whether it denies."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from apps.lib.figures import Figure, find_figures
from apps.lib.lexicon import MONTHS, UNITS
from apps.lib.text import STOP_WORDS, stem, words

_STOP = STOP_WORDS["en"]
_NAME = re.compile(r"(?<![\w’'])[A-Z][\w’'-]*\w|(?<![\w’'])[A-Z]{2,}")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“\"»(]\s*)$")
_DENIALS = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|nobody|nothing|failed to|refused to|declined to|"
    r"unable to|lacks|lacked|denied|denies)\b(?!\s*[.,;]|$)|n[’']t\b", re.I,
)  # fmt: skip
_POWERS = {"cubic": "³", "square": "²"}
_WORD = re.compile(r"\s*-?([A-Za-z]+)")
# What is said in two ways is read in one: "2018–19" says two years, "up from 3" says that something rose.
_PLAIN = (
    (re.compile(r"\b(1\d|20)(\d\d)[–/-](\d\d)\b(?![–/-])"), r"\1\2 to \1\3"),
    (re.compile(r"\bper cent\b"), "percent"),
    (re.compile(r"\bup (?=from|by)\b"), "rose "),
    (re.compile(r"\bdown (?=from|by|to)\b"), "fell "),
)
_POINTS = re.compile(r"\s+points?\b", re.I)
# Values of one quantity in its first unit: "2 km" says what "2,000 m" says.
_SCALES = {
    "m": ("length", 1.0), "km": ("length", 1e3), "cm": ("length", 0.01), "mm": ("length", 0.001),
    "mi": ("length", 1609.344), "ft": ("length", 0.3048), "in": ("length", 0.0254),
    "g": ("mass", 0.001), "gram": ("mass", 0.001), "kg": ("mass", 1.0), "kilogram": ("mass", 1.0), "t": ("mass", 1e3),
    "min": ("time", 60.0), "h": ("time", 3600.0), "s": ("time", 1.0),
    "kw": ("power", 1e3), "mw": ("power", 1e6), "gw": ("power", 1e9), "w": ("power", 1.0),
    "kwh": ("energy", 1e3), "mwh": ("energy", 1e6), "gwh": ("energy", 1e9), "twh": ("energy", 1e12),
    "%": ("share", 0.01), "points": ("points", 1.0), "bar": ("pressure", 1.0), "crown": ("crowns", 1.0),
    "$": ("dollars", 1.0), "€": ("euros", 1.0), "£": ("pounds", 1.0), "¥": ("yen", 1.0),
    "°c": ("celsius", 1.0), "°f": ("fahrenheit", 1.0), "ha": ("area", 1e4), "acre": ("area", 4046.86),
    "km²": ("area", 1e6), "m²": ("area", 1.0), "mi²": ("area", 2589988.0), "ft²": ("area", 0.0929),
    "m³": ("volume", 1.0), "km³": ("volume", 1e9), "ft³": ("volume", 0.0283), "l": ("volume", 0.001),
    "litr": ("volume", 0.001), "liter": ("volume", 0.001), "day": ("days", 1.0), "night": ("days", 1.0),
    "week": ("days", 7.0),
    "month": ("months", 1.0), "year": ("months", 12.0), "decad": ("months", 120.0), "people": ("people", 1.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken apart. stems: content words in order; names: stems of capitalised words inside
    sentences; denials: how many words deny."""

    text: str
    stems: tuple[str, ...]
    all: frozenset[str]
    figures: tuple[Figure, ...]
    names: frozenset[str]
    denials: int


@lru_cache(maxsize=20_000)
def read(text: str) -> Reading:
    """Take a sentence or a passage apart.

    >>> read("The Harrow dam was not opened in 1975.").denials
    1
    """
    for written, plain in _PLAIN:
        text = written.sub(plain, text)
    figures = tuple(_cubed(figure, text) for figure in find_figures(text))
    said = words(text)
    stems = tuple(stem(word) for word in said if word not in _STOP)
    return Reading(text, stems, frozenset(map(stem, said)), figures, _names(text), len(_DENIALS.findall(text)))


def _cubed(figure: Figure, text: str) -> Figure:
    """Read "cubic metres", "square miles" and "percentage points" as one unit."""
    if figure.unit == "%" and _POINTS.match(text, figure.end):
        return figure._replace(unit="points")
    if figure.unit not in _POWERS:
        return figure
    at = text.lower().find(figure.unit, figure.start)
    following = _WORD.match(text, at + len(figure.unit)) if at >= 0 else None
    if following is None:
        return figure
    word = following[1].lower().rstrip("s")
    unit = UNITS.get(word, word) + _POWERS[figure.unit]
    return figure._replace(unit=unit, end=following.end()) if unit in _SCALES else figure


def _names(text: str) -> frozenset[str]:
    found = set[str]()
    for match in _NAME.finditer(text):
        starts = _SENTENCE_START.search(text[max(0, match.start() - 3) : match.start()])
        word = match[0].split("’")[0].split("'")[0]
        if word.lower() in _STOP or word.lower() in MONTHS or len(word) < 2 or (starts and not word.isupper()):
            continue
        found.update(stem(part) for part in words(word))
    return frozenset(found)


def quantity(figure: Figure) -> tuple[str, float] | None:
    """Return (what is measured, its value in the first unit of that kind), or None for a date or a bare count."""
    if isinstance(figure.value, tuple) or figure.unit not in _SCALES:
        return None
    kind, scale = _SCALES[figure.unit]
    return kind, figure.value * scale


def says(figure: Figure, others: tuple[Figure, ...]) -> bool:
    """Tell whether one of the others says this figure: the same, in a unit that converts, or more exactly."""
    return any(_carries(other, figure) for other in others)


def rivals(figure: Figure, others: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Return what the others say of the same kind and quantity, with another value."""
    return tuple(
        other for other in others
        if other.kind == figure.kind and not _carries(other, figure) and _measures(figure) == _measures(other)
    )  # fmt: skip


def _measures(figure: Figure) -> str:
    known = quantity(figure)
    return known[0] if known else figure.unit


def _carries(told: Figure, said: Figure) -> bool:
    """Tell whether a source's figure carries what is said: a rounded figure may stand for an exact one, never the
    other way round; a date may leave out the day, never add one.
    """
    if isinstance(told.value, tuple) or isinstance(said.value, tuple):
        if not (isinstance(told.value, tuple) and isinstance(said.value, tuple)):
            return False
        return all(mine in (0, theirs) for mine, theirs in zip(said.value, told.value, strict=True))
    mine, theirs = quantity(said), quantity(told)
    if (mine is None) != (theirs is None):
        # Only one of the two is measured: a bare "75" agrees with "75 km", "75 storeys" does not.
        bare = not (said.unit if mine is None else told.unit)
        return bare and said.value == told.value
    if mine is None or theirs is None:
        return _near(said, said.value, told.value, told.digits)
    return mine[0] == theirs[0] and _near(said, mine[1], theirs[1], told.digits if said.unit == told.unit else 9)


def _near(said: Figure, mine: float, theirs: float, digits: int) -> bool:
    """Compare two values in one unit. digits: how many the source writes; a conversion has as many as one likes."""
    if mine == theirs:
        return True
    gap, size = abs(mine - theirs), max(abs(mine), abs(theirs))
    if said.about and said.digits <= digits:
        return gap <= 0.1 * size
    return 2 <= said.digits < digits and gap <= 0.5 * 10.0 ** (math.floor(math.log10(abs(mine) or 1)) - said.digits + 1)

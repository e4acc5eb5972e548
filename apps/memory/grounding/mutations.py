"""Make a true sentence false in one place, the way a model does: another figure, name or unit, or a denial."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from apps.memory.grounding.reading import read

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_UNITS = (
    ("million", "billion"), ("thousand", "million"), ("kilometres", "miles"), ("kilometers", "miles"), ("km", "m"),
    ("metres", "feet"), ("meters", "feet"), ("miles", "kilometres"), ("percent", "percentage points"), ("%", " °C"),
    ("tonnes", "kilograms"), ("kg", "g"), ("hours", "minutes"), ("minutes", "hours"), ("years", "months"),
    ("months", "weeks"), ("weeks", "days"), ("days", "weeks"), ("MW", "kW"), ("GWh", "MWh"), ("$", "€"), ("€", "£"),
    ("£", "$"), ("crowns", "euros"), ("°C", "bar"), ("feet", "metres"), ("acres", "hectares"),
)  # fmt: skip
_VERBS = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|may|must|should|does|did|do)\b")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w’-]{2,}")


def named(sentence: str) -> list[str]:
    """Return the names inside a sentence."""
    return _NAME.findall(sentence)


def number(sentence: str, _names: Sequence[str], draw: random.Random) -> str:
    """Change one digit of one figure; "" where there is none."""
    found = list(_DIGITS.finditer(sentence))
    if not found:
        return ""
    match = draw.choice(found)
    places = [at for at in range(match.start(), match.end()) if sentence[at].isdigit()]
    at = draw.choice(places)
    other = draw.choice([d for d in "123456789" if d != sentence[at]])
    return sentence[:at] + other + sentence[at + 1 :]


def name(sentence: str, names: Sequence[str], draw: random.Random) -> str:
    """Put another name in the place of one; "" where there is none or no other is known."""
    found = list(_NAME.finditer(sentence))
    others = [each for each in names if each not in sentence]
    if not found or not others:
        return ""
    match = draw.choice(found)
    return sentence[: match.start()] + draw.choice(others) + sentence[match.end() :]


def negation(sentence: str, _names: Sequence[str], _draw: random.Random) -> str:
    """Deny what is said, or say what is denied; "" where there is no verb to hang it on."""
    if read(sentence).denials:
        told = re.sub(r"\b(?:not|never)\s+|n[’']t\b", "", sentence, count=1)
        return told if told != sentence else ""
    match = _VERBS.search(sentence)
    return f"{sentence[: match.end()]} not{sentence[match.end() :]}" if match else ""


def unit(sentence: str, _names: Sequence[str], draw: random.Random) -> str:
    """Put another unit behind a figure; "" where there is none."""
    found = [
        (match, other)
        for one, other in _UNITS
        for match in re.finditer(rf"(?<=\d)\s?{re.escape(one)}(?!\w)|(?<!\w){re.escape(one)}(?=\d)", sentence)
    ]
    if not found:
        return ""
    match, other = draw.choice(found)
    lead = " " if match[0].startswith(" ") else ""
    return sentence[: match.start()] + lead + other + sentence[match.end() :]


KINDS: dict[str, Callable[[str, Sequence[str], random.Random], str]] = {
    "number": number, "name": name, "negation": negation, "unit": unit,
}  # fmt: skip

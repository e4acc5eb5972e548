"""Undo what hides words from a reader of rules: invisible marks, letters that look like others, base64.

Every place in the plain text knows the place it came from, so that what is found there can be shown and redacted.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass

from apps.policy.guardrails.findings import Span

# Letters of other scripts that look like Latin ones: code point, then what it looks like. They only count inside words
# that have Latin letters too.
_PAIRS = """
430a 435e 43eo 440p 441c 443y 445x 456i 43ak 43cm 442t 43dh 410A 412B 415E 41aK 41cM 41dH 41eO 420P
421C 422T 425X 406I 405S 455s 458j 501d 261g 3bfo 3b1a 3b5e 3c1p 3b9i 3bak 3c4t 3b2b 39fO 391A 392B
395E 396Z 397H 399I 39aK 39cM 39dN 3a1P 3a4T 3a5Y 3a7X
"""
LOOKALIKES = {int(pair[:-1], 16): pair[-1] for pair in _PAIRS.split()}
_WORD = re.compile(r"\w+")
_TAGS = range(0xE0020, 0xE007F)
_OVERRIDES = "\u202d\u202e"
_INVISIBLE = "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e"
_HIDDEN = re.compile(f"[A-Za-z][{_INVISIBLE}]+(?=[A-Za-z])")
_TAGGED = re.compile("[\U000e0020-\U000e007e]{4,}")
_FLAG = "\U0001f3f4"  # a black flag and tags is how some flags are written
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{24,4000}={0,2}(?![\w+/=-])")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without disguises. places: for each character, where it came from; None: it is what was given."""

    text: str
    places: tuple[int, ...] | None = None

    def span(self, start: int, end: int, kind: str) -> Span:
        """Return the span of the given text that a stretch of this one came from."""
        if self.places is None or start >= end:
            return Span(start, end, kind)
        return Span(self.places[start], self.places[end - 1] + 1, kind)


def plain(text: str) -> Plain:
    """Return a text as it reads: compatibility forms folded, invisible marks gone, lookalikes as what they show.

    >>> plain("ig\\u200bnore").text, plain("\\uff49gnore").text, plain("ign\\u043ere").text
    ('ignore', 'ignore', 'ignore')
    """
    if text.isascii():
        return Plain(text)
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isascii():
            kept.append(char)
            places.append(place)
            continue
        for each in unicodedata.normalize("NFKC", char):
            if unicodedata.category(each) not in {"Cf", "Mn", "Co", "Cn"}:
                kept.append(each)
                places.append(place)
    return Plain(_WORD.sub(_as_it_looks, "".join(kept)), tuple(places))


def _as_it_looks(found: re.Match[str]) -> str:
    word = found[0]
    if word.isascii() or not re.search("[A-Za-z]", word):
        return word
    return word.translate(LOOKALIKES)


def tricks(text: str) -> list[Span]:
    """Return where a text hides something: invisible letters, an order turned round, words cut by invisible marks.

    Joiners between letters of scripts that need them, and flags, are no tricks.
    """
    if text.isascii():
        return []
    found = [
        Span(m.start(), m.end(), "hidden_letters") for m in _TAGGED.finditer(text)
        if not text[: m.start()].endswith(_FLAG)
    ]  # fmt: skip
    found += [Span(place, place + 1, "turned_order") for place, char in enumerate(text) if char in _OVERRIDES]
    cuts = list(_HIDDEN.finditer(text))
    if len(cuts) >= 2:
        found.append(Span(cuts[0].start(), cuts[-1].end() + 1, "cut_words"))
    return found


def hidden(text: str) -> list[tuple[Span, str]]:
    """Return what is written inside a text in another form: tag letters and base64, with where it stands."""
    found: list[tuple[Span, str]] = []
    for match in _TAGGED.finditer(text) if not text.isascii() else ():
        letters = "".join(chr(ord(char) - 0xE0000) for char in match[0] if ord(char) in _TAGS)
        found.append((Span(match.start(), match.end(), "hidden_letters"), letters))
    for match in _BASE64.finditer(text):
        if words := _decoded(match[0]):
            found.append((Span(match.start(), match.end(), "base64"), words))
    return found


def _decoded(text: str) -> str:
    try:
        body = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
        words = body.decode()
    except (binascii.Error, ValueError, UnicodeDecodeError):
        return ""
    return words if words.isprintable() or all(char.isprintable() or char in "\n\r\t" for char in words) else ""

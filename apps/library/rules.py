"""Passages, quotes and ranking over plain text. Pure: offsets in, offsets out."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from apps.lib.text import Span, clean, sentences, tokens, words


class Passage(NamedTuple):
    """A half-open range of character offsets into a document's text."""

    start: int
    end: int


_HEADING = re.compile(
    r"\s*(?:#{1,6}\s+\S|(?:chapter|section|part|annex|appendix|\d{1,2}(?:\.\d{1,2}){0,3})[.:]?\s+\S)", re.I
)
_GAP = re.compile(r"\n[ \t]*\n")


def split(text: str, *, target_words: int = 120, most_words: int = 0) -> tuple[Passage, ...]:
    """Cut a document into passages of about `target_words` that begin and end at sentences.

    A paragraph stays whole where it fits, and a heading opens the passage it belongs to. Every sentence is in
    exactly one passage; what lies between passages is white space. `most_words` (default 1.6 × target) is exceeded
    only by a single longer sentence.

    >>> [text for text in ["One. Two."] for p in split(text)]
    ['One. Two.']
    """
    most = most_words or int(target_words * 1.6)
    passages: list[Passage] = []
    start, end, held = -1, -1, 0
    for unit, size, opens in _units(text, target_words):
        full = held >= target_words or held + size > most or (opens and held >= target_words // 3)
        if start >= 0 and full:
            passages.append(Passage(start, end))
            start, held = -1, 0
        start = unit.start if start < 0 else start
        end, held = unit.end, held + size
    if start >= 0:
        passages.append(Passage(start, end))
    return tuple(passages)


def _units(text: str, target_words: int) -> list[tuple[Span, int, bool]]:
    """List paragraphs, or the sentences of a paragraph that is too long: (span, words, begins a section)."""
    gaps = [m.start() for m in _GAP.finditer(text)]
    units: list[tuple[Span, int, bool]] = []
    group: list[Span] = []
    for sentence in sentences(text):
        if group and bisect_right(gaps, sentence.start) != bisect_right(gaps, group[0].start):
            units.extend(_paragraph(text, group, target_words))
            group = []
        group.append(sentence)
    return units + _paragraph(text, group, target_words)


def _paragraph(text: str, group: list[Span], target_words: int) -> list[tuple[Span, int, bool]]:
    if not group:
        return []
    whole = Span(group[0].start, group[-1].end)
    size = count_words(text[whole.start : whole.end])
    opens = is_heading(text[group[0].start : group[0].end])
    if size <= target_words:
        return [(whole, size, opens)]
    return [(span, count_words(text[span.start : span.end]), opens and span is group[0]) for span in group]


def count_words(text: str) -> int:
    """Count words by white space; unspaced scripts count two characters as a word."""
    if text.isascii():
        return len(text.split())
    unspaced = sum("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in text)
    return len(text.split()) + unspaced // 2


def is_heading(line: str) -> bool:
    """Say whether a line reads as a heading: marked or numbered, or short, capitalised and without an end.

    >>> is_heading("## Costs"), is_heading("It cost 5 million."), is_heading("Operating results")
    (True, False, True)
    """
    line = line.strip()
    if not line or len(line) > 100 or "\n" in line or line[-1] in ".!?;,:。！？":
        return False
    if _HEADING.match(line):
        return True
    return len(line.split()) <= 9 and line[0].isupper() and ": " not in line and " | " not in line


def headings(text: str, *, most: int = 12) -> tuple[str, ...]:
    """Return the first headings of a document, without their marks."""
    found: list[str] = []
    for line in text.splitlines():
        if len(found) < most and is_heading(line):
            found.append(line.strip().lstrip("#").strip())
    return tuple(found)


# --- quotes ------------------------------------------------------------------------------------------------------

_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", None),
        "…": "...",
    }
)


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Return where the quote stands in the text, exactly if possible, else up to space, quote marks and dashes.

    The offsets are into the original text: `text[start:end]` is the located string. None when it is not there or
    the quote is empty.

    >>> locate("the “tidal  gate”", 'See the "tidal\\ngate" here')
    (4, 20)
    """
    quote = quote.strip()
    if not quote:
        return None
    at = text.find(quote)
    if at >= 0:
        return at, at + len(quote)
    plain, where = _normalised(text)
    wanted = _normalised(quote)[0].strip()
    at = plain.find(wanted) if wanted else -1
    if at < 0:
        return None
    return where[at], where[at + len(wanted) - 1] + 1


def _normalised(text: str) -> tuple[str, list[int]]:
    """Return the text with spaces, quotes and dashes made alike, and each character's offset in the original."""
    plain: list[str] = []
    where: list[int] = []
    for i, char in enumerate(text):
        if char.isspace():
            put = "" if plain and plain[-1] == " " else " "
        elif char.isascii():
            put = "'" if char == "`" else char
        else:
            put = unicodedata.normalize("NFKC", char).translate(_SAME) or char.translate(_SAME)
        for one in put:
            plain.append(one)
            where.append(i)
    return "".join(plain), where


# --- ranking -----------------------------------------------------------------------------------------------------


def rank(query: str, passages: Sequence[str], *, k1: float = 1.2, b: float = 0.6) -> tuple[tuple[int, float], ...]:
    """Return (index, score) of the passages that share a word with the query, best first (BM25, ties by index).

    >>> rank("tidal power", ["wind", "tidal power", "power"])[0][0]
    1
    """
    wanted = Counter(tokens(query)) or Counter(words(query))
    counted = [Counter(tokens(passage, language="en")) for passage in passages]
    lengths = [sum(c.values()) for c in counted]
    average = (sum(lengths) / len(lengths) or 1.0) if lengths else 1.0
    scores = [0.0] * len(counted)
    for term, weight in sorted(wanted.items()):
        holding = [i for i, c in enumerate(counted) if term in c]
        rarity = math.log(1 + (len(counted) - len(holding) + 0.5) / (len(holding) + 0.5))
        for i in holding:
            seen = counted[i][term]
            scores[i] += min(weight, 2) * rarity * seen * (k1 + 1) / (seen + k1 * (1 - b + b * lengths[i] / average))
    ranked = sorted(((i, round(s, 6)) for i, s in enumerate(scores) if s > 0), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ranked)


# --- names -------------------------------------------------------------------------------------------------------

MOST_NAME = 255
# They reorder or hide letters: "invoice\u202efdp.exe" reads as "invoiceexe.pdf". Joiners stay, Persian needs them.
_TRICKS = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
                     "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc\U000e0000-\U000e007f]")  # fmt: skip


class FileName(NamedTuple):
    """A name that may be stored and shown. `hidden`: letters that hide or reorder are gone; `cut`: it was too long."""

    name: str
    hidden: bool
    cut: bool


def file_name(raw: str) -> FileName:
    """Make a name safe to store and show; "" where nothing is left of it. A path becomes one name.

    >>> file_name("a/b.txt"), file_name("..")
    (FileName(name='a_b.txt', hidden=False, cut=False), FileName(name='', hidden=False, cut=False))
    """
    plain = clean(raw)
    seen = _TRICKS.sub("", plain)
    name = re.sub(r"\s+", " ", re.sub(r"[/\\]", "_", seen)).strip()
    if not name.strip("._ "):
        return FileName("", len(seen) < len(plain), False)
    return FileName(_shortened(name), len(seen) < len(plain), len(name) > MOST_NAME)


def _shortened(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if len(name) <= MOST_NAME:
        return name
    if not dot or not stem or len(suffix) > 12:
        return name[: MOST_NAME - 1] + "…"
    return stem[: MOST_NAME - len(suffix) - 2] + "…." + suffix


# --- pages of a text ---------------------------------------------------------------------------------------------


def cut_pages(text: str, *, length: int = 6_000) -> tuple[Passage, ...]:
    """Cut a text into pages of at most `length` characters that end at a paragraph, a line or a space if they can.

    >>> cut_pages("one\\n\\ntwo", length=5)
    (Passage(start=0, end=5), Passage(start=5, end=8))
    """
    pages: list[Passage] = []
    start = 0
    while start < len(text):
        end = min(start + length, len(text))
        for gap in ("\n\n", "\n", " "):
            at = text.rfind(gap, start + length // 2, end) if end < len(text) else -1
            if at > 0:
                end = at + len(gap)
                break
        pages.append(Passage(start, end))
        start = end
    return tuple(pages)

"""A text taken apart into what it states: fields with their values, rows of tables, sentences; each with its span."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from apps.lib.text import sentences, words
from apps.memory.grounding.reading import quantity, read

_VERSION = re.compile(
    r"(?<![\w.])v?(\d+(?:\.\d+){2,}(?:[-.]?(?:rc|alpha|beta|a|b)\.?\d*)?[a-z]?|\d+\.\d+(?:[-.]?(?:rc|alpha|beta|a|b)\.?\d+))"
    r"(?![\w])", re.I,
)  # fmt: skip
_DAY = re.compile(r"(?<![\d.])(\d{1,2})[./](\d{1,2})[./]((?:19|20)\d\d)(?!\d|\.\d)")
_BARE = re.compile(r"(?<![\w.,])\d+\.\d+(?![\w.])")
_KEY = re.compile(r"^(\s*)((?:[-*+•]\s+)?)([^\s:|][^:|\n]{0,58}?)\s*:(?:\s+(\S.*?))?\s*$")
# What only a program reads: package names, patterns, selectors.
_MACHINE = re.compile(r"^(?!https?:|mailto:)[a-z][a-z0-9+.-]{1,12}:[^\s/][^\s]*$|\(\?|\\[dws]|nth-of-type|^\^", re.I)
_MARKUP = re.compile(r"[*_`~]+|</?[a-z][^<>]*>|^\s*#+\s+|^\s*>\s?|^\s*[-*+•]\s+", re.I | re.M)
_LINK = re.compile(r"\[([^\[\]]+)\]\([^()\s]*\)")
_RULE = re.compile(r"^[\s|:+=-]+$")
_HEADING = re.compile(r"^\s*#{1,6}\s+(.+?)\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement comes down to. figures: dates, numbers and versions in one notation, sorted."""

    words: frozenset[str]
    figures: tuple[str, ...]
    names: frozenset[str]
    denials: int

    @property
    def core(self) -> tuple[frozenset[str], tuple[str, ...], int]:
        """What must differ before two statements say different things, whatever their order."""
        return self.words, self.figures, self.denials


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement at `text_of_page[start:end]`. kind: "field" (about what, its name, its value), "entry" (that a
    record is there at all, with all it says) or "sentence".

    about: which record a field or an entry belongs to. ref: what the caller knows it by.
    """

    kind: str
    text: str
    start: int
    end: int
    about: str = ""
    name: str = ""
    ref: int = -1
    label: str = field(default="", compare=False)

    @property
    def said(self) -> Said:
        """Return what it comes down to."""
        return what(self.text)


@lru_cache(maxsize=50_000)
def what(text: str) -> Said:
    """Return what a text comes down to, whatever its markup, case, order and notation of dates.

    >>> what("**Released** on 3 May 2026") == what("released on 2026-05-03")
    True
    """
    plain = " ".join(unicodedata.normalize("NFKC", _MARKUP.sub(" ", _LINK.sub(r"\1", text))).split())
    plain = _DAY.sub(_iso, plain)
    figures = [f"v{match[1].lower()}" for match in _VERSION.finditer(plain)]
    plain = _VERSION.sub(" ", plain)
    taken = read(plain)
    for figure in taken.figures:
        written = plain[figure.start : figure.end].strip()
        if isinstance(figure.value, tuple):
            figures.append("{:04}-{:02}-{:02}".format(*figure.value))
        elif not figure.unit and _BARE.fullmatch(written):
            figures.append(written)  # 3.1 and 3.10 are two versions
        else:
            measured = quantity(figure)
            kind, value = measured or (figure.unit, figure.value)
            figures.append(f"{value:.9g} {kind}".strip())
    inside = {stem for figure in taken.figures for stem in read(plain[figure.start : figure.end]).stems}
    said = frozenset(stem for stem in taken.stems if stem not in inside and not any(c.isdigit() for c in stem))
    codes = [stem for stem in taken.stems if stem not in inside and any(c.isdigit() for c in stem)]
    return Said(said, tuple(sorted({*figures, *codes})), taken.names, taken.denials)


def _iso(match: re.Match[str]) -> str:
    """Write a date in digits the one way; where day and month could be either, the day stands first."""
    day, month = int(match[1]), int(match[2])
    if month > 12 >= day:
        day, month = month, day
    return f"{match[3]}-{month:02}-{day:02}" if month <= 12 and day <= 31 else match[0]


def statements(text: str) -> list[Statement]:
    """Take a page apart: rows of tables, lines with a name and a value, sentences."""
    found: list[Statement] = []
    prose: list[tuple[int, int]] = []
    page = _Page()
    lines = list(_lines(text))
    for number, (start, line) in enumerate(lines):
        made = list(page.take(line, start, lines[number + 1][1] if number + 1 < len(lines) else ""))
        found += made
        if not made and not page.was_structure and line.strip():
            prose.append((start, start + len(line)))
    for start, end in _joined(prose, text):
        found += _sentences(text, start, end)
    return [each for each in page.entries() if each.text] + found


def claims(texts: Iterable[str]) -> list[Statement]:
    """Return the sentences of a report as statements; `ref` is the number of each."""
    return [Statement("sentence", text, 0, len(text), ref=number) for number, text in enumerate(texts)]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line.rstrip("\r\n")
        start += len(line)


def _joined(spans: list[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """Lines of prose that follow each other are one piece: a sentence may be broken between them."""
    begun: list[int] = []
    for start, end in spans:
        if begun and text[begun[1] : start].strip(" \t") in {"\n", "\r\n"}:
            begun[1] = end
            continue
        if begun:
            yield begun[0], begun[1]
        begun = [start, end]
    if begun:
        yield begun[0], begun[1]


def _sentences(text: str, start: int, end: int) -> Iterator[Statement]:
    piece = text[start:end]
    for span in sentences(piece):
        said = piece[span.start : span.end]
        if words(said):
            yield Statement("sentence", said, start + span.start, start + span.end)


class _Page:
    """Reads a page line by line and remembers under which heading, in which record and table it is."""

    def __init__(self) -> None:
        self.heading = ""
        self.table: list[str] | None = None
        self.record: tuple[str, int] | None = None
        self.path: list[tuple[int, str]] = []
        self.was_structure = False
        self.found: dict[tuple[str, str], list[Statement]] = {}

    def take(self, line: str, start: int, following: str) -> Iterator[Statement]:
        """Return the fields that a line states; none for a line of prose. following: the next line."""
        self.was_structure = True
        if heading := _HEADING.match(line):
            self.heading, self.table, self.record, self.path = plain(heading[1]), None, None, []
            return
        if line.strip("- \t") == "" or _RULE.match(line):
            self.was_structure = bool(line.strip())
            if not line.strip():
                self.table = None
            return
        if line.count("|") >= 1 and "|" in line.strip() or "\t" in line.strip():
            yield from self._row(line, start)
            return
        self.table = None
        if parts := _pairs(line):
            yield from self._pairs(parts, line, start)
            return
        if keyed := _KEY.match(line):
            yield from self._field(keyed, start, bool(keyed[2]) and _goes_on(following, len(keyed[1])))
            return
        self.was_structure = False

    def _row(self, line: str, start: int) -> Iterator[Statement]:
        cells = list(_cells(line))
        if self.table is None:
            self.table = [plain(text) for text, _at in cells]
            return
        label = plain(cells[0][0]) if cells else ""
        about = f"{self.heading}|{self.table[0] if self.table else ''}|{label}"
        at = start + len(line) - len(line.lstrip())
        self._note(about, label, Statement("entry", line.strip(), at, start + len(line.rstrip()), about, label=label))
        names = [self.table[number] if number < len(self.table) else str(number) for number in range(len(cells))]
        yield from _values(about, label, [(name, *cell) for name, cell in zip(names, cells, strict=True)][1:], start)

    def _pairs(self, parts: list[tuple[str, str, int]], line: str, start: int) -> Iterator[Statement]:
        """A row of a table as the library writes it: each cell with its column's name."""
        column, first, _at = parts[0]
        label = plain(first)
        about = f"{self.heading}|{column}|{label}"
        self._note(about, label, Statement("entry", line.strip(), start, start + len(line), about, label=label))
        yield from _values(about, label, parts[1:], start)

    def _field(self, keyed: re.Match[str], start: int, begins: bool) -> Iterator[Statement]:
        """A line with a name and a value. begins: it is the first of a record."""
        indent, bullet, name, value = len(keyed[1]), keyed[2], plain(keyed[3]), keyed[4]
        while self.path and self.path[-1][0] >= indent:
            self.path.pop()
        if value is None or (_is_prose(value) and not bullet):
            self.path.append((indent, name))
            self.was_structure = value is None
            return
        if begins:
            self.record = (plain(value), indent)
        elif self.record and indent <= self.record[1]:
            self.record = None
        at, end = start + keyed.start(4), start + keyed.end(4)
        label = self.record[0] if self.record else ""
        about = "|".join((self.heading, *(each for _i, each in self.path), label))
        if _MACHINE.search(value.strip("'\"")):
            return
        if begins:
            self._note(about, label, Statement("entry", value, at, end, about, name, label=label))
        else:
            yield Statement("field", value, at, end, about, name, label=f"{label} · {name}" if label else name)

    def _note(self, about: str, label: str, entry: Statement) -> None:
        self.found.setdefault((about, label), []).append(entry)

    def entries(self) -> list[Statement]:
        """Return the records that were met."""
        return [entry for rows in self.found.values() for entry in rows]


def _values(about: str, label: str, cells: Sequence[tuple[str, str, int]], start: int) -> Iterator[Statement]:
    for name, text, place in cells:
        if text:
            at = start + place
            yield Statement("field", text, at, at + len(text), about, name, label=f"{label} · {name}")


def _pairs(line: str) -> list[tuple[str, str, int]]:
    """Return (name, value, place of the value) of each part of `Version: 5.2; Released: 2025-04-02`; else nothing."""
    found, place = [], 0
    for part in line.split("; "):
        keyed = _KEY.match(part)
        if keyed is None or keyed[4] is None:
            return []
        found.append((plain(keyed[3]), keyed[4], place + keyed.start(4)))
        place += len(part) + 2
    return found if len(found) > 1 else []


def _goes_on(line: str, indent: int) -> bool:
    """Tell whether a line belongs to the record that begins at an indent."""
    keyed = _KEY.match(line)
    return keyed is not None and not keyed[2] and len(keyed[1]) > indent


def _is_prose(value: str) -> bool:
    return len(words(value)) > 12 or bool(re.search(r"[.!?]\s+[A-Z]", value))


def _cells(line: str) -> Iterator[tuple[str, int]]:
    place, separator = 0, "|" if "|" in line else "\t"
    parts = line.split(separator)
    first, last = (1 if not parts[0].strip() else 0), (len(parts) - 1 if not parts[-1].strip() else len(parts))
    for number, part in enumerate(parts):
        if first <= number < last:
            yield part.strip(), place + len(part) - len(part.lstrip())
        place += len(part) + 1


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Return a label in one notation: no markup, quotes or case, single spaces."""
    bare = unicodedata.normalize("NFKC", _MARKUP.sub(" ", _LINK.sub(r"\1", text))).strip().strip("'\"“”‘’ ")
    return " ".join(bare.casefold().split())

"""Title and date of a document, from its front matter, its first lines or its name."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath

_MONTHS = {
    **{m: i for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)},
    "mär": 3, "mae": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "fev": 2, "avr": 4, "aoû": 8, "déc": 12,
    "ene": 1, "abr": 4, "ago": 8, "set": 9, "dic": 12,
}  # fmt: skip
_DATES = (
    re.compile(r"\b(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(
        r"\b(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<n>[^\W\d_]{3,12})\.?,?\s+(?:de\s+)?(?P<y>(?:19|20)\d\d)\b"
    ),
    re.compile(r"\b(?P<n>[^\W\d_]{3,12})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"\b(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d)\b"),
)
_LABEL = re.compile(
    r"\b(?:published|updated|last (?:updated|modified|revised)|posted|issued|adopted|dated?|revised|as of|stand|datum|"
    r"publié|fecha|version of)\b[^\n]{0,40}?",
    re.I,
)
_BEFORE_EVENTS = frozenset(
    "on in since until from between to by before after of am le and during at the early late".split()
)
_NO_TITLE = re.compile(
    r"untitled|no title|document\d*|microsoft word|powerpoint|slide 1|\(anonymous\)|\.(?:docx?|pdf|tex|indd|qxd|dvi)\b",
    re.I,
)


def read_date(text: str) -> str | None:
    """Return the first full date in the text as ISO 8601, None when there is none.

    >>> read_date("Issued 3 March 2021 in Ost"), read_date("2021-3-9"), read_date("31 Febber 2021")
    ('2021-03-03', '2021-03-09', None)
    """
    found: list[tuple[int, str]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _MONTHS.get((parts.get("n") or "")[:3].casefold(), 0)
            iso = _iso(int(parts["y"]), month, int(parts["d"]))
            if iso:
                found.append((match.start(), iso))
                break
    return min(found)[1] if found else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def find_date(text: str, name: str = "") -> str | None:
    """Return the date of an obvious byline in the first lines, else one that leads the file's name, else None."""
    for line in [line.strip() for line in text[:3_000].splitlines() if line.strip()][:20]:
        if len(line) > 200 or line.count("; ") > 1:  # a row of a table dates itself, not the document
            continue
        label = _LABEL.search(line)
        iso = read_date(line[label.start() :]) if label else None
        if not iso and len(line) <= 160:
            iso = _standing_alone(line)
        if iso:
            return iso
    return read_date(re.sub(r"[_ ]", "-", PurePosixPath(name).stem)) if name else None


def _standing_alone(line: str) -> str | None:
    """Return a full date that is not part of a sentence ("on 3 May 1998 the gate…")."""
    for pattern in _DATES:
        match = pattern.search(line)
        if match and (line[: match.start()].split() or [""])[-1].casefold() not in _BEFORE_EVENTS:
            after = line[match.end() : match.end() + 1]
            return (
                read_date(match[0])
                if not after or after in ".,;)| " and not line[match.end() :].lstrip()[:1].islower()
                else None
            )
    return None


_PART = re.compile(r"\d|(?:abstract|background|contents|foreword|introduction|overview|preface|summary)\W*$", re.I)


def choose_title(candidates: list[str | None], name: str) -> str:
    """Return the first candidate that reads as a title, else the file's name made readable."""
    for candidate in candidates:
        title = " ".join((candidate or "").split()).strip("#*_ ").rstrip()
        if 2 < len(title) <= 200 and re.search(r"[^\W\d_]{2}", title) and not _NO_TITLE.search(title):
            return title
    stem = re.sub(r"[_\-]+", " ", PurePosixPath(name.replace("\\", "/")).stem).strip()
    return (stem[:1].upper() + stem[1:])[:200] or "Untitled"


def _names_a_part(heading: str) -> bool:
    """Say whether a heading is the first of the text's parts, not the name of the whole."""
    return bool(_PART.match(heading.lstrip("# ")))


def _reads_as_title(line: str) -> bool:
    return len(line) <= 120 and line[0] != "#" and line[-1] not in ".!?;,:" and ": " not in line


def first_heading(text: str) -> str | None:
    """Return the first marked heading, or the first line where it is short and not a sentence."""
    lines = [line.strip() for line in text[:4_000].splitlines() if line.strip()]
    subject = re.search(r"(?m)^(?:subject|re|betreff|objet|asunto)\s*:\s*(.{4,120})$", text[:4_000], re.I)
    if subject:
        return subject[1].strip()
    for line in lines[:12]:
        if line.startswith("#") and (line.startswith("##") or _names_a_part(line)) and _reads_as_title(lines[0]):
            return lines[0]
        if line.startswith("#"):
            return line.lstrip("#").strip()
    loud = [line for line in lines[:8] if line.isupper() and len(line.split()) >= 4]
    if loud:
        return loud[0].capitalize()
    if lines and _reads_as_title(lines[0]):
        return lines[0]
    return None

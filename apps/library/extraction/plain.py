"""Text, Markdown and CSV: safe enough to read in-process."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from apps.lib.text import clean
from apps.library.extraction.bylines import choose_title, find_date, first_heading, read_date
from apps.library.extraction.front import part_front_matter
from apps.library.extraction.paragraphs import join_lines
from apps.library.extraction.tables import write_rows

MOST_ROWS = 20_000
_FENCE = re.compile(r"\s*(```|~~~)")


def decode(body: bytes, charset: str | None = None) -> str:
    """Return bytes as clean text: byte order mark, declared charset, UTF-8, UTF-16 without a mark, Windows-1252."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return clean(body.decode("utf-16", "replace"))
    for name in ("utf-8-sig", charset, _utf16(body)):
        try:
            if name:
                return clean(body.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    return clean(body.decode("windows-1252", "replace"))


def _utf16(body: bytes) -> str | None:
    sample = body[:4096]
    if len(sample) < 4 or sample.count(0) < len(sample) * 0.3:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"


def read(kind: str, body: bytes, name: str) -> dict[str, Any]:
    """Return {title, text, published_date, warnings} of a text, Markdown or CSV file."""
    text = decode(body)
    if kind == "csv":
        return _read_csv(text, name)
    front: dict[str, str] = {}
    if kind == "markdown" or text.startswith("---\n"):
        front, text = part_front_matter(text)
    written = _unmark(text) if kind == "markdown" else join_lines(text)
    published = read_date(front.get("date") or front.get("published") or front.get("updated") or "")
    return {
        "title": choose_title([front.get("title"), first_heading(written)], name),
        "text": written,
        "published_date": published or find_date(text, name),
        "warnings": [],
    }


# --- Markdown --------------------------------------------------------------------------------------------------

# No pattern runs past the mark that opens it, so that a file of marks only costs no more than one of words.
_INLINE = (
    (re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]*\)"), ""),
    (re.compile(r"\[\s*\]\([^()\n]*\)"), ""),
    (re.compile(r"\[([^\[\]]{1,400})\]\((?:[^()\n]|\([^()\n]*\))*\)"), r"\1"),
    (re.compile(r"\[([^\[\]]{1,400})\]\[[^\[\]\n]*\]"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>"), ""),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)((?:[^*\n]|\n(?!\n)){1,400})(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<![\w_])(_{1,3})(?=\S)([^_\n]+)(?<=\S)\1(?![\w_])"), r"\2"),
    (re.compile(r"~~([^~\n]+)~~"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])"), r"\1"),
)
_LINES = (
    (re.compile(r"(?m)^(\S[^\n]{0,300})\n(=+|-{2,})[ \t]*$"), lambda m: ("# " if m[2][0] == "=" else "## ") + m[1]),
    (re.compile(r"(?m)^[ ]{0,3}(?:[-*_][ \t]*){3,40}$"), ""),
    (re.compile(r"(?m)^[ \t]*>[ \t]?"), ""),
    (re.compile(r"(?m)^(#{1,6} [^\n]{1,300}?) #+[ \t]*$"), r"\1"),
)
_PIPES = re.compile(  # a row of names, a row of dashes, rows of values
    r"(?m)^[ \t]*\|?[^\n|]+\|[^\n]*\n"
    r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\n"
    r"(?:[ \t]*\|?[^\n|]*\|[^\n]*(?:\n|\Z))*"
)
_DEFINITION = re.compile(r"(?m)^\s{0,3}\[[^\]^\n][^\]\n]*\]:\s+\S+.*$")


def _unmark(text: str) -> str:
    """Return Markdown as plain paragraphs: marks of emphasis and links gone, tables as rows, headings with `#`."""
    parts: list[str] = []
    prose: list[str] = []
    lines = iter(_DEFINITION.sub("", _without_comments(text)).splitlines())
    for line in lines:
        fence = _FENCE.match(line)
        if fence:
            parts.append(_prose(prose))
            prose = []
            code = []
            for inner in lines:
                if inner.strip().startswith(fence[1]):
                    break
                code.append(inner.rstrip())
            parts.append("\n".join(f"    {row}" for row in code if row))
        else:
            prose.append(line)
    parts.append(_prose(prose))
    return "\n\n".join(part for part in parts if part.strip())


def _without_comments(text: str) -> str:
    """Leave out what stands between "<!--" and "-->"."""
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] if "-->" in part else "<!--" + part for part in rest)


def _prose(lines: list[str]) -> str:
    text = "\n".join(lines)
    for pattern, put in (*_INLINE, *_LINES):
        text = pattern.sub(put, text)
    return join_lines(_tables(text))


def _tables(text: str) -> str:
    """Rewrite pipe tables as rows that read."""

    def write(match: re.Match[str]) -> str:
        rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in match[0].strip().splitlines()]
        return "\n\n" + "\n".join(write_rows([rows[0], *rows[2:]], headed=True)) + "\n\n"

    return _PIPES.sub(write, text)


# --- CSV -------------------------------------------------------------------------------------------------------


def _read_csv(text: str, name: str) -> dict[str, Any]:
    remarks, text = _remarks(text)
    sample = "\n".join(text[:64_000].splitlines()[:50])
    rows: list[list[str]] = []
    warnings: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(sample))
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MOST_ROWS:
                warnings.append(f"Only the first {MOST_ROWS:,} rows were read.")
                break
    except csv.Error:
        warnings.append(f"A row after row {len(rows)} could not be read; the rest was left out.")
    preamble, table = _preamble([row for row in rows if any(cell.strip() for cell in row)])
    preamble = remarks + preamble
    written = write_rows(table)
    before = " ".join(preamble)
    return {
        "title": choose_title([preamble[0].split("; ")[0][:120] if preamble else None], name),
        "text": clean("\n\n".join(part for part in (before, "\n".join(written)) if part)),
        "published_date": find_date(before, name),
        "warnings": warnings,
    }


def _remarks(text: str) -> tuple[list[str], str]:
    """Part comment lines at the top from the rows."""
    lines = text.splitlines(keepends=True)
    count = next((place for place, line in enumerate(lines) if line.strip() and not line.startswith(("#", "//"))), 0)
    return [line.strip("#/ \n") for line in lines[:count] if line.strip("#/ \n")], "".join(lines[count:])


def _delimiter(sample: str) -> str:
    """Return the separator that cuts the sample's lines into the most even rows."""

    def evenness(mark: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=mark) if row]
        most = max(set(widths), key=lambda w: (widths.count(w), w)) if widths else 1
        return (widths.count(most) / len(widths) if most > 1 else 0.0), most

    try:
        return max((",", ";", "\t", "|"), key=evenness)
    except csv.Error:
        return ","


def _preamble(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Part title and comment lines above a table from the table."""
    width = max((len([c for c in row if c.strip()]) for row in rows[:50]), default=0)
    lines: list[str] = []
    while rows and width > 1 and len([c for c in rows[0] if c.strip()]) == 1:
        lines.append(next(c for c in rows[0] if c.strip()).strip().lstrip("# "))
        rows = rows[1:]
    return lines, rows

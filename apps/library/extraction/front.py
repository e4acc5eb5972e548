"""Front matter of Markdown files: what it says about the page, and the lists of records it carries."""

from __future__ import annotations

import re

from apps.library.extraction.tables import write_rows

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_PAIR = re.compile(r"(\s*)(- )?([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*?))?[ \t]*\Z")


def part_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the plain values of the front matter, names in small letters, and the page.

    A list of records ("releases:" with a version and a date each) is data, not a remark on the page: it follows the
    page as a table. Only this much of YAML is read; there is no way to refer, tag or nest further.
    """
    match = _FRONT.match(text)
    if not match:
        return {}, text
    about: dict[str, str] = {}
    lists: dict[str, list[dict[str, str]]] = {}
    current, depth = "", -1
    for line in match[1].splitlines():
        pair = _PAIR.match(line.split(" #")[0].rstrip())
        if not pair:
            continue
        indent, dash, key, value = len(pair[1]) + (2 if pair[2] else 0), pair[2], pair[3], (pair[4] or "").strip("\"'")
        if indent == 0:
            current, depth = key, -1
            about.setdefault(key.lower(), value)
        elif dash and (depth < 0 or indent == depth):
            depth = indent
            lists.setdefault(current, []).append({key: value} if value else {})
        elif indent == depth and value and lists.get(current):
            lists[current][-1].setdefault(key, value)
    return about, text[match.end() :] + "".join(_written(name, rows) for name, rows in lists.items())


def _written(name: str, records: list[dict[str, str]]) -> str:
    """Return records as a section of rows, "" for a list of single values (tags, links)."""
    if len(records) < 2 or not any(len(record) > 1 for record in records):
        return ""
    names = list(dict.fromkeys(key for record in records for key in record))
    rows = [[_spoken(key) for key in names], *[[record.get(key, "") for key in names] for record in records]]
    return f"\n\n## {_spoken(name)}\n\n" + "\n".join(write_rows(rows, headed=True)) + "\n"


def _spoken(key: str) -> str:
    """Return "releaseDate" and "release_date" as "Release date"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", key).lower()
    return spaced[:1].upper() + spaced[1:]

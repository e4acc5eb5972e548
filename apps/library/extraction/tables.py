"""Tables as lines that read: "Year: 2003; Length: 4 km"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(
    r"[-+±−~<>≈]?\s*[$€£¥]?\s*\d[\d.,\s]*(?:%|[^\W\d_]{1,4}\.?)?|\d{4}-\d\d(?:-\d\d)?|n/?a|[-–—.…]", re.I
)


def write_rows(rows: Iterable[Sequence[str]], *, headed: bool | None = None) -> list[str]:
    """Return a line a row, each value with its column's name before it.

    headed: the first row holds the names; None asks the values. Without names, a table of two columns reads
    "first: second", a wider one has its values joined by semicolons. Empty cells and empty rows are left out.

    >>> write_rows([["Year", "Length"], ["2003", "4 km"]])
    ['Year: 2003; Length: 4 km']
    """
    table = [[_cell(value) for value in row] for row in rows]
    table = [row for row in table if any(row)]
    if not table:
        return []
    if headed is None:
        headed = has_header(table)
    if not headed:
        return [_bare(row) for row in table]
    names = table[0]
    if len(table) == 1:
        return [_bare(names)]
    return [_named(names, row) for row in table[1:]]


def has_header(table: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns: no numbers in it, no name twice, and a body unlike it."""
    first = [cell for cell in table[0] if cell]
    if len(table) < 2 or len(first) < 2 or len(set(first)) < len(first):
        return False
    if any(is_number(cell) and not re.fullmatch(r"(?:19|20)\d\d", cell) for cell in first) or any(
        len(c) > 80 for c in first
    ):
        return False
    if is_number(first[0]):
        return False
    body = table[1:]
    if any(is_number(cell) for row in body for cell in row):
        return True
    # Words only: names are shorter than what they name, or the table is more than two columns wide.
    return len(table[0]) > 2 or sum(map(len, table[0])) * len(body) < 0.8 * sum(len(c) for row in body for c in row)


def is_number(cell: str) -> bool:
    """Say whether a cell holds a number, a date or a dash for a missing one."""
    return bool(_NUMBER.fullmatch(cell))


def _cell(value: object) -> str:
    return " ".join(str(value if value is not None else "").split()).replace("; ", ", ")


def _named(names: Sequence[str], row: Sequence[str]) -> str:
    pairs = []
    for place, value in enumerate(row):
        name = names[place].rstrip(":") if place < len(names) else ""
        if value:
            pairs.append(f"{name}: {value}" if name else value)
    return "; ".join(pairs)


def _bare(row: Sequence[str]) -> str:
    cells = [cell for cell in row if cell]
    if len(cells) == 2 and len(cells[0]) <= 60:
        return f"{cells[0].rstrip(':')}: {cells[1]}"
    return "; ".join(cells)

"""Tables on a PDF page, found by their columns in a layout-true reading."""

from __future__ import annotations

import re

from apps.library.extraction.tables import is_number, write_rows

Segment = tuple[int, str]  # the column it starts in, the words
_GAP = re.compile(r"\S+(?: {1,2}\S+)*")
_LEAST_ROWS = 3


def may_hold_table(page: str) -> bool:
    """Say whether a plain reading looks as if cells had come loose: a run of short lines, or rows of numbers."""
    run = numbers = 0
    for line in page.splitlines():
        run = run + 1 if 0 < len(line.strip()) <= 32 else 0 if line.strip() else run
        numbers += sum(is_number(word) for word in line.split()) >= 3
        if run >= 6 or numbers >= 2:
            return True
    return False


def write_tables(page: str, layout: str) -> str:
    """Return the plain reading of a page with its tables as rows that read; a table that is not found again stays."""
    for lines in _blocks(layout):
        rows = _rows(lines)
        if len(rows) < _LEAST_ROWS or max(map(len, rows)) < 2:
            continue
        place = _find(page, " ".join(" ".join(words for _, words in line) for line in lines))
        if place:
            written = "\n".join(write_rows(rows))
            page = f"{page[: place[0]].rstrip()}\n\n{written}\n\n{page[place[1] :].lstrip()}"
    return page


def _blocks(layout: str) -> list[list[list[Segment]]]:
    """Return runs of lines in at least two columns; a line of one column may continue a cell inside a run."""
    blocks: list[list[list[Segment]]] = []
    current: list[list[Segment]] = []
    for line in [*layout.splitlines(), "", ""]:
        segments = [(match.start(), match[0]) for match in _GAP.finditer(line)]
        wide = len(segments) >= 2
        if wide or (segments and current and len(segments[0][1]) < 40 and _aligned(segments[0], current)):
            current.append(segments)
        elif segments or not line.strip():
            while current and len(current[-1]) < 2:
                current.pop()
            if current:
                blocks.append(current)
            current = []
    return [block for block in blocks if len(block) >= _LEAST_ROWS]


def _aligned(segment: Segment, block: list[list[Segment]]) -> bool:
    return any(abs(segment[0] - start) <= 1 for line in block for start, _ in line)


def _rows(lines: list[list[Segment]]) -> list[list[str]]:
    """Put segments into columns by where they start, and the second line of a cell to its first."""
    starts = _columns(lines)
    rows: list[list[str]] = []
    for line in lines:
        row = [""] * len(starts)
        for start, words in line:
            column = min(range(len(starts)), key=lambda c: abs(starts[c] - start))
            row[column] = f"{row[column]} {words}".strip()
        if rows and _continues(rows[-1], row):
            rows[-1] = [" ".join(filter(None, pair)) for pair in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
    return rows


def _columns(lines: list[list[Segment]]) -> list[int]:
    """Return where columns start: positions that several lines share, right-aligned numbers drawn to one."""
    most = max(len(line) for line in lines)
    full = [line for line in lines if len(line) == most]
    return [sorted(line[place][0] for line in full)[len(full) // 2] for place in range(most)]


def _continues(before: list[str], row: list[str]) -> bool:
    """Say whether a row is the rest of the one before: it begins in small letters and fills what was open."""
    first = next((cell for cell in row if cell), "")
    open_cells = [place for place, cell in enumerate(before) if not cell]
    filled = [place for place, cell in enumerate(row) if cell]
    begins_small = first[:1].islower() or first[:1] in ")&"
    return begins_small and (not open_cells or all(p in open_cells or p == filled[0] for p in filled))


def _find(page: str, said: str) -> tuple[int, int] | None:
    """Return where the words stand in the page one after the other, whatever white space is between them."""
    pattern = r"\s+".join(map(re.escape, said.split()))
    match = re.search(pattern, page) if len(said) < 20_000 else None
    return match.span() if match else None

"""A tree of HTML elements written as paragraphs, without recursion: pages nest as deep as they like."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from apps.lib.text import clean
from apps.library.extraction.tables import write_rows

_BREAKING = frozenset(
    "p div section article main header h1 h2 h3 h4 h5 h6 head ul ol list li item dl dt dd table tr row td th cell "
    "caption thead tbody tfoot blockquote quote pre code-block figure figcaption hr address details summary body "
    "fieldset legend center".split()
)
_LEVELS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### ", "h5": "##### ", "h6": "###### ", "head": "## "}
_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")
_MOST_SPAN, _MOST_COLUMNS = 30, 100


class Writer:
    """Collects paragraphs while a tree is walked."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.inline: list[str] = []
        self.mark = ""
        self.term = ""

    def say(self, text: str | None) -> None:
        """Add words to the paragraph at hand."""
        if text:
            self.inline.append(text)

    def end(self) -> None:
        """Close the paragraph at hand; a list entry goes right below the one before, a term before what it means."""
        said = re.sub(r"\s*[¶]$", "", " ".join("".join(self.inline).split()))
        self.inline.clear()
        if not said:
            return
        if self.term and said.startswith(self.term):
            self.term = ""
        entry = self.mark == "- " and bool(self.blocks) and self.blocks[-1].lstrip().startswith("- ")
        lead = ("\n" if entry else "\n\n") if self.blocks else ""
        self.blocks.append(f"{lead}{self.mark}{self.term + ': ' if self.term else ''}{said}")
        self.mark = self.term = ""

    def keep_term(self) -> None:
        """Hold a short term back, to stand before its meaning: "Head: the difference in level"."""
        said = " ".join("".join(self.inline).split()).rstrip(":")
        if said and len(said) <= 60 and not self.term:
            self.inline.clear()
            self.term = said
        self.end()

    def drop_term(self) -> None:
        """Write a term that nothing explains as a paragraph."""
        if self.term:
            held, self.term = self.term, ""
            self.blocks.append(f"\n\n{held}" if self.blocks else held)

    def put(self, block: str) -> None:
        """Add a paragraph that is already written."""
        self.end()
        self.drop_term()
        if block.strip():
            self.blocks.append("\n\n" + block if self.blocks else block)


def write_tree(root: Any) -> str:
    """Return the text below an element: headings with `#`, entries with `- `, table rows as "Name: value; …"."""
    writer = Writer()
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "end":
            _leave(writer, element, tag, root)
        elif tag == "table" and _is_grid(element):
            writer.put("\n".join(_grid_lines(element)))
            walker.skip_subtree()
        elif tag == "pre" and "\n" in "".join(element.itertext()).strip():
            writer.put(
                "\n".join("    " + line.rstrip() for line in "".join(element.itertext()).splitlines() if line.strip())
            )
            walker.skip_subtree()
        else:
            _enter(writer, element, tag)
    writer.end()
    writer.drop_term()
    return clean("".join(writer.blocks)).strip()


def _enter(writer: Writer, element: Any, tag: str) -> None:
    if tag in _BREAKING:
        writer.end()
        if tag in _LEVELS or tag == "dt":
            writer.drop_term()
        if tag in _LEVELS:
            level = re.fullmatch(r"h([1-6])", element.get("rend") or "") if tag == "head" else None
            writer.mark = _LEVELS[level[0] if level else tag]
        elif tag in ("li", "item"):
            writer.mark = "- "
    elif tag in ("br", "lb"):
        writer.say("\n")
    if tag:
        writer.say(element.text)


def _leave(writer: Writer, element: Any, tag: str, root: Any) -> None:
    if tag == "dt":
        writer.keep_term()
    elif tag in _BREAKING:
        writer.end()
        if tag in _LEVELS or tag in ("li", "item"):
            writer.mark = ""
        if tag in ("dl", "dd"):
            writer.drop_term()
    if element is not root:
        writer.say(element.tail)


def _is_grid(table: Any) -> bool:
    """Tell a table of values from one that only lays out the page."""
    if any(True for inner in table.iter("table") if inner is not table):
        return False
    rows = [list(row.iterchildren(*_CELLS)) for row in table.iter(*_ROWS)]
    wide = [row for row in rows if len(row) >= 2]
    if len(wide) < 1 or len(rows) < 2:
        return False
    lengths = [len("".join(cell.itertext())) for row in wide for cell in row]
    return sum(lengths) / len(lengths) < 250


def _grid_lines(table: Any) -> list[str]:
    """Return caption and rows; a cell that spans rows or columns counts in each of them."""
    grid: list[list[str]] = []
    heads = 0
    hanging: dict[int, tuple[int, str]] = {}
    for row in table.iter(*_ROWS):
        cells = list(row.iterchildren(*_CELLS))
        values: list[str] = []
        for cell in cells:
            _hang(values, hanging)
            said = " ".join("".join(cell.itertext()).split())
            down = _span(cell, "rowspan")
            for _ in range(min(_span(cell, "colspan"), _MOST_COLUMNS - len(values))):
                if down > 1:
                    hanging[len(values)] = (down, said)
                values.append(said)
        _hang(values, hanging)
        hanging = {place: (left - 1, said) for place, (left, said) in hanging.items() if left > 1}
        is_head = bool(cells) and all(c.tag == "th" or c.get("role") == "head" for c in cells)
        heads += is_head and heads == len(grid)
        grid.append(values)
    caption = [" ".join("".join(c.itertext()).split()) for c in table.iter("caption")]
    return [*caption, *_lines(grid, heads)]


def _hang(values: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while len(values) in hanging and hanging[len(values)][0] > 0:
        values.append(hanging[len(values)][1])


def _lines(grid: list[list[str]], heads: int) -> list[str]:
    if heads > 1 and len({len(row) for row in grid[:heads]}) == 1:
        merged = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*grid[:heads], strict=True)]
        grid, heads = [merged, *grid[heads:]], 1
    # One column of names and one of values, each row led by a th: no header row, "Name: value".
    return write_rows(grid, headed=True if heads == 1 and len(grid) > 1 and len(grid[0]) > 1 else None)


def _span(cell: Any, name: str) -> int:
    stated = cell.get(name) or "1"
    return min(max(int(stated), 1), _MOST_SPAN) if stated.isdigit() else 1

"""Our pages of documentation as text: links, code spans, fenced blocks, examples."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", text)


def links(text: str) -> list[str]:
    """Return the targets of a page's links and pictures."""
    return LINK.findall(prose(text))


def spans(text: str) -> list[str]:
    """Return what a page sets in code within its lines."""
    return SPAN.findall(prose(text))


def code(text: str) -> list[str]:
    """Return everything a page sets in code: spans, and the lines of fenced blocks."""
    return spans(text) + [line.strip() for block in FENCE.findall(text) for line in block.splitlines()]


def anchors(text: str) -> set[str]:
    """Return the anchors that a page's headings make, as GitHub does."""
    titles = re.findall(r"^#+ (.+)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def example(page: Path, name: str) -> str:
    """Return the block that follows `<!-- example: name -->` on a page."""
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)^```$", page.read_text(), re.M | re.S)
    assert found, f"{page.name} has no example “{name}”"
    return found[1]


def rows(page: Path, heading: str) -> dict[str, str]:
    """Return first → second cell of the table below a heading (or of the page's first, for an empty one)."""
    text = page.read_text()
    begin = text.index(f"\n{heading}\n") if heading else 0
    table = re.search(r"(?:^\|.*\n)+", text[begin:], re.M)
    assert table, f"{page.name} has no table below “{heading}”"
    cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table[0].splitlines()[2:]]
    return {row[0]: row[1] for row in cells}

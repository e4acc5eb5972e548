"""Lines that were broken to fit a page, joined to paragraphs again."""

from __future__ import annotations

import re

from apps.lib.text import clean

_ENTRY = re.compile(
    r"\s*(?:[-*+•‣▪●◦–—·][ \t]+|\(?\d{1,3}[.)][ \t]+|\(?[a-zA-Z][)][ \t]+|#{1,6}[ \t]"
    r"|\d{1,2}(?:\.\d{1,2}){1,3}\.?[ \t]+(?=[A-Z]))\S"
)
_COLUMNS = re.compile(r"\S(?: {3,}|\t+)\S")
_ROW = re.compile(r"[^:;\n]{1,60}: [^;\n]{1,200}; ")
_RULE = re.compile(r"\s*[-=_*~+.|]{4,}[-=_*~+.|\s]*")


def join_lines(text: str, *, width: int = 0) -> str:
    """Return the text as paragraphs separated by a blank line, wrapped lines joined, words at line ends too.

    List entries, headings, table rows, aligned columns and indented code keep their line. width: the usual length
    of a full line, measured when 0.
    """
    lines = [line.rstrip() for line in clean(text).splitlines()]
    width = width or _usual_width(lines)
    blocks: list[list[str]] = [[]]  # each a list of lines, already joined, in pieces: texts may be a million lines long
    previous, listed = "", False
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if not line.strip() or (len(line) < 300 and _RULE.fullmatch(line)):
            blocks.append([])
            previous, listed = "", False
            continue
        block = blocks[-1]
        if block and not _is_title(line, previous, following, width) and _continues(previous, line, width):
            block.extend(_glue(block.pop(), line.strip()))
        else:
            near = bool(block) and _stays_near(listed, previous, line)
            if near:
                block.append("\n")
            else:
                block = []
                blocks.append(block)
            block.append(_kept(line))
            listed = bool(_ENTRY.match(line))
        previous = line
    return "\n\n".join(_with_headings([text for block in blocks if (text := "".join(block)).strip()]))


def _with_headings(blocks: list[str]) -> list[str]:
    """Mark a short line that stands alone before a paragraph as the heading it is."""
    marked = []
    for block, following in zip(blocks, [*blocks[1:], ""], strict=False):
        alone = len(block) <= 80 and len(block.split()) <= 10 and "\n" not in block and block[-1] not in ".!?,;:"
        leads = len(following) > 60 and following[-1] in ".!?:)”\"'" and not following.startswith((" ", "#"))
        opens = bool(re.match(r"(?:\d{1,2}(?:\.\d{1,2})*\.?\s+)?[A-ZÄÖÜÀ-Þ“\"]", block)) and not _ROW.match(block)
        marked.append(f"## {block}" if alone and leads and opens and not block.startswith("#") else block)
    return marked


def _usual_width(lines: list[str]) -> int:
    lengths = sorted(len(line) for line in lines if len(line) > 20)
    return lengths[int(len(lengths) * 0.8)] if lengths else 80


def _continues(previous: str, line: str, width: int) -> bool:
    """Say whether the line goes on where the one before was broken."""
    if _ENTRY.match(line) or _keeps_line(line) or _keeps_line(previous) or previous.lstrip().startswith("#"):
        return False
    first = line.lstrip()[:1]
    if first.islower():
        return True
    if previous[-1] in ".!?:;。！？" and len(previous) < 0.75 * width:
        return False
    return len(previous) >= 0.6 * width or previous[-1] in ",;-–—&(/"


def _keeps_line(line: str) -> bool:
    return bool(
        _COLUMNS.search(line) or _ROW.match(line) or line.startswith(("    ", "\t")) or line.lstrip()[:1] == "|"
    )


def _is_title(line: str, previous: str, following: str, width: int) -> bool:
    """Say whether a line after the end of a sentence is a heading: short, a capital first, nothing to end it."""
    bare = line.strip()
    if previous[-1] not in ".!?:。" or len(bare) > 0.6 * width or bare[-1] in ".!?,;:-–":
        return False
    return bare[0].isupper() and (not following.strip() or following.strip()[0].isupper()) and len(bare.split()) <= 9


def _stays_near(listed: bool, previous: str, line: str) -> bool:
    """Entries of one list, rows of one table and lines of one verse or address stay in one paragraph."""
    listed = listed or previous.rstrip().endswith(":")
    both_entries = listed and bool(_ENTRY.match(line)) and "#" not in (line.lstrip()[:1], previous.lstrip()[:1])
    return both_entries or (_keeps_line(line) and _keeps_line(previous))


def _kept(line: str) -> str:
    return line if line.startswith(("    ", "\t")) else line.strip()


def _glue(before: str, line: str) -> tuple[str, str]:
    """Return the pieces of a joined wrapped line; "mea-", "sured" become one word, "tide-", "Gate" keep the hyphen."""
    if before.endswith("\u00ad") or (re.search(r"[^\W\d_]{2}-\Z", before[-4:]) and line[:1].islower()):
        return before[:-1], line
    if before.endswith(("-", "–", "/")) and not before.endswith((" -", " –", " /")):
        return before, line
    return before, f" {line}"

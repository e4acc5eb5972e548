"""Lines of Chinese and Japanese: broken between any two characters, except where a reader would stumble.

xhtml2pdf breaks within numbers and Latin words too, and before a footnote's numeral.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from reportlab.lib.textsplit import ALL_CANNOT_END, ALL_CANNOT_START
from xhtml2pdf import reportlab_paragraph as library

_WORD = frozenset(string.ascii_letters + string.digits + ".,-/%_:@")
_NOT_FIRST = frozenset(ALL_CANNOT_START + ",.;:!?)]}")
_NOT_LAST = frozenset(ALL_CANNOT_END + "([{")


def install() -> None:
    """Make xhtml2pdf break unspaced lines our way."""
    library.cjkFragSplit = split


def split(frags: Sequence[Any], widths: Sequence[float], bounds: bool, encoding: str = "utf8") -> Any:
    """Return the fragments as lines of at most `widths` points (the last width is that of all further lines)."""
    signs = [library.cjkU(sign, frag, encoding) for frag in frags for sign in (frag.text or [""])]
    lines: list[Any] = []
    start, place, used = 0, 0, 0.0
    for index, sign in enumerate(signs):
        if index > start and _breaks(signs[index - 1], sign):
            place = index
        width = widths[min(len(lines), len(widths) - 1)]
        used += sign.width
        if used > width + library._FUZZ and index > start:
            end = place if place > start else index
            room = width - sum(one.width for one in signs[start:end])
            lines.append(library.makeCJKParaLine(signs[start:end], room, bounds))
            start, used = end, sum(one.width for one in signs[end : index + 1])
    if start < len(signs):
        width = widths[min(len(lines), len(widths) - 1)]
        lines.append(library.makeCJKParaLine(signs[start:], width - used, bounds))
    return library.ParaLines(kind=1, lines=lines)


def _breaks(before: Any, sign: Any) -> bool:
    """Say whether a line may end between two characters."""
    if before in _WORD and sign in _WORD:
        return False
    return sign not in _NOT_FIRST and before not in _NOT_LAST and not getattr(sign.frag, "rise", 0)

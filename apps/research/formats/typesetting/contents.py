"""The table of contents: headings in their own script, the whole line a link.

xhtml2pdf sets an entry in one face and links its page number only. Both are functions that its module looks up by
name, so they are replaced there.
"""

from __future__ import annotations

from typing import Any

from reportlab.platypus import tableofcontents
from xhtml2pdf import xhtml2pdf_reportlab as library

from apps.research.formats.typesetting import faces, markup, runs

Page = tuple[int, str | None]
MEASURE = 345  # points, as in the style sheet
MOST = 26  # characters of a word: as many Japanese ones fill the line
_RIGHT_TO_LEFT = library.drawPageNumbersRTL


def install(family: runs.Family) -> None:
    """Make xhtml2pdf draw contents our way."""

    def escape(text: str, quote: bool = True) -> str:
        return markup.mark(shorten(text), lambda char: faces.regular(family(char)), '<font name="{}">{}</font>')

    library.html_escape = escape
    library.drawPageNumbers = _draw
    library.drawPageNumbersRTL = _draw_from_the_right


def shorten(heading: str) -> str:
    """Cut long words, which an entry cannot break: a URL, a heading in Japanese.

    >>> shorten("See https://example.org/a/very/long/address for more")
    'See https://example.org/a/very… for more'
    """
    return " ".join(f"{word[:MOST]}…" if len(word) > MOST + 1 else word for word in heading.split())


def _draw(canvas: Any, style: Any, pages: list[Page], width: float, height: float, dot: str) -> None:
    measure = width - style.rightIndent
    tableofcontents.drawPageNumbers(canvas, style, _unlinked(pages), measure, height, dot)
    _link(canvas, style, pages, measure)


def _draw_from_the_right(canvas: Any, style: Any, pages: list[Page], dot: str) -> None:
    canvas.saveState()
    canvas.translate(style.leftIndent, 0)
    _RIGHT_TO_LEFT(canvas, style, _unlinked(pages), dot)
    _link(canvas, style, pages, MEASURE)
    canvas.restoreState()


def _unlinked(pages: list[Page]) -> list[Page]:
    return [(page, None) for page, _ in pages]


def _link(canvas: Any, style: Any, pages: list[Page], width: float) -> None:
    y = canvas._curr_tx_info["cur_y"]
    for _, key in pages:
        if key:
            canvas.linkRect("", key, (0, y - 3, width, y + style.leading), relative=1)

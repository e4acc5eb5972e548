"""One pass over our own HTML before it is drawn: every text gets faces that can draw it, every paragraph a direction.

The page is ours and all text in it is escaped, so `<` always opens a tag of the templates.
"""

from __future__ import annotations

import html
import re

from apps.research.formats.typesetting import runs

_PIECES = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z0-9:]+)")
_RAW = "<style"
_TITLE = re.compile("<title>(.*?)</title>", re.S)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# UAX #9: what stands between them turns nothing around it.
_ISOLATES = {"<bdi>": "\u2068", '<bdi dir="ltr">': "\u2066", "</bdi>": "\u2069"}
_NOTICE = re.compile(r'<p class="omitted">.*?</p>', re.S)


def take_title(page: str) -> tuple[str, str]:
    """Return the title as text and the page without it: drawn as text, Arabic would lose its plain letters."""
    found = _TITLE.search(page)
    return (" ".join(runs.clean(html.unescape(found[1])).split()) if found else ""), _TITLE.sub("", page, count=1)


def prepare(page: str, family: runs.Family) -> str:
    """Return the page with its texts cleaned and cut into runs, and `dir="auto"` and `<bdi>` resolved."""
    page = runs.clean(page)
    isolates = _ISOLATES if _RIGHT_TO_LEFT.search(page) else dict.fromkeys(_ISOLATES, "")
    pieces = _PIECES.split(page)
    out, raw = [], False
    for index, piece in enumerate(pieces):
        if index % 2:
            raw = piece.startswith(_RAW)
            out.append(isolates[piece] if piece in isolates else _tag(piece, pieces, index))
        elif raw or not piece.strip():
            out.append(piece)
        else:
            out.append(mark(html.unescape(piece), family, '<span style="font-family:{}">{}</span>'))
    done = "".join(out)
    return done if runs.OMITTED in _NOTICE.sub("", done) else _NOTICE.sub("", done)


def mark(text: str, family: runs.Family, span: str) -> str:
    """Return text escaped, each run that needs a family of its own inside `span`, a format of (family, run)."""
    return "".join(
        span.format(name, html.escape(run)) if name else html.escape(run) for name, run in runs.cut(text, family)
    )


def _tag(tag: str, pieces: list[str], index: int) -> str:
    if 'dir="auto"' not in tag:
        return tag
    text = _text(pieces, index)
    tag = tag.replace('dir="auto"', f'dir="{runs.direction(text)}"', 1)
    if runs.is_unspaced(text):
        tag = tag.replace('class="', 'class="unspaced ', 1) if "class=" in tag else f'{tag[:-1]} class="unspaced">'
    return tag


def _text(pieces: list[str], index: int) -> str:
    """Return the text of the element that opens at index."""
    found = _NAME.match(pieces[index])
    closing = f"</{found[1]}>" if found else ""
    end = next((i for i in range(index + 2, len(pieces), 2) if pieces[i] == closing), index)
    return html.unescape("".join(pieces[index + 1 : end + 1 : 2]))

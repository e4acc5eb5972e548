"""The picture that stands beside a link to a page: its title in our type, on paper, with the margin."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont
from wagtail.models import Page

from apps.blog import queries

SIZE = (1200, 630)
# Changed whenever the drawing does, so that nobody is sent an old one.
DRAWN = "1"
PAPER, INK, MUTED, RUBRIC, LINE = "#FAF8F4", "#1C1A17", "#5C564C", "#A63A0C", "#DDD6CA"
EDGE, MARGIN, MOST_LINES = 80, 860, 4
# The lines of a note: top, length, colour.
_ROWS = ((150, 200, INK), (210, 230, LINE), (242, 205, LINE), (274, 220, RUBRIC), (306, 150, RUBRIC), (338, 190, LINE))
# What our fonts can't write is left to the words beside the picture.
_LATIN = re.compile(r"[\u0000-\u024F\u1E00-\u1EFF\u2000-\u22FF]*")
_ARABIC = re.compile(r"[\u0000-\u007F\u0600-\u06FF\u0750-\u077F\u2000-\u206F]*")


def mark(title: str, section: str) -> str:
    """Return the name of a picture by what it shows."""
    return hashlib.sha256("\n".join((DRAWN, title, section)).encode()).hexdigest()[:16]


def path_of(page: Page) -> str:
    """Return the path of the picture for links to a page, named by what it shows."""
    return f"{settings.MEDIA_URL}social/{page.pk}-{mark(*queries.card_words(page))}.png"


def draw(title: str, section: str) -> bytes:
    """Return the picture as PNG, 1200 × 630. section: a word above the title."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.line([(MARGIN, 0), (MARGIN, SIZE[1])], fill=LINE, width=2)
    pen.rectangle([(0, 0), (SIZE[0], 12)], fill=RUBRIC)
    pen.text((EDGE, 72), _writable(section), font=_font("geist-latin", 28, 600), fill=RUBRIC)
    _title(pen, _writable(title))
    name = _font("newsreader-latin", 52, 600)
    pen.text((EDGE, 540), "Footnote", font=name, fill=INK, anchor="ls")
    after = EDGE + pen.textlength("Footnote", font=name)
    pen.text((after + 3, 520), "1", font=_font("geist-latin", 28, 600), fill=RUBRIC, anchor="ls")
    _note(pen)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _title(pen: ImageDraw.ImageDraw, title: str) -> None:
    arabic = not _LATIN.fullmatch(title)
    for size in (76, 64, 54, 46):
        font = _font("vazirmatn-arabic" if arabic else "newsreader-latin", size, 500)
        lines = _wrap(pen, title, font)
        if len(lines) <= MOST_LINES:
            break
    for row, line in enumerate(lines[:MOST_LINES]):
        place = (MARGIN - 40, 128 + row * size * 1.14) if arabic else (EDGE, 128 + row * size * 1.14)
        pen.text(place, line, font=font, fill=INK, anchor="ra" if arabic else "la")


def _wrap(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and pen.textlength(f"{lines[-1]} {word}", font=font) <= MARGIN - EDGE - 40:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _note(pen: ImageDraw.ImageDraw) -> None:
    """Draw a note in the margin, without words: a numeral, a title, a passage with what is quoted."""
    pen.text((MARGIN + 40, 138), "1", font=_font("geist-latin", 28, 600), fill=RUBRIC)
    for top, length, colour in _ROWS:
        pen.rounded_rectangle([(MARGIN + 72, top), (MARGIN + 72 + length, top + 12)], radius=6, fill=colour)


def _writable(text: str) -> str:
    return text if _LATIN.fullmatch(text) or _ARABIC.fullmatch(text) else ""


def _font(name: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(Path(settings.BASE_DIR) / "static" / "fonts" / f"{name}.woff2"), size)
    font.set_variation_by_axes([weight])
    return font

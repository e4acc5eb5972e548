"""The faces of a PDF: which there are, which characters each can draw. Files stand in `fonts/`, see its README."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf import default

FONTS = Path(__file__).resolve().parent / "fonts"

# family: regular, medium (what bold means here), italic
FAMILIES = {
    "text": ("Text", "TextMedium", "TextItalic"),
    "label": ("Label", "LabelMedium", "Label"),
    "mono": ("Mono", "Mono", "Mono"),
    "greek": ("GreekCyrillic", "GreekCyrillicMedium", "GreekCyrillic"),
    "arabic": ("Arabic", "Arabic", "Arabic"),
    "hebrew": ("Hebrew", "Hebrew", "Hebrew"),
    "symbols": ("Symbols", "Symbols", "Symbols"),
}
HAN = {"japanese": ("Japanese",) * 3, "chinese": ("Chinese",) * 3, "korean": ("Korean",) * 3}

ISOLATES = (0x2066, 0x2068, 0x2069)  # they steer directions and are never drawn, so they take no room

LINE = (740, -260)  # thousandths above and below the base line, for all alike: a foreign word moves no line

# Drawn with fonts of the reader's machine, for what is too much to carry: which codec says who can draw a character.
BORROWED = {
    "HYSMyeongJo-Medium": "cp949",
    "HeiseiMin-W3": "euc_jp",
    "STSong-Light": "gb2312",
    "MSung-Light": "big5",
}


class Coverage:
    """Who draws a character. Faces for Chinese, Japanese and Korean take long to open: only when they are needed."""

    def __init__(self) -> None:
        self.covered = {family: _register(family, faces) for family, faces in FAMILIES.items()}
        self.plain = self.covered["text"] & self.covered["label"]

    def family(self, char: str) -> str | None:
        """Return the family that draws a character; "" for the one it stands in anyway, None for none."""
        code = ord(char)
        if code in self.plain:
            return ""
        for family, covered in self.covered.items():
            if code in covered and family != "mono":
                return family
        if 0x2E80 <= code <= 0xFFFF and not 0xE000 <= code < 0xF900:
            return self._han(char)
        return None

    def _han(self, char: str) -> str | None:
        if not HAN.keys() <= self.covered.keys():
            self.covered |= {family: _register(family, HAN[family]) for family in HAN}
            return self.family(char)
        return next((face for face, codec in BORROWED.items() if _encodes(codec, char) and _borrow(face)), None)


def regular(family: str | None) -> str | None:
    """Return the name of a family's regular face, as ReportLab knows it."""
    return f"Footnote{(FAMILIES | HAN)[family][0]}" if family in FAMILIES or family in HAN else family


def _encodes(codec: str, char: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _register(family: str, faces: tuple[str, ...]) -> frozenset[int]:
    for face in dict.fromkeys(faces):
        font = TTFont(f"Footnote{face}", str(FONTS / f"{face}.ttf"))
        font.face.charWidths.update(dict.fromkeys(ISOLATES, 0))
        font.face.ascent, font.face.descent = LINE
        pdfmetrics.registerFont(font)
    for bold, italic, place in ((1, 1, 1), (0, 1, 2), (1, 0, 1), (0, 0, 0)):  # the last one says what a face is
        addMapping(family, bold, italic, f"Footnote{faces[place]}")
    default.DEFAULT_FONT[family] = family
    return frozenset(pdfmetrics.getFont(f"Footnote{faces[0]}").face.charToGlyph)


def _borrow(face: str) -> bool:
    if face not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(face))
    return True

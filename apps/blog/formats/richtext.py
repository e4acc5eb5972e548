"""Rich text becomes Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from wagtail.rich_text import expand_db_html

_SIGNS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")


class _Writer(HTMLParser):
    """Writes what the editor's rich text knows: paragraphs, lists, bold, italic, code and links."""

    def __init__(self, origin: str) -> None:
        super().__init__(convert_charrefs=True)
        self.origin = origin
        self.parts: list[str] = []
        self.lists: list[int] = []
        self.links: list[str] = []
        self.code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ul", "ol"}:
            self.parts.append("\n" if self.lists else "")
            self.lists.append(0 if tag == "ul" else 1)
        elif tag == "li":
            self._begin_line()
        elif tag == "br":
            self.parts.append("  \n")
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")
            self.parts.append("[")
        self._sign(tag, opens=True)

    def handle_endtag(self, tag: str) -> None:
        self._sign(tag, opens=False)
        if tag in {"ul", "ol"}:
            self.lists.pop()
            self.parts.append("" if self.lists else "\n")
        elif tag == "p" and not self.lists:
            self.parts.append("\n\n")
        elif tag == "li" and not "".join(self.parts).endswith("\n"):
            self.parts.append("\n")
        elif tag == "a" and self.links:
            self.parts.append(f"]({address(self.links.pop(), self.origin)})")

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if text.strip() or not self.parts or not self.parts[-1].endswith("\n"):
            self.parts.append(text if self.code else escape(text))

    def _begin_line(self) -> None:
        number = self.lists[-1] if self.lists else 0
        self.parts.append(f"{'   ' * (len(self.lists) - 1)}{f'{number}.' if number else '-'} ")
        if number:
            self.lists[-1] += 1

    def _sign(self, tag: str, *, opens: bool) -> None:
        self.parts.append(_SIGNS.get(tag, ""))
        self.code = opens if tag == "code" else self.code


def escape(text: str) -> str:
    """Return a text so that Markdown shows each of its characters.

    >>> escape("a*b [c] <d>")
    'a\\\\*b \\\\[c\\\\] \\\\<d\\\\>'
    """
    return _SPECIAL.sub(r"\\\1", text)


def address(href: str, origin: str) -> str:
    """Return where a link leads, whole; nowhere for one that is no address.

    >>> address("/docs", "https://a.test"), address("javascript:x", "")
    ('https://a.test/docs', '#')
    """
    if href.startswith(("/", "#")) and not href.startswith("//"):
        return f"{origin}{href}" if href.startswith("/") else href
    return href.replace(")", "%29").replace(" ", "%20") if href.startswith(("https://", "http://", "mailto:")) else "#"


def markdown(html: str, origin: str = "") -> str:
    """Return rich text, as the database has it, as Markdown with whole addresses."""
    writer = _Writer(origin)
    writer.feed(expand_db_html(html))
    writer.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(writer.parts)).strip()

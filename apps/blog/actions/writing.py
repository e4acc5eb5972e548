"""Markdown of ours becomes pages and blocks that editors can change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from django.utils.html import strip_tags
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from apps.blog import rules

_reader = MarkdownIt("commonmark", {"html": False}).enable("table")
_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.S)
_COMMENT = re.compile(r"<!--.*?-->\n?", re.S)
_GUIDE = re.compile(r"\]\((?:\.\./how-to/)?(\w+)\.md(?:#([\w-]+))?\)")
_INWARD = re.compile(r"\[([^\]]+)\]\((?!https?://|/|#)[^)]*\)")
LANGUAGES = ("bash", "python", "json", "yaml")

Block = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A file: what stands in its head, its title and its body as blocks."""

    head: dict[str, str]
    title: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide of docs/how-to: what comes before its first section, and its sections by title."""

    title: str
    opening: list[Block]
    sections: dict[str, list[Block]] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """Return its first sentences, or its title."""
        return summary(self.opening) or self.title


def read(path: Path) -> Text:
    """Read a file that begins with a head between lines of three dashes, `name: value` each."""
    whole = path.read_text()
    found = _HEAD.match(whole)
    lines = found[1].splitlines() if found else []
    head = {name.strip(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    return Text(head, head.get("title", ""), list(blocks(whole[found.end() :] if found else whole)))


def read_guide(path: Path, *, guides: frozenset[str]) -> Guide:
    """Read a guide of ours, a page a section. guides: the names of those that the site has.

    A link to one of them leads to its page; a link to a file that is not on the site becomes plain text.
    """
    whole = _COMMENT.sub("", path.read_text())
    whole = _GUIDE.sub(lambda found: _address(found, guides), whole)
    title, _line, rest = whole.removeprefix("# ").partition("\n")
    opening, *parts = re.split(r"^## ", _INWARD.sub(r"\1", rest), flags=re.M)
    sections = {part.partition("\n")[0].strip(): list(blocks(part.partition("\n")[2])) for part in parts}
    return Guide(title.strip(), list(blocks(opening)), sections)


def _address(found: re.Match[str], guides: frozenset[str]) -> str:
    if found[1] not in guides:
        return f"]({found[1]}.md)"
    return f"](/docs/{found[1]}{f'/{found[2]}' if found[2] else ''})"


def blocks(markdown: str) -> Iterator[Block]:
    """Yield the blocks of a text: headings, code, tables, callouts; everything else as rich text."""
    tokens, plain = _reader.parse(markdown), list[Token]()
    for group in _groups(tokens):
        made = _made(group)
        if made is None:
            plain += group
            continue
        if plain:
            yield "text", _html(plain)
            plain = []
        yield made
    if plain:
        yield "text", _html(plain)


def _groups(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of one element of the first level at a time."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def _made(group: list[Token]) -> Block | None:
    first = group[0]
    if first.type == "heading_open":
        return "heading", {"text": _plain(group[1]), "level": "2" if first.tag in {"h1", "h2"} else "3"}
    if first.type in {"fence", "code_block"}:
        named = first.info.strip().split(" ")[0]
        return "code", {"language": named if named in LANGUAGES else "text", "code": first.content.rstrip("\n")}
    if first.type == "blockquote_open":
        return "callout", {"tone": "info", "text": _html(group[1:-1])}
    if first.type == "table_open":
        return "table", _table(group)
    return None


def _table(group: list[Token]) -> dict[str, Any]:
    rows: list[list[str]] = []
    for at, token in enumerate(group):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            inner = group[at + 1]
            rows[-1].append(_plain(inner) if token.type == "th_open" else f"<p>{_html([inner])}</p>")
    return {
        "caption": "", "columns": [{"type": "rich", "heading": each} for each in rows[0]],
        "rows": [{"values": row} for row in rows[1:]],
    }  # fmt: skip


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


def _html(tokens: list[Token]) -> str:
    html: str = _reader.renderer.render(tokens, _reader.options, {})
    # What rich text knows: bold and italic have one tag each there.
    for before, after in (("strong>", "b>"), ("em>", "i>")):
        html = html.replace(before, after)
    return html.strip()


def address(title: str) -> str:
    """Return the last part of a page's address, as links between our guides write it."""
    return slugify(title)


def summary(body: Sequence[Block]) -> str:
    """Return the beginning of a text in at most as many characters as a list of results shows."""
    words = " ".join(strip_tags(str(value).replace("</", " </")) for kind, value in body if kind == "text")
    return rules.clip(re.sub(r"\s+([.,:;!?)])", r"\1", " ".join(unescape(words).split())), rules.DESCRIPTION[1])


def with_questions(body: Sequence[Block]) -> list[Block]:
    """Make of each heading that asks, and the text below it, a question that opens to its answer."""
    made: list[Block] = []
    for kind, value in body:
        asked = str(made[-1][1]["text"]) if made and made[-1][0] == "heading" else ""
        if kind != "text" or not asked.endswith("?"):
            made.append((kind, value))
            continue
        made.pop()
        question = {"question": asked, "answer": value}
        if made and made[-1][0] == "faq":
            made[-1][1]["questions"].append(question)
        else:
            made.append(("faq", {"questions": [question]}))
    return made

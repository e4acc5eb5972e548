"""Web pages to text, in the child: what is said, without menus, banners and what is hidden."""

from __future__ import annotations

import contextlib
import logging
import re
from typing import Any

import lxml.html
from lxml import etree

from apps.lib.text import clean
from apps.library.extraction.bylines import choose_title, find_date, read_date
from apps.library.extraction.flow import write_tree
from apps.library.extraction.plain import decode
from apps.library.extraction.results import Unreadable

MOST_FOR_TRAFILATURA = 3_000_000  # characters; above this our own reading is enough and far quicker
MOST_CELLS = 3_000  # it repeats what a cell spans
MOST_DEPTH = 400
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_JUNK = (
    "script style noscript template nav footer aside form button select svg canvas iframe object embed audio video "
    "dialog menu input textarea map"
).split()
_JUNK_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|cookies?|consent|footer|masthead|banner|advert\w*|ads?|"
    r"share|sharing|social|related|comments?|popup|modal|newsletter|subscribe|pagination|pager|skip|toolbar|toc|"
    r"sphinxsidebar|headerlink|editsection|mw-editsection|noprint|sr-only|visually-hidden|screen-reader-text)(?:$|[\s_-])",
    re.I,
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d])", re.I
)
_ROW = re.compile(r"(?m)^[^:;\n]+: [^;\n]+; ")
_GENERIC = re.compile(r"abstract|introduction|contents|overview|welcome|home|summary|index|documentation|about", re.I)
_DATE_NAMES = re.compile(
    r"(?:^|[.:_-])(?:date|published|pubdate|issued|created|published_time|publish_date|datepublished)$", re.I
)


def read(kind: str, body: bytes, name: str) -> dict[str, Any]:
    """Return {title, text, published_date, warnings} of a web page. Raises: Unreadable."""
    charset = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", body[:4096], re.I)
    markup = decode(body, charset[1].decode("ascii") if charset else None)
    if _depth(markup) > MOST_DEPTH:
        return _stripped(markup, name)
    tree = _parse(markup)
    title, published = _title(tree), _published(tree)
    _prune(tree)
    main = _main(tree)
    _prune_links(main)
    text = write_tree(main)
    if len(markup) <= MOST_FOR_TRAFILATURA and markup.count("<td") < MOST_CELLS:
        text = _better(text, _by_trafilatura(markup))
    if not re.search(r"\w", text):
        raise Unreadable("no_text")
    return {
        "title": choose_title(title, name),
        "text": text,
        "published_date": published or find_date(text, name),
        "warnings": [],
    }


def _parse(markup: str) -> Any:
    markup = re.sub(r"\A\s*<\?xml[^>]*\?>", "", markup)
    try:
        tree = lxml.html.document_fromstring(markup, parser=lxml.html.HTMLParser(huge_tree=True, no_network=True))
    except (etree.ParserError, ValueError):
        raise Unreadable("no_text") from None
    for comment in list(tree.iter(etree.Comment, etree.ProcessingInstruction)):
        _drop(comment)
    return tree


def _depth(markup: str) -> int:
    """Return a cheap upper bound of the nesting of elements that are closed somewhere."""
    depth = deepest = 0
    for match in re.finditer(
        r"<(/?)(?:div|span|b|i|font|table|tr|td|ul|ol|li|section|blockquote|em|strong|a|p)\b", markup, re.I
    ):
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
        if deepest - depth > MOST_DEPTH:
            break
    # Old pages leave p and li open, which is not depth: only believe it where end tags follow in number.
    opened = len(re.findall(r"<(?:p|li|td|tr)\b", markup, re.I)) - len(re.findall(r"</(?:p|li|td|tr)\b", markup, re.I))
    return deepest - max(0, opened)


def _stripped(markup: str, name: str) -> dict[str, Any]:
    """Read a page that is nested too deeply to parse: drop the tags, keep the words."""
    text = re.sub(r"(?is)<(script|style|noscript|template)\b.*?</\1\s*>", " ", markup)
    text = re.sub(r"(?i)</?(?:p|div|br|li|tr|h[1-6]|table|section)\b[^>]*>", "\n\n", text)
    text = clean(lxml.html.document_fromstring(f"<p>{re.sub(r'<[^>]*>', ' ', text)}</p>").text_content())
    text = re.sub(r"\n\s*\n+", "\n\n", re.sub(r"[ \t]+", " ", text)).strip()
    if not re.search(r"\w", text):
        raise Unreadable("no_text")
    note = "The page is nested too deeply; its tables and lists were read as plain words."
    return {"title": choose_title([], name), "text": text, "published_date": find_date(text, name), "warnings": [note]}


# --- what the page says about itself ---------------------------------------------------------------------------


def _title(tree: Any) -> list[str | None]:
    """Return candidates, best first: the one main heading, the page's own title without the site's name."""
    heads = [clean(h.text_content()) for h in tree.iter("h1")]
    heads = [re.sub(r"[¶#]\s*$", "", head).strip() for head in heads if head.strip()]
    metas = [m.get("content") for m in tree.xpath("//meta[@property='og:title' or @name='title' or @name='dc.title']")]
    titles = [clean(t.text or "") for t in tree.iter("title")]
    shorter = [re.split(r"\s+[|–—·»]\s+", title)[0] for title in titles]
    single = heads[0] if len(heads) == 1 and not _GENERIC.fullmatch(heads[0]) else None
    return [single, *metas, *shorter, *titles, *heads]


def _published(tree: Any) -> str | None:
    for meta in tree.iter("meta"):
        named = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        iso = read_date(meta.get("content") or "") if _DATE_NAMES.search(named) else None
        if iso:
            return iso
    for script in tree.xpath("//script[@type='application/ld+json']"):
        stated = re.search(r"\"datePublished\"\s*:\s*\"([^\"]{8,40})\"", script.text or "")
        if stated and read_date(stated[1]):
            return read_date(stated[1])
    times = [read_date(t.get("datetime") or "") for t in tree.iter("time")]
    return times[0] if len({t for t in times if t}) == 1 else None


# --- what is the page's own text -------------------------------------------------------------------------------


def _prune(tree: Any) -> None:
    """Take out what is no text of the page: scripts, menus, forms, and what a reader can't see."""
    for element in [e for e in tree.iter() if isinstance(e.tag, str) and _is_junk(e)]:
        if element.getparent() is not None:
            _drop(element)


def _is_junk(element: Any) -> bool:
    if element.tag in ("html", "body", "main", "article"):
        return False
    if element.tag in _JUNK or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(element.get("style") or "") or element.get("role") in (
        "navigation",
        "banner",
        "search",
        "contentinfo",
    ):
        return True
    if element.tag == "header" and not element.xpath(".//h1"):
        return True
    if element.tag == "a" and (element.text_content() or "").strip() in ("¶", "#", ""):
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    # A wrapper is sometimes called "has-sidebar": what holds most of the page's text stays.
    return (
        bool(_JUNK_NAMES.search(named))
        and element.tag not in ("h1", "h2", "h3", "table", "tr", "td")
        and not element.xpath(".//h1|.//main|.//article")
    )


def _prune_links(root: Any) -> None:
    """Take out lists and lines that are links only: they lead elsewhere and say nothing."""
    size = len(root.text_content())
    for element in list(root.iter("ul", "ol", "div", "p", "td")):
        links = element.findall(".//a")
        if len(links) < 2 or element is root:
            continue
        said = len("".join(element.text_content().split()))
        linked = sum(len("".join(link.text_content().split())) for link in links)
        few = said < 160 or (len(links) >= 4 and linked / len(links) < 45)
        if said and linked > (0.9 if element.tag in ("ul", "ol") else 0.7) * said and few and said < 0.5 * size:
            element.clear(keep_tail=True)


def _drop(element: Any) -> None:
    """Remove an element and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + " " + element.tail
        else:
            before.tail = (before.tail or "") + " " + element.tail
    parent.remove(element)


def _main(tree: Any) -> Any:
    """Return the element that holds the content, where the page names one that holds most of the words."""
    body = tree.find("body")
    whole = body if body is not None else tree
    size = len(whole.text_content())
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = whole.xpath(path)
        if len(found) == 1 and len(found[0].text_content()) > 0.4 * size:
            return found[0]
    return whole


def _by_trafilatura(markup: str) -> str:
    from trafilatura import bare_extraction  # slow to load; a huge page does without it

    with contextlib.suppress(Exception):  # it is a second opinion, ours stands without it
        found = bare_extraction(
            markup, include_comments=False, include_tables=True, favor_recall=True, with_metadata=False
        )
        body = getattr(found, "body", None)
        if body is not None:
            return write_tree(body)
    return ""


def _better(ours: str, theirs: str) -> str:
    """Choose between two readings: ours keeps headings, lists and rows; trafilatura's keeps less that is not text.

    Theirs wins where ours is much longer and they lost next to no sentence and no table row of it.
    """
    if len(theirs.split()) * 1.3 > len(ours.split()) or not theirs.strip():
        return ours or theirs
    flat = re.sub(r"\W+", "", theirs)
    good = [line for line in ours.splitlines() if len(line.split()) >= 8 and re.search(r"[.!?:;。؟]", line)]
    lost = sum(len(line) for line in good if re.sub(r"\W+", "", line)[:80] not in flat)
    rows_lost = len(_ROW.findall(ours)) > len(_ROW.findall(theirs))
    return ours if rows_lost or lost > 0.08 * max(1, sum(map(len, good))) else theirs

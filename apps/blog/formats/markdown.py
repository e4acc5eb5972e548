"""A page as Markdown: the same words, without what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from apps.blog.formats.richtext import address, escape, markdown
from apps.blog.models import Evidence

_TONES = {"warn": gettext_lazy("Careful"), "ok": gettext_lazy("It holds"), "info": gettext_lazy("Good to know")}
_LIMITS = {
    "credits": gettext_lazy("Credits a month"), "seats": gettext_lazy("Seats"), "monitors": gettext_lazy("Monitors"),
    "retention_days": gettext_lazy("Days that research is kept"), "tokens": gettext_lazy("Tokens included"),
}  # fmt: skip


def write(page: Page, context: Mapping[str, Any], origin: str) -> str:
    """Return a page as Markdown, from the context that its template has. origin: put before addresses of ours."""
    parts = [*_head(page, context), *_special(context, origin), *_body(page, origin), *_lists(context, origin)]
    address_ = context.get("canonical") or ""
    return "\n\n".join(part for part in [*parts, f"---\n\n{address_}" if address_ else ""] if part) + "\n"


def _head(page: Page, context: Mapping[str, Any]) -> Iterator[str]:
    named = context.get("tag") or context.get("author")
    yield f"# {escape(getattr(page, 'claim', '') or (named.name if named else page.title))}"
    if lead := getattr(page, "lead", ""):
        yield f"> {escape(lead)}"
    if writer := getattr(page, "author", None):
        yield f"{escape(writer.name)}, {date_format(page.first_published_at, 'j F Y')}"
    if getattr(page, "reviewed_on", "none") is None:
        yield _("This is a template. It binds nobody until somebody who knows the law has reviewed it.")


def _body(page: Page, origin: str) -> Iterator[str]:
    for part in getattr(page, "body", ()):
        yield _block(part.block_type, part.value, origin)


def _block(kind: str, value: Any, origin: str) -> str:
    write_ = _BLOCKS.get(kind)
    return write_(value, origin) if write_ else ""


def _heading(value: Any, origin: str) -> str:
    return f"{'#' * int(value['level'])} {escape(value['text'])}"


def _rich(value: Any, origin: str) -> str:
    return markdown(getattr(value, "source", value), origin)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _quote(value: Any, origin: str) -> str:
    return _quoted(escape(value["text"]) + (f"\n\n— {escape(value['who'])}" if value["who"] else ""))


def _code(value: Any, origin: str) -> str:
    fence = "````" if "```" in value["code"] else "```"
    return f"{fence}{'' if value['language'] == 'text' else value['language']}\n{value['code']}\n{fence}"


def _callout(value: Any, origin: str) -> str:
    return _quoted(f"**{_TONES[value['tone']]}.** {_rich(value['text'], origin)}")


def _picture(value: Any, origin: str) -> str:
    return f"*{_('Picture')}: {escape(value['alt'])}*"


def _faq(value: Any, origin: str) -> str:
    return "\n\n".join(
        f"### {escape(each['question'])}\n\n{_rich(each['answer'], origin)}" for each in value["questions"]
    )


def _figure(value: Any, origin: str) -> str:
    source = f" <{value['source']}>" if value["source"] else ""
    return f"**{escape(value['value'])}** {escape(value['label'])} ({escape(value['footnote'])}{source})"


def _action(value: Any, origin: str) -> str:
    to = value["page"].url if value["page"] else value["address"]
    return f"{escape(value['text'])} [{escape(value['label'])}]({address(to or '/', origin)})"


def _grid(value: Any, origin: str) -> str:
    rows = [[escape(column["heading"]) for column in value.columns]]
    rows += [[_cell(cell.value, origin) for cell in row] for row in value.rows]
    return _table(rows)


def _cell(value: Any, origin: str) -> str:
    return (_rich(value, origin) if hasattr(value, "source") else escape(str(value or ""))).replace("\n", " ")


def _table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _excerpt(value: Any, origin: str) -> str:
    kept = value["evidence"]
    return f"### {escape(kept.report['question'])}\n\n{_claims([kept.report['summary']])}" if kept else ""


_BLOCKS: dict[str, Callable[[Any, str], str]] = {
    "heading": _heading, "text": _rich, "quote": _quote, "code": _code, "picture": _picture, "callout": _callout,
    "table": _grid, "faq": _faq, "figure": _figure, "action": _action, "excerpt": _excerpt,
}  # fmt: skip


def _special(context: Mapping[str, Any], origin: str) -> Iterator[str]:
    """Yield what a kind of page has before its body: the proof, the plans, what changed, what works."""
    if proof := context.get("proof"):
        yield from _proof(proof)
    if cards := context.get("cards"):
        yield from _plans(cards, context.get("rows") or ())
    for entry in context.get("entries") or ():
        yield f"## {date_format(entry.changed_on, 'j F Y')}: {escape(entry.title)}\n\n{markdown(entry.text, origin)}"


def _proof(kept: Evidence) -> Iterator[str]:
    report = kept.report
    sections = [report["summary"], *report.get("sections", ())]
    yield f"## {_('A real report, unedited')}: {escape(report['question'])}"
    yield _claims(sections)


def _claims(sections: list[dict[str, Any]]) -> str:
    """Return sentences with their footnotes, each with its source and the words it stands on."""
    texts = [
        " ".join(
            escape(claim["text"]) + "".join(f"[^{mark['number']}]" for mark in claim.get("marks", ()))
            for claim in section.get("claims", ())
        )
        for section in sections
    ]
    notes = {note["number"]: note for section in sections for note in section.get("notes", ())}
    lines = [f"[^{number}]: {escape(n['title'])}: “{escape(n.get('quote') or '')}”" for number, n in notes.items()]
    return "\n\n".join([*texts, "\n".join(lines)])


def _plans(cards: Iterable[Any], rows: Iterable[Any]) -> Iterator[str]:
    kept = list(cards)
    table = [["", *(escape(card.offer.name) for card in kept)]]
    table += [[_("A month"), *(f"{card.offer.amount} {card.offer.currency.upper()}" for card in kept)]]
    for name in ("credits", "seats", "monitors", "retention_days", "tokens"):
        table.append([str(_LIMITS[name]), *(str(card.offer.limits.get(name, "")) for card in kept)])
    table += [[escape(row.name), *(_("yes") if yes else _("no") for yes in row.included)] for row in rows]
    yield _table(table)


def _lists(context: Mapping[str, Any], origin: str) -> Iterator[str]:
    """Yield what a page leads to: posts, and the tree of the documentation."""
    posts = context.get("posts") or context.get("related") or ()
    if posts:
        yield "\n".join(
            f"- [{escape(post.title)}]({address(f'{post.url}.md', origin)}): {escape(post.lead)}" for post in posts
        )
    if context.get("tree") and "top" not in context:
        yield "\n".join(_branches(context["tree"], origin, 0))


def _branches(branches: Iterable[Any], origin: str, depth: int) -> Iterator[str]:
    for branch in branches:
        yield f"{'  ' * depth}- [{escape(branch.page.title)}]({address(f'{branch.page.url}.md', origin)})"
        yield from _branches(branch.below, origin, depth + 1)

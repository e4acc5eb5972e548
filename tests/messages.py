"""Which texts the product has to translate: read from its code and templates, without gettext's own tools."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
_CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ("text",)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ("text", "plural")),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", "text")),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", "text", "plural")),
}
_START = re.compile(r"(?<!\w)(_|n?p?gettext(?:_lazy|_noop)?)\(")


class Message(NamedTuple):
    """A text as a catalogue knows it."""

    context: str
    text: str
    plural: str


def messages() -> dict[Message, str]:
    """Return every text to translate, and a place where it stands."""
    found: dict[Message, str] = {}
    for path in sorted([*ROOT.glob("apps/**/*.py"), *ROOT.glob("config/**/*.py")]):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                _note(found, node, path)
    for path in sorted(each for each in ROOT.glob("templates/**/*") if each.suffix in {".html", ".txt"}):
        for call in _in_template(path.read_text()):
            _note(found, call, path)
    return found


def _in_template(source: str) -> Iterator[ast.Call]:
    """Yield the calls that Django's own extraction writes in the place of a template's tags."""
    plain = templatize(source)
    for match in _START.finditer(plain):
        end = match.end()
        for _try in range(200):
            end = plain.find(")", end) + 1
            if not end:
                break
            try:
                call = ast.parse(plain[match.start() : end].strip(), mode="eval").body
            except (SyntaxError, ValueError):
                continue
            if isinstance(call, ast.Call):
                yield call
            break


def _note(found: dict[Message, str], call: ast.Call, path: Path) -> None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    parts = _CALLS.get(name)
    if parts is None or len(call.args) < len(parts):
        return
    given = call.args[: len(parts)]
    if all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in given):
        values = dict(zip(parts, [each.value for each in given], strict=True))  # type: ignore[attr-defined]
        if values["text"]:
            message = Message(values.get("context", ""), values["text"], values.get("plural", ""))
            found.setdefault(message, str(path.relative_to(ROOT)))

"""Cedar: parse once and keep the handle, know each statement's line, deny on any error.

Text that does not parse or does not fit the schema is refused with the line of its error, before anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cedarpy

from apps.lib.errors import Invalid

# What may stand between statements, what must not be cut, and what ends one.
TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|"|;|[A-Za-z_][A-Za-z0-9_]*|\s+|.', re.DOTALL)
ANNOTATION = re.compile(r'@([A-Za-z_][A-Za-z0-9_]*)\s*\(\s*"((?:\\.|[^"\\])*)"\s*\)')
QUOTED = re.compile(r"[`‘']([^`’']+)[`’']")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, and where: lines count from 1."""

    line: int
    sentence: str


class BadPolicies(Invalid):
    """A text of policies was refused; `problems` says where and why."""

    code = "bad_policies"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"Line {each.line}: {each.sentence}" for each in problems))


@dataclass(frozen=True, slots=True)
class Statement:
    """One policy of a text. id: its `@id`, or `line 7`. line, end: where it begins and ends, from 1."""

    id: str
    text: str
    line: int
    end: int
    notes: Mapping[str, str]
    origin: str = ""

    @property
    def forbids(self) -> bool:
        """Whether it is a `forbid`."""
        return bool(re.search(r"^\s*forbid\b", ANNOTATION.sub("", _bare(self.text)), re.MULTILINE))


@dataclass(frozen=True, slots=True)
class Answer:
    """allowed: the decision. reasons: the statements that made it. errors: why a statement could not be evaluated."""

    allowed: bool
    reasons: tuple[Statement, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """Parsed text. Statement n of the text is `policy<n>` to Cedar."""

    statements: tuple[Statement, ...]
    handle: Any

    def evaluate(self, request: Mapping[str, Any], entities: Any, *, schema: Any) -> Answer:
        """Decide about one request; an error of any statement is a deny, though Cedar would skip it.

        request: principal, action, resource ({"type", "id"} each) and context. entities: Cedar's JSON, as a list.
        """
        return authorize(self.handle, request, entities, schema=schema, statements=self.statements)


def statements(text: str, *, origin: str = "") -> tuple[Statement, ...]:
    """Cut a text into its statements; what stands after the last semicolon is one too, so that it is not lost.

    >>> text = 'permit(principal, action, resource);\\n// no; yes\\n@id("b")\\nforbid(principal, action, resource);'
    >>> [(each.id, each.line, each.end) for each in statements(text)]
    [('line 1', 1, 1), ('b', 3, 4)]
    """
    found, line, begun, parts = [], 1, 0, []
    for token in TOKEN.findall(text):
        meaningful = not token.isspace() and not token.startswith("//")
        if meaningful and not begun:
            begun = line
        if begun:
            parts.append(token)
        line += token.count("\n")
        if token == ";" and begun:
            found.append(_statement("".join(parts), begun, line, origin))
            begun, parts = 0, []
    if begun:
        found.append(_statement("".join(parts), begun, line, origin))
    return tuple(found)


def _statement(text: str, line: int, end: int, origin: str) -> Statement:
    notes = {name: said.replace('\\"', '"') for name, said in ANNOTATION.findall(_bare(text))}
    return Statement(notes.get("id") or f"line {line}", text, line, end, notes, origin)


def _bare(text: str) -> str:
    return "".join("\n" * t.count("\n") if t.startswith("//") else t for t in TOKEN.findall(text))


@lru_cache(maxsize=64)
def schema(text: str) -> Any:
    """Parse a schema (Cedar's own notation). Raises BadPolicies."""
    try:
        return cedarpy.Schema.from_str(text)
    except ValueError as error:
        raise BadPolicies([Problem(_line_of(str(error), text, 1), _sentence(error))]) from error


def parse(parts: Sequence[Statement]) -> Policies:
    """Parse statements, unchecked: text that was checked when it was saved. Raises BadPolicies."""
    if problems := [problem for each in parts if (problem := _unreadable(each))]:
        raise BadPolicies(problems)
    return Policies(tuple(parts), cedarpy.PolicySet.from_str("\n".join(each.text for each in parts)))


def check(parts: Sequence[Statement], *, vocabulary: str) -> Policies:
    """Parse statements and check them against a schema. Raises BadPolicies with the line of each problem."""
    policies, problems = parse(parts), _twice(parts)
    if problems:
        raise BadPolicies(problems)
    result = cedarpy.validate_policies("\n".join(each.text for each in parts), schema(vocabulary))
    if not result.validation_passed:
        raise BadPolicies([_misfit(error, parts) for error in result.errors])
    return policies


def _unreadable(part: Statement) -> Problem | None:
    try:
        cedarpy.PolicySet.from_str(part.text)
    except ValueError as error:
        return Problem(_line_of(str(error), part.text, part.line), _sentence(error))
    return None


def _twice(parts: Sequence[Statement]) -> list[Problem]:
    seen: set[str] = set()
    again = [each for each in parts if "id" in each.notes and (each.id in seen or seen.add(each.id))]  # type: ignore[func-returns-value]
    return [Problem(each.line, f"The id “{each.id}” is taken already.") for each in again]


def _misfit(error: Any, parts: Sequence[Statement]) -> Problem:
    number = re.fullmatch(r"policy(\d+)", error.policy_id or "")
    said = re.sub(r"^for policy `[^`]*`, ", "", error.error)
    if not number or int(number[1]) >= len(parts):
        return Problem(1, _full_stop(said))
    part = parts[int(number[1])]
    return Problem(_line_of(said, part.text, part.line), _full_stop(said))


def _line_of(said: str, text: str, first: int) -> int:
    """Find the line of the word that an error quotes; the beginning where it quotes none."""
    for word in QUOTED.findall(said):
        for token in (word, word.split("::")[-1].strip('"')):
            place = re.search(rf"(?<!\w){re.escape(token)}(?!\w)", text) or re.search(re.escape(token), text)
            if token and place:
                return first + text[: place.start()].count("\n")
    return first if "end of input" not in said else first + text.rstrip().count("\n")


def _sentence(error: ValueError) -> str:
    return _full_stop(str(error).strip().splitlines()[0] if str(error).strip() else "this can not be read")


def _full_stop(said: str) -> str:
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "?", "!")) else f"{said}."


def authorize(
    policies: Any, request: Mapping[str, Any], entities: Any, *, schema: Any = None,
    statements: Sequence[Statement] = (),
) -> Answer:  # fmt: skip
    """Decide one request with Cedar, and deny where any statement, entity or attribute could not be evaluated.

    policies: text or a handle. request: principal, action, resource and context. entities: Cedar's JSON. schema: text,
    a handle, or None for no checking of the request. Deviation from Cedar, on the deny side alone: Cedar skips a
    statement that errs, so a `forbid` that errs forbids nothing; here an error is a deny.
    """
    try:
        result = cedarpy.is_authorized(dict(request), policies, entities, schema)
    except (ValueError, TypeError) as error:
        return Answer(False, (), (str(error),))
    known = {f"policy{number}": each for number, each in enumerate(statements)}
    reasons = tuple(
        known.get(name) or Statement(name, "", 0, 0, {}) for name in sorted(result.diagnostics.reasons, key=_number)
    )
    errors = tuple(str(error) for error in result.diagnostics.errors)
    return Answer(result.decision == cedarpy.Decision.Allow and not errors, reasons, errors)


def _number(name: str) -> tuple[int, str]:
    return int("".join(c for c in name if c.isdigit()) or 0), name

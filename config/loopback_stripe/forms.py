"""Form-encoded requests: `a[b][0]=c` becomes a tree, and each value is asked for by name and kind."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from .errors import Refusal, wrong

LONGEST_BODY = 1_000_000
MOST_PAIRS = 2_000
DEEPEST = 8
LARGEST = 2**53


def decode(text: bytes) -> dict[str, Any]:
    """Return the tree of a form-encoded body or query. Raises Refusal for anything that is none."""
    if len(text) > LONGEST_BODY:
        raise wrong("The request is too large.")
    try:
        pairs = parse_qsl(text.decode("ascii"), True, False, "utf-8", "strict", MOST_PAIRS)
    except ValueError as error:
        raise wrong("The request is not form-encoded.") from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        if "\x00" in name + value:
            raise wrong("The request holds a null character.")
        _place(tree, _steps(name), value, name)
    return {name: _listed(value) for name, value in tree.items()}


def _steps(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [head]
    if not head or not rest.endswith("]"):
        raise wrong(f"Invalid parameter name: {name[:80]}", name[:80])
    steps = [head, *rest[:-1].split("][")]
    if len(steps) > DEEPEST or any("[" in step or "]" in step for step in steps):
        raise wrong(f"Invalid parameter name: {name[:80]}", name[:80])
    return steps


def _place(tree: dict[str, Any], steps: list[str], value: str, name: str) -> None:
    *inner, last = steps
    for step in inner:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise wrong(f"Invalid parameter: {name[:80]} is both a value and a table.", name[:80])
    last = last or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise wrong(f"Invalid parameter: {name[:80]} is both a value and a table.", name[:80])
    tree[last] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {name: _listed(each) for name, each in value.items()}
    if made and all(name.isascii() and name.isdigit() for name in made):
        return [made[name] for name in sorted(made, key=int)]
    return made


class Form:
    """The parameters of a request, each asked for once; `finish` refuses what nobody asked for."""

    def __init__(self, tree: dict[str, Any], path: str = "") -> None:
        self.tree, self.path = tree, path
        self.asked: set[str] = {"expand"} if not path else set()
        self.inner: list[Form] = []

    def place(self, name: str) -> str:
        """Return a parameter's name as Stripe writes it."""
        return f"{self.path}[{name}]" if self.path else name

    def has(self, name: str) -> bool:
        """Say whether a parameter is there at all."""
        self.asked.add(name)
        return name in self.tree

    def raw(self, name: str) -> Any:
        """Return a parameter as it was sent, None where it was not."""
        self.asked.add(name)
        return self.tree.get(name)

    def need(self, name: str) -> None:
        """Refuse the request where a parameter is missing or empty."""
        if self.raw(name) in (None, ""):
            raise wrong(f"Missing required param: {self.place(name)}.", self.place(name), "parameter_missing")

    def text(self, name: str, most: int = 5000) -> str | None:
        """Return a text; None where it is missing or empty."""
        value = self.raw(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise wrong("Invalid string: this is a table.", self.place(name))
        if len(value) > most:
            message = f"Invalid string: {value[:20]}...; must be at most {most} characters"
            raise wrong(message, self.place(name), "parameter_invalid_string_length")
        return value

    def number(self, name: str, least: int = 0, most: int = LARGEST) -> int | None:
        """Return a whole number between two bounds; None where it is missing."""
        value = self.text(name, 30)
        if value is None:
            return None
        if not value.removeprefix("-").isdecimal() or not value.isascii():
            raise wrong(f"Invalid integer: {value}", self.place(name), "parameter_invalid_integer")
        if not least <= int(value) <= most:
            message = f"Invalid integer: {value} must be between {least} and {most}"
            raise wrong(message, self.place(name), "parameter_invalid_integer")
        return int(value)

    def flag(self, name: str) -> bool | None:
        """Return true or false; None where it is missing."""
        value = self.text(name, 10)
        if value not in (None, "true", "false"):
            raise wrong(f"Invalid boolean: {value}", self.place(name))
        return None if value is None else value == "true"

    def choice(self, name: str, *allowed: str) -> str | None:
        """Return one of a few words; None where it is missing."""
        value = self.text(name, 100)
        if value is not None and value not in allowed:
            message = f"Invalid {self.place(name)}: must be one of {', '.join(allowed)}"
            raise wrong(message, self.place(name))
        return value

    def table(self, name: str) -> Form | None:
        """Return a nested table of parameters; None where it is missing."""
        value = self.raw(name)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            raise wrong(f"Invalid object: {self.place(name)}", self.place(name))
        self.inner.append(Form(value, self.place(name)))
        return self.inner[-1]

    def rows(self, name: str) -> list[Form]:
        """Return a list of tables of parameters."""
        value = self.raw(name) or []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise wrong(f"Invalid array: {self.place(name)}", self.place(name))
        made = [Form(row, f"{self.place(name)}[{number}]") for number, row in enumerate(value)]
        self.inner += made
        return made

    def words(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self.raw(name) or []
        if not isinstance(value, list) or not all(isinstance(word, str) and len(word) <= 500 for word in value):
            raise wrong(f"Invalid array: {self.place(name)}", self.place(name))
        return value

    def metadata(self, before: dict[str, str] | None = None) -> dict[str, str]:
        """Return the metadata after this request: keys of an empty value are taken out."""
        kept, value = dict(before or {}), self.raw("metadata")
        if value in (None, ""):
            return kept if value is None else {}
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise wrong("Invalid metadata: texts by name.", self.place("metadata"))
        kept.update(value)
        kept = {name: each for name, each in kept.items() if each != ""}
        if len(kept) > 50 or any(len(name) > 40 or len(each) > 500 for name, each in kept.items()):
            raise wrong("Metadata: at most 50 keys of 40 characters, values of 500.", self.place("metadata"))
        return kept

    def finish(self) -> None:
        """Refuse the request where it holds a parameter that nobody asked for."""
        for name in self.tree:
            if name not in self.asked:
                message = f"Received unknown parameter: {self.place(name)[:100]}"
                raise Refusal(message, code="parameter_unknown", param=self.place(name)[:100])
        for each in self.inner:
            each.finish()

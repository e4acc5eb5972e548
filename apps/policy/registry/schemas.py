"""JSON Schemas that come from outside: 2020-12, nothing remote, nothing that makes checking a value long work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.lib import jsonschema
from apps.lib.errors import Invalid
from apps.policy import rules

MOST_CHARACTERS = 20_000
MOST_DEPTH = 24
# Checks that one value can cause, with each reference counted as what it leads to.
MOST_WEIGHT = 5_000
# References by other means than a path in the same text; `$id` would give the path another beginning.
FOREIGN = ("$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor", "$id", "$anchor")
# Keywords whose work grows faster than the value: left to the server, which knows its own values.
SLOW = frozenset({"pattern", "patternProperties", "uniqueItems"})
# Their values are data or names, no schemas.
PLAIN = frozenset({"enum", "const", "default", "examples", "required", "type", "description", "title"})
NAMED = frozenset({"properties", "$defs", "definitions", "dependentSchemas", "patternProperties"})


class BadSchema(Invalid):
    """A schema can't be used; `place` is the path in it, such as `/properties/query`."""

    code = "bad_schema"

    def __init__(self, sentence: str, *, place: str = "") -> None:
        super().__init__(sentence)
        self.place = place


def demand(schema: Mapping[str, Any]) -> None:
    """Raise BadSchema unless a schema is valid, refers to itself only by path, ends, and is small."""
    try:
        if len(rules.canonical(schema)) > MOST_CHARACTERS:
            raise BadSchema(f"the schema has more than {MOST_CHARACTERS} characters.")
        _Weighing(schema).of("", schema, 0)
    except RecursionError as error:
        raise BadSchema("it is nested too deep.") from error
    try:
        jsonschema.demand_schema(schema)
    except jsonschema.SchemaMismatch as error:
        raise BadSchema(error.sentence) from error


def harmless(schema: Any) -> Any:
    """Return a schema without the keywords whose work a value could make endless."""
    if isinstance(schema, list):
        return [harmless(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _inner(key, value) for key, value in schema.items() if key not in SLOW}


def _inner(key: str, value: Any) -> Any:
    if key in PLAIN:
        return value
    if key in NAMED and isinstance(value, dict):  # below these stand names, and a name may be any word
        return {name: harmless(each) for name, each in value.items()}
    return harmless(value)


class _Weighing:
    """Counts what checking one value costs; refuses what never ends."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.known: dict[str, int] = {}
        self.under_way: set[str] = set()

    def of(self, place: str, node: Any, depth: int) -> int:
        """Return the weight of a part. Raises BadSchema."""
        if depth > MOST_DEPTH:
            raise BadSchema(f"it is nested more than {MOST_DEPTH} deep.", place=place)
        if isinstance(node, list):
            return self._many(place, enumerate(node), depth)
        if not isinstance(node, Mapping):
            return 0
        total = 1
        for key, value in node.items():
            total += self._keyword(f"{place}/{key}", key, value, depth)
        if total > MOST_WEIGHT:
            raise BadSchema("checking a value against it would take too long.", place=place)
        return total

    def _many(self, place: str, parts: Any, depth: int) -> int:
        return sum(self.of(f"{place}/{name}", each, depth + 1) for name, each in parts)

    def _keyword(self, place: str, key: str, value: Any, depth: int) -> int:
        if key in FOREIGN:
            raise BadSchema(f"“{key}” is not taken: refer by a path that begins with #/.", place=place)
        if key == "$ref":
            return self._referred(place, value)
        if key in PLAIN:
            return 0
        if key in NAMED and isinstance(value, Mapping):
            return self._many(place, value.items(), depth)
        return self.of(place, value, depth + 1)

    def _referred(self, place: str, value: Any) -> int:
        if not isinstance(value, str) or not value.startswith("#/"):
            raise BadSchema(f"“$ref” leads to {str(value)[:80]}: only a path that begins with #/ is followed.",
                            place=place)  # fmt: skip
        if value in self.under_way:
            raise BadSchema("it refers to itself without end.", place=place)
        if value not in self.known:
            self.under_way.add(value)
            self.known[value] = self.of(value.removeprefix("#"), self._find(place, value), 0)
            self.under_way.discard(value)
        return self.known[value]

    def _find(self, place: str, path: str) -> Any:
        node: Any = self.root
        for part in path.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                raise BadSchema(f"“$ref” leads to {path[:80]}, where nothing is.", place=place)
            node = node[name]
        return node

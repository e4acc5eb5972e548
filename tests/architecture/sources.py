"""The house as source text: every module of a tree, parsed once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """A file of `apps` or `config`. `place` is its path below the root, such as "apps/research/rules.py"."""

    place: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder below apps that the module lives in."""
        parts = self.place.split("/")
        return parts[1] if parts[0] == "apps" and len(parts) > 2 else ""

    @property
    def is_migration(self) -> bool:
        """Whether it is a schema change."""
        return "/migrations/" in self.place


def parse(place: str, text: str) -> Module:
    """Make a module of a text, as if it stood at that place."""
    return Module(place, ast.parse(text))


@cache
def modules(top: str = "apps") -> tuple[Module, ...]:
    """Return every module below a folder of the project."""
    files = sorted((ROOT / top).rglob("*.py"))
    assert files, f"nothing to guard in {top}"
    return tuple(parse(path.relative_to(ROOT).as_posix(), path.read_text()) for path in files)


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """Yield every name that is imported anywhere in a module, dotted, with its line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a name or an attribute of one; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return ""


def words(name: str) -> list[str]:
    """Split a name of code into its words, in lower case and the singular.

    >>> words("EmbeddedServices"), words("_process_misc")
    (['embedded', 'service'], ['process', 'misc'])
    """
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [_singular(part.lower()) for part in parts]


def _singular(word: str) -> str:
    return word.removesuffix("es") if word.endswith("sses") else re.sub(r"(?<=[^si])s$", "", word)

"""Every setting of ours, and every variable of the environment that is read, stands in docs/settings.md."""

from __future__ import annotations

import ast
import re

import pytest
from django.conf import global_settings

from tests.architecture.sources import ROOT, Module, dotted, modules, parse

DOCUMENT = ROOT / "docs" / "settings.md"
# Settings of Django's neighbours: their own documentation says what they mean.
NEIGHBOURS = re.compile(
    r"ACCOUNT_|MFA_|SOCIALACCOUNT_|TENANT_|PUBLIC_SCHEMA_|WHITENOISE_|WAGTAIL|TAGGIT_|CONTENT_SECURITY_POLICY$"
)
# Set by somebody else for their own purpose.
FOREIGN = {"PATH", "NO_COLOR"}


def variables(module: Module) -> set[str]:
    """Return the variables of the environment that a module reads or gives a default."""
    found = set()
    for node in ast.walk(module.tree):
        names: list[ast.expr] = []
        if isinstance(node, ast.Call) and dotted(node.func) in {
            "os.environ.get", "os.environ.pop", "os.environ.setdefault", "os.getenv",
        }:  # fmt: skip
            names = node.args[:1]
        elif isinstance(node, ast.Subscript) and dotted(node.value) == "os.environ":
            names = [node.slice]
        found |= {name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)}
    return found - FOREIGN


def own_settings(module: Module) -> set[str]:
    """Return the settings that a settings module makes and Django does not know."""
    names = set()
    for node in module.tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name) and target.id.isupper()}
    return {name for name in names if not hasattr(global_settings, name) and not NEIGHBOURS.match(name)}


def documented(text: str) -> dict[str, str]:
    """Return name → sentence of every table row that begins with a name in code."""
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, flags=re.M)
    return {name: cells.split("|")[-1].strip() for name, cells in rows}


def known() -> set[str]:
    """Return every name that wants a sentence."""
    read = {name for top in ("apps", "config", "docker") for module in modules(top) for name in variables(module)}
    made = {name for module in modules("config/settings") for name in own_settings(module)}
    # Where a server's URL is read through a table, its name is in the table of config.embedded.
    return read | made | {"DATABASE_URL", "REDIS_URL"}


def test_every_setting_and_variable_has_its_sentence() -> None:
    there = documented(DOCUMENT.read_text())
    assert sorted(known() - set(there)) == []
    assert [name for name, sentence in there.items() if not re.fullmatch(r"[A-Z“`].{10,}\.", sentence)] == []


def test_the_document_names_nothing_that_is_gone() -> None:
    used = " ".join(
        path.read_text()
        for top in ("apps", "config", "docker")
        for path in (ROOT / top).rglob("*.*")
        if path.suffix in {".py", ".yaml", ".sh", ".html"}
    )
    assert [name for name in documented(DOCUMENT.read_text()) if not re.search(rf"\b{name}\b", used)] == []


@pytest.mark.parametrize(
    "text",
    [
        'os.environ.get("FOOTNOTE_NEW", "")',
        'x = os.environ["FOOTNOTE_NEW"]',
        'os.environ.setdefault("FOOTNOTE_NEW", "1")',
    ],
)
def test_a_new_variable_is_noticed(text: str) -> None:
    assert variables(parse("config/x.py", text)) == {"FOOTNOTE_NEW"}


def test_a_new_setting_is_noticed_and_djangos_own_is_not() -> None:
    text = "NEW_LIMIT = 3\nOTHER: int = 4\nDEBUG = True\nTENANT_MODEL = 'x'\nsmall = 1"
    assert own_settings(parse("config/settings/base.py", text)) == {"NEW_LIMIT", "OTHER"}
    assert documented("| `NEW_LIMIT` | 3 | How many there may be. |\n| other | x |") == {
        "NEW_LIMIT": "How many there may be."
    }

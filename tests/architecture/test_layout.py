"""Rooms and names: what the import contracts can't see because they only look at the first level."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, Module, modules, parse, words

# Any room may have these.
EVERYWHERE = frozenset(
    "actions actors admin apps forms management migrations models queries rules subscribers "
    "urls urls_public views".split()
)
# What else a room has: its core. A new name here is a decision, and stands in .importlinter too.
CORE = {
    "accounts": "adapters middleware permissions postgres requests schemas tenancy",
    "agenda": "middleware",
    "billing": "alerts catalogue entitlements overage stripe_events units usage",
    "blog": "blocks formats templatetags wagtail_hooks",
    "integrations": "contracts live offline providers",
    "lib": "blobs bundles clock drawing errors figures htmx http ids jsonschema lexicon lists ports sealing signing "
    "templatetags text",
    "library": "extraction tools",
    "memory": "grounding",
    "messaging": "cards mail",
    "monitors": "",
    "observability": "audit metrics middleware requests",
    "policy": "approvals budgets decisions gate guardrails identity registry statements usage",
    "research": "formats pages steps streams workflow",
    "runtime": "beat context dispatch engine lanes leases middleware outbox replay statements sweeper workflow",
}
# A drawer with such a name takes anything.
BANNED = frozenset("job process item data manager helper util utility handler misc service".split())
# Names that are not ours to choose, or that the design chose.
ALLOWED = {
    ("apps/accounts/middleware.py", "process_exception"): "Django's name for it",
    ("apps/observability/middleware.py", "process_response"): "Django's name for it",
    ("apps/runtime/middleware.py", "before_process_message"): "Dramatiq's name for it",
    ("apps/runtime/middleware.py", "after_process_message"): "Dramatiq's name for it",
    ("apps/blog/formats/richtext.py", "handle_data"): "the parser's name for it",
    ("apps/blog/models/panels.py", "get_context_data"): "Wagtail's name for it",
    ("apps/policy/gate/service.py", "service"): "the gate as a WSGI service: the design's name",
    ("apps/integrations/offline/counting.py", "count_data"): "counts the tokens of a reply's data",
}


def folders_without_init(top: Path) -> list[str]:
    """List the folders below `top` that hold a module but no `__init__.py`."""
    holding = {path.parent for path in top.rglob("*.py")}
    between = {folder for held in holding for folder in held.parents if top in folder.parents}
    return sorted(str(f.relative_to(top)) for f in holding | between if not (f / "__init__.py").exists())


def unknown_names(found: list[Module]) -> list[str]:
    """List the modules of rooms whose name is in neither table."""
    wrong = set()
    for module in found:
        room, name = module.room, module.place.split("/")[2].removesuffix(".py") if module.room else ""
        if room and name != "__init__" and name not in EVERYWHERE | set(CORE.get(room, "").split()):
            wrong.add(f"{room}.{name}")
    return sorted(wrong)


def banned_names(module: Module) -> list[str]:
    """List the names of a module's folders, classes and functions that hold a banned word."""
    names = [part.removesuffix(".py") for part in module.place.split("/")[1:]]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names += [node.name for node in ast.walk(module.tree) if isinstance(node, kinds)]
    return [
        f"{module.place}: {name}" for name in names if BANNED & set(words(name)) and (module.place, name) not in ALLOWED
    ]


def says_more_than_a_docstring(module: Module) -> bool:
    """Tell whether a module holds anything but one docstring."""
    body = module.tree.body
    return not (len(body) == 1 and isinstance(body[0], ast.Expr) and ast.get_docstring(module.tree))


def test_every_folder_of_a_room_is_a_package() -> None:
    assert folders_without_init(ROOT / "apps") == []


def test_a_folder_without_init_is_noticed_also_between_two_packages(tmp_path: Path) -> None:
    (tmp_path / "room" / "views" / "deep").mkdir(parents=True)
    (tmp_path / "room" / "__init__.py").touch()
    (tmp_path / "room" / "views" / "deep" / "__init__.py").touch()
    assert folders_without_init(tmp_path) == ["room/views"]
    (tmp_path / "room" / "tags").mkdir()
    (tmp_path / "room" / "tags" / "pages.py").touch()
    assert folders_without_init(tmp_path) == ["room/tags", "room/views"]


def test_a_rooms_own_init_is_a_docstring_only() -> None:
    rooms = [module for module in modules() if module.place.count("/") == 2 and module.place.endswith("__init__.py")]
    assert {module.room for module in rooms} == set(CORE)
    assert [module.place for module in rooms if says_more_than_a_docstring(module)] == []


@pytest.mark.parametrize("text", ["", "import os", '"""Says."""\nfrom apps.lib import ids', '"""Says."""\nx = 1'])
def test_an_init_that_says_more_or_nothing_is_noticed(text: str) -> None:
    assert says_more_than_a_docstring(parse("apps/lib/__init__.py", text))


def test_a_room_has_only_the_modules_of_its_table() -> None:
    assert unknown_names(list(modules())) == []
    stranger = [parse("apps/billing/engine.py", ""), parse("apps/garage/models.py", ""), parse("apps/lib/text.py", "")]
    assert unknown_names(stranger) == ["billing.engine"]
    assert {module.room for module in modules() if module.room} == set(CORE)


def test_no_name_is_a_drawer_for_anything() -> None:
    assert [wrong for module in modules() for wrong in banned_names(module)] == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("apps/lib/utils.py", ""),
        ("apps/lib/helpers/text.py", ""),
        ("apps/lib/text.py", "class RunManager: pass"),
        ("apps/lib/text.py", "def f():\n    def handle_items(): pass"),
        ("apps/lib/text.py", "async def process(): pass"),
        ("apps/lib/service.py", ""),
    ],
)
def test_a_banned_word_is_noticed_at_any_depth(place: str, text: str) -> None:
    assert len(banned_names(parse(place, text))) == 1

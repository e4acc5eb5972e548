"""How the rooms are put together: ports, tools, foreign keys, views, fragments, statements."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts import permissions, rules, tenancy
from apps.lib import clock, ports
from apps.lib.ports import Port
from apps.policy.gate import tools
from apps.policy.registry import catalogue
from apps.runtime import statements
from tests.architecture.sources import ROOT
from tests.conftest import Cast

# On a workspace's host these ask for no membership: they are how a person gets in, out, or to the first page.
OPEN = frozenset({"", "admin", "hand-off", "leave", "language"})


def unbound(declared: Iterable[Port]) -> list[str]:
    """List the ports with no binding, and plain ones with more than one."""
    return [port.name for port in declared if not port.bound or (len(port.bound) != 1 and not port.many)]


def test_every_port_is_bound_exactly_once() -> None:
    assert len(ports.declared()) >= 5
    assert unbound(ports.declared().values()) == []


def test_a_port_that_is_bound_twice_or_not_at_all_is_noticed() -> None:
    port = Port("x", many=False)
    assert unbound([port]) == ["x"]
    port.bind(len)
    assert unbound([port]) == []
    with pytest.raises(RuntimeError):
        port.bind(print)
    port.bound["again"] = print
    assert unbound([port]) == ["x"]


def test_the_tools_of_the_catalogue_are_those_that_are_bound() -> None:
    registered = catalogue.tools()
    builtin = {name for name, tool in registered.items() if tool.protocol == "builtin"}
    bound = {name.removeprefix("tool.") for name, port in ports.declared().items() if name.startswith("tool.")}
    assert builtin == bound == set(catalogue.builtin())
    declared = {name for name, tool in registered.items() if tool.declared}
    assert set(registered) - builtin - declared == set(tools.ADAPTERS) == set(tools.KIND)
    assert {tool.protocol for name, tool in registered.items() if name not in declared} == {"builtin", "adapter"}
    assert {tool.scope for tool in registered.values()} <= set(rules.SCOPES)


def floors() -> dict[str, int]:
    """Return room → its height, from the contract: a greater number may call a smaller one."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:rooms"]["layers"].split("\n")
    heights = [re.findall(r"\w+", line) for line in lines if line.strip()]
    return {room: len(heights) - index for index, line in enumerate(heights) for room in line}


def wrong_keys(found: Iterable[tuple[str, str, str]]) -> list[str]:
    """List the foreign keys, (name, from room, to room) each, that lead up or out of the shared tables."""
    height = floors()
    tenant = {name.removeprefix("apps.") for name in settings.TENANT_APPS}
    return [
        f"{name}: {source} → {target}"
        for name, source, target in found
        if (source not in tenant and target in tenant)
        or (source != target and {source, target} <= set(height) and height[source] <= height[target])
    ]


def keys() -> Iterator[tuple[str, str, str]]:
    """Yield every foreign key of our models."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey | models.ManyToManyField) and isinstance(field.related_model, type):
                name = f"{model._meta.label}.{field.name}"
                yield name, model._meta.app_label, field.related_model._meta.app_label


def test_no_foreign_key_leads_up_or_from_shared_to_tenant_tables() -> None:
    found = list(keys())
    assert len(found) > 10
    assert wrong_keys(found) == []


@pytest.mark.parametrize(
    "key",
    [("a", "agenda", "runtime"), ("a", "policy", "research"), ("a", "runtime", "memory"), ("a", "auth", "library"),
     ("a", "accounts", "billing")],
)  # fmt: skip
def test_a_foreign_key_that_leads_up_or_out_is_noticed(key: tuple[str, str, str]) -> None:
    assert wrong_keys([key])


@pytest.mark.parametrize(
    "key",
    [("a", "runtime", "runtime"), ("a", "research", "policy"), ("a", "accounts", "auth"), ("a", "admin", "accounts")],
)
def test_a_foreign_key_that_leads_down_is_left_alone(key: tuple[str, str, str]) -> None:
    assert wrong_keys([key]) == []


def patterns(found: Iterable[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, view) of every pattern."""
    for each in found:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, path)
        else:
            assert isinstance(each, URLPattern)
            yield path, each.callback


def unguarded(found: Iterable[tuple[str, Any]]) -> list[str]:
    """List the paths whose view asks for no right and is not open."""
    return [path for path, view in found if path not in OPEN and getattr(view, "requires", None) not in rules.MAY]


def test_every_view_of_a_workspace_host_is_guarded_or_open() -> None:
    found = list(patterns(get_resolver(settings.ROOT_URLCONF).url_patterns))
    assert len(found) > 15
    assert unguarded(found) == []
    assert {path for path, _view in found} >= OPEN, "the list of open paths names what is not there"


def test_a_view_without_a_right_is_noticed() -> None:
    guarded = permissions.require("read")(lambda request: request)
    assert unguarded([("new", lambda request: request), ("research", guarded), ("leave", lambda r: r)]) == ["new"]


def root_id(text: str) -> str:
    """Return the id of the first element of a template; empty where it has none."""
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", text, flags=re.S)
    found = re.match(r"\s*<\w+[^>]*?\sid=\"([\w-]+)\"", plain)
    return found[1] if found else ""


def test_a_fragments_root_carries_the_name_of_its_file() -> None:
    fragments = sorted((ROOT / "templates").rglob("_*.html"))
    assert len(fragments) > 5
    for path in fragments:
        assert root_id(path.read_text()) == path.stem.removeprefix("_").replace("_", "-"), path.name


@pytest.mark.parametrize("text", ["<div>", '<div><p id="x">', 'text <div id="x">', "", '{% if a %}\n<p class="x">'])
def test_a_fragment_without_an_id_on_its_root_is_noticed(text: str) -> None:
    assert root_id(text) == ""
    assert root_id('{# note #}{% load i18n %}\n<div class="a" id="run-list" role="status">') == "run-list"


def whole_statements() -> dict[str, str]:
    """Return the statements of the engine by name; parts that are put together stand in a table of their own."""
    found = {}
    for name, value in vars(statements).items():
        each = {f"{name}{key}": sql for key, sql in value.items()} if isinstance(value, dict) else {name: value}
        found |= {key: sql for key, sql in each.items() if name.isupper() and _is_whole(sql)}
    return found


def _is_whole(sql: Any) -> bool:
    return isinstance(sql, str) and "{" not in sql and sql.split()[0] in {"WITH", "SELECT", "UPDATE"}


STATEMENTS = whole_statements()
TIMES = {"now", "lease", "due"}


def plan(sql: str) -> None:
    """Let Postgres plan a statement against the tables that the models made; nothing is executed."""
    with connection.cursor() as cursor:
        names = set(re.findall(r"%\((\w+)\)s", sql))
        cursor.execute(f"EXPLAIN {sql}", dict.fromkeys(names) | dict.fromkeys(names & TIMES, clock.now()))


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_raw_statement_names_tables_and_columns_that_are_there(cast: Cast, name: str) -> None:
    with tenancy.in_workspace(cast.acme):
        plan(STATEMENTS[name])


def test_a_raw_statement_with_a_wrong_column_is_noticed(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme), pytest.raises(DatabaseError), transaction.atomic():
        plan(STATEMENTS["CLAIM"].replace("event_seq", "event_sequence"))


def test_raw_statements_touch_the_engines_own_tables_only() -> None:
    assert {"ADMIT", "CLAIM", "CANCEL"} <= set(STATEMENTS) and len(STATEMENTS) >= 9
    named = set(re.findall(r"(?:FROM|JOIN|INTO|UPDATE|USING)\s+((?:[a-z]+)_[a-z]+)\b", " ".join(STATEMENTS.values())))
    known = {model._meta.db_table for model in apps.get_models()}
    assert {table for table in named & known if not table.startswith(("runtime_", "agenda_"))} == set()
    assert named & known >= {"runtime_run", "runtime_task", "runtime_event", "agenda_due"}

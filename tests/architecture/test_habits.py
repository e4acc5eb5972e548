"""Habits that a bug would hide in: errors caught inside a transaction, threads without their workspace."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Module, dotted, modules, parse

DATABASE_ERRORS = frozenset(
    "BaseException Exception Error DatabaseError DataError IntegrityError InterfaceError InternalError "
    "OperationalError ProgrammingError".split()
)
# File and function that runs in a thread → why it needs no workspace.
WITHOUT_WORKSPACE = {
    ("apps/research/streams.py", "_tell"): "publishes on Redis and touches no database",
    ("apps/research/streams.py", "_render"): "renders a value that was read before; closes what it may have opened",
}
STARTS_THREADS = ("apps/runtime/leases.py", "apps/research/streams.py")
_STARTERS = {"Thread", "Timer", "ThreadPoolExecutor", "sync_to_async", "to_thread", "run_in_executor", "submit"}


def _is_atomic(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return isinstance(called, ast.expr) and dotted(called).split(".")[-1] == "atomic"


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the bodies that run inside a transaction."""
    for node in ast.walk(tree):
        if isinstance(node, ast.With | ast.AsyncWith) and any(_is_atomic(part.context_expr) for part in node.items):
            yield node.body
        if isinstance(node, ast.FunctionDef) and any(_is_atomic(mark) for mark in node.decorator_list):
            yield node.body


def _has_savepoint(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(line, ast.With) and any(_is_atomic(part.context_expr) for part in line.items) for line in body
    )


def _catches(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler swallows an error of the database: one that raises again lets the block roll back."""
    if isinstance(handler.body[-1], ast.Raise):
        return False
    if handler.type is None:
        return True
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(name).split(".")[-1] in DATABASE_ERRORS for name in named)


def caught_inside_atomic(module: Module) -> list[str]:
    """List the places that catch a database error inside a transaction, which is broken from then on."""
    return [
        f"{module.place}:{attempt.lineno}"
        for body in _blocks(module.tree)
        for line in body
        for attempt in ast.walk(line)
        if isinstance(attempt, ast.Try)
        and not _has_savepoint(attempt.body)
        and any(_catches(handler) for handler in attempt.handlers)
    ]


def _target(call: ast.Call) -> ast.expr | None:
    name = dotted(call.func).split(".")[-1]
    if named := [word.value for word in call.keywords if word.arg in {"target", "function"}]:
        return named[0]
    place = 1 if name in {"Timer", "run_in_executor"} else 0
    return call.args[place] if len(call.args) > place else None


def lost_threads(module: Module) -> list[str]:
    """List the threads that are started in a place of no table, or whose function hands no workspace on."""
    functions = {node.name: node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)}
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or dotted(node.func).split(".")[-1] not in _STARTERS:
            continue
        target = _target(node)
        name = dotted(target) if target is not None else ""
        if module.place not in STARTS_THREADS or name not in functions:
            found.append(f"{module.place}:{node.lineno}")
        elif (module.place, name) not in WITHOUT_WORKSPACE and not _knows_its_workspace(functions[name]):
            found.append(f"{module.place}:{node.lineno} {name}")
    return found


def _knows_its_workspace(function: ast.FunctionDef) -> bool:
    """Tell whether a function chooses a workspace, or asks a door of accounts, and gives its connection back."""
    called = {dotted(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return "tenancy.close" in called and bool(
        called & {"tenancy.in_workspace", "tenancy.as_platform", "sessions.member_of"}
    )


def test_no_database_error_is_caught_inside_a_transaction() -> None:
    assert [line for module in modules() for line in caught_inside_atomic(module)] == []


@pytest.mark.parametrize(
    "text",
    [
        "with transaction.atomic():\n    try:\n        save()\n    except IntegrityError:\n        pass",
        "with lock, transaction.atomic():\n    if x:\n        try:\n            save()\n        except:\n            0",
        "@transaction.atomic\ndef f():\n    try:\n        save()\n    except (KeyError, db.Error):\n        return 1",
        "with atomic():\n    try:\n        save()\n    except Exception as error:\n        log(error)",
    ],
)
def test_a_database_error_caught_inside_a_transaction_is_noticed(text: str) -> None:
    assert len(caught_inside_atomic(parse("apps/x/y.py", text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    with transaction.atomic():\n        save()\nexcept IntegrityError:\n    pass",
        "with transaction.atomic():\n    try:\n        with transaction.atomic():\n            save()\n"
        "    except IntegrityError:\n        pass",
        "with transaction.atomic():\n    try:\n        save()\n    except IntegrityError:\n        raise Taken",
        "with transaction.atomic():\n    try:\n        x['a']\n    except KeyError:\n        pass",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert caught_inside_atomic(parse("apps/x/y.py", text)) == []


def test_a_thread_is_started_in_listed_files_and_hands_its_workspace_on() -> None:
    assert [line for module in modules() for line in lost_threads(module)] == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("apps/library/actions/documents.py", "import threading\nthreading.Thread(target=print)"),
        ("apps/library/actions/documents.py", "ThreadPoolExecutor(4)"),
        ("apps/research/streams.py", "def look():\n    return Run.objects.count()\nsync_to_async(look)()"),
        (
            "apps/research/streams.py",
            "def look():\n    with tenancy.in_workspace(s):\n        pass\nasyncio.to_thread(look)",
        ),
        ("apps/research/streams.py", "sync_to_async(lambda: Run.objects.count())()"),
    ],
)
def test_a_thread_without_its_workspace_is_noticed(place: str, text: str) -> None:
    assert lost_threads(parse(place, text))

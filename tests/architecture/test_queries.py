"""What `queries` hand out: frozen values, never rows that could be changed, saved or queried on."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import inspect
import types
import typing
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model, QuerySet

from apps.accounts.models import User
from tests.architecture.sources import modules

PLAIN = (
    str, int, float, bool, bytes, type(None), uuid.UUID, datetime.datetime, datetime.date, datetime.timedelta,
)  # fmt: skip
# JSON of a step or a plan: its shape is the step's contract.
JSON = (dict[str, Any], Any)
WRAPPINGS = (tuple, list, dict, frozenset, typing.Union, types.UnionType)


def unfrozen(kind: Any) -> str | None:
    """Say which part of a type is no frozen value, or None."""
    if kind in JSON or kind in PLAIN:
        return None
    if typing.get_origin(kind) in WRAPPINGS:
        return next(filter(None, (unfrozen(part) for part in typing.get_args(kind) if part is not Ellipsis)), None)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind.__dataclass_params__.frozen:
        return next(filter(None, map(unfrozen, typing.get_type_hints(kind).values())), None)
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return next(filter(None, map(unfrozen, typing.get_type_hints(kind).values())), None)
    return getattr(kind, "__name__", str(kind))


def public_functions() -> dict[str, Callable[..., Any]]:
    """Return every public function of every `queries` module, by its dotted name."""
    found = {}
    for module in modules():
        if "queries" not in module.place.removesuffix(".py").split("/"):
            continue
        name = module.place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for own, value in vars(importlib.import_module(name)).items():
            if inspect.isgeneratorfunction(inspect.unwrap(value) if callable(value) else value):
                continue  # a context manager hands nothing out
            if inspect.isfunction(value) and value.__module__ == name and not own.startswith("_"):
                found[f"{name}.{own}"] = value
    return found


def test_queries_return_frozen_values_only() -> None:
    functions = public_functions()
    assert len(functions) > 40
    wrong = {name: unfrozen(typing.get_type_hints(each).get("return", "nothing")) for name, each in functions.items()}
    assert {name: why for name, why in wrong.items() if why} == {}


def test_a_function_of_queries_says_what_it_returns_in_full() -> None:
    missing = [name for name, each in public_functions().items() if "return" not in each.__annotations__]
    assert missing == []


@dataclasses.dataclass(frozen=True)
class Wrapped:
    user: User | None


@dataclasses.dataclass
class Loose:
    name: str


@pytest.mark.parametrize(
    "kind",
    [
        User,
        QuerySet,
        Model,
        list[User],
        dict[str, User],
        User | None,
        tuple[str, User],
        Wrapped,
        list[Wrapped],
        Loose,
        list,
        set[str],
    ],
)
def test_a_row_in_any_wrapping_is_noticed(kind: Any) -> None:
    assert unfrozen(kind)


@pytest.mark.parametrize(
    "kind", [str, int | None, dict[int, str], list[tuple[str, int]], frozenset[str], dict[str, Any]]
)
def test_plain_values_are_left_alone(kind: Any) -> None:
    assert unfrozen(kind) is None

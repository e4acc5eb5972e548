"""The table of addresses, and what a call to one of them holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import Refusal
from .forms import Form
from .periods import DISTANT
from .render import listing
from .store import Store, Thing


@dataclass
class Call:
    """A request that may come in: its parameters, and where it came to."""

    store: Store
    form: Form
    path: str
    version: str
    expand: tuple[str, ...] = ()


Route = Callable[..., Thing]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(method: str, path: str) -> Callable[[Route], Route]:
    """Return a decorator that puts a function at an address; `{name}` there is an id."""

    def put(function: Route) -> Route:
        ROUTES.append((method, re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path)), function))
        return function

    return put


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return what answers an address, and the ids in it. Raises Refusal where nothing does."""
    for verb, pattern, function in ROUTES:
        match = pattern.fullmatch(path)
        if match and verb == method:
            return function, match.groups()
    message = f"Unrecognized request URL ({method}: {path[:200]}). This test Stripe does not have it."
    raise Refusal(message, status=404)


def expose(kind: str, path: str, **filters: str) -> None:
    """Have a kind of object answered one by one and as a list. filters: parameter → member that has to equal it."""

    def retrieve(call: Call, key: str) -> Thing:
        return call.store.get(kind, key)

    def enumerate_all(call: Call) -> Thing:
        return page(call, choose(call, list(call.store.table(kind).values()), filters), kind)

    route("GET", path + "/{key}")(retrieve)
    route("GET", path)(enumerate_all)


def choose(call: Call, things: list[Thing], filters: dict[str, str]) -> list[Thing]:
    """Return the things that a list's parameters ask for."""
    for param, member in filters.items():
        if not call.form.has(param):
            continue
        wanted: Any = call.form.raw(param)
        if wanted in ("true", "false"):
            wanted = wanted == "true"
        if param == "status" and wanted == "all":
            continue
        allowed = wanted if isinstance(wanted, list) else [wanted]
        things = [thing for thing in things if thing.get(member) in allowed]
    if all("created" in thing for thing in things) and call.form.has("created"):
        things = [thing for thing in things if _within(call, thing["created"])]
    return things


def _within(call: Call, moment: int) -> bool:
    span = call.form.raw("created")
    if not isinstance(span, dict):
        return moment == call.form.number("created", 0, DISTANT)
    bounds = call.form.table("created")
    assert bounds is not None
    least, above = bounds.number("gte", 0, DISTANT), bounds.number("gt", 0, DISTANT)
    most, below = bounds.number("lte", 0, DISTANT), bounds.number("lt", 0, DISTANT)
    return (
        (least is None or moment >= least) and (above is None or moment > above)
        and (most is None or moment <= most) and (below is None or moment < below)
    )  # fmt: skip


def page(call: Call, things: list[Thing], noun: str, newest_first: bool = True) -> Thing:
    """Return a page of a list. Raises Refusal for a cursor that is not in it."""
    form = call.form
    limit = form.number("limit", 1, 100) or 10
    after, before = form.text("starting_after", 200), form.text("ending_before", 200)
    if after and before:
        raise Refusal("You may only specify one of these parameters: ending_before, starting_after.")
    things = list(reversed(things)) if newest_first else list(things)
    cursor = after or before
    if cursor:
        place = next((number for number, each in enumerate(things) if each["id"] == cursor), None)
        if place is None:
            param = "starting_after" if after else "ending_before"
            raise Refusal(f"No such {noun}: '{cursor[:80]}'", code="resource_missing", param=param)
        things = things[place + 1 :] if after else things[:place]
    cut = things[-limit:] if before else things[:limit]
    return listing(cut, call.path, len(things) > limit)

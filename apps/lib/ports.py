"""How a lower room asks an upper one: the lower room declares a port, the upper room binds it at ready()."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_declared: dict[str, Port] = {}


class Port:
    """A named hole in a lower room. Call it like a function once something is bound.

    A plain port has exactly one binding and returns its answer; a port with `many` has any number
    and returns their answers as a list.
    """

    def __init__(self, name: str, *, many: bool) -> None:
        self.name = name
        self.many = many
        self.bound: dict[str, Callable[..., Any]] = {}

    def bind(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Bind a function of an upper room. Raises RuntimeError when a plain port is bound twice."""
        key = f"{function.__module__}.{function.__qualname__}"
        if not self.many and self.bound and key not in self.bound:
            raise RuntimeError(f"port {self.name} is bound already, by {next(iter(self.bound))}")
        self.bound[key] = function
        return function

    def __call__(self, **arguments: Any) -> Any:
        """Call what is bound. Raises LookupError when a plain port has no binding."""
        if self.many:
            return [function(**arguments) for function in self.bound.values()]
        if not self.bound:
            raise LookupError(f"nothing is bound to port {self.name}")
        return next(iter(self.bound.values()))(**arguments)


def declare(name: str, *, many: bool = False) -> Port:
    """Declare a port; its name says the room and what is asked."""
    if name in _declared:
        raise RuntimeError(f"port {name} is declared already")
    _declared[name] = Port(name, many=many)
    return _declared[name]


def declared() -> dict[str, Port]:
    """Return all ports by name; the architecture tests check that each is bound."""
    return dict(_declared)

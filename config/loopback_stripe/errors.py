"""Refusals in the shape in which Stripe answers them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer other than 2xx. `keep`: what was written before it stays, as a failed charge does."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", keep: bool = False, **more: Any
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.kind, self.keep = message, status, kind, keep
        self.more = {name: value for name, value in more.items() if value is not None}

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return {"error": {"type": self.kind, "message": self.message, **self.more}}


def missing(noun: str, key: str, param: str = "id", status: int = 404) -> Refusal:
    """Return the refusal for an id that nobody knows; 404 in an address, 400 in a parameter."""
    return Refusal(f"No such {noun.replace('_', ' ')}: '{key}'", status=status, code="resource_missing", param=param)


def wrong(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    """Return the refusal for a parameter that cannot be taken."""
    return Refusal(message, param=param, code=code)


def declined(code: str, message: str, *, keep: bool = True, **more: Any) -> Refusal:
    """Return the refusal of a card, 402. `code`: Stripe's decline code."""
    name = "expired_card" if code == "expired_card" else "card_declined"
    return Refusal(message, status=402, kind="card_error", keep=keep, code=name, decline_code=code, **more)

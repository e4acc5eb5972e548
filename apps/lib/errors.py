"""The one error tree.

    ProductError                 what we expect to go wrong: code, a sentence for the user, HTTP status
    ├── NotFound                 404
    ├── Forbidden                403
    ├── Conflict                 409  somebody else was first, or the state does not allow it
    ├── Invalid                  422  bad input: what was wrong, what to do
    ├── Exhausted                402  credits or budget do not cover it
    └── Unavailable              503  a service we need does not answer

Rooms subclass these next to the code that raises them. Anything else is a bug: it is logged and raised again.
"""

from __future__ import annotations


class ProductError(Exception):
    """Raise with a sentence that says the fact first, then what to do."""

    code = "error"
    status = 500

    def __init__(self, sentence: str = "", **details: object) -> None:
        super().__init__(sentence or (self.__doc__ or self.code).strip().splitlines()[0])
        self.sentence = str(self)
        self.details = details


class NotFound(ProductError):
    """There is nothing here."""

    code = "not_found"
    status = 404


class Forbidden(ProductError):
    """You may not do this."""

    code = "forbidden"
    status = 403


class Conflict(ProductError):
    """This was changed or decided by somebody else first."""

    code = "conflict"
    status = 409


class Invalid(ProductError):
    """The input can't be used."""

    code = "invalid"
    status = 422


class Exhausted(ProductError):
    """The credits or the budget do not cover this."""

    code = "exhausted"
    status = 402


class Unavailable(ProductError):
    """A service that is needed does not answer."""

    code = "unavailable"
    status = 503

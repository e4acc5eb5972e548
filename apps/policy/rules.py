"""Pure: the call key, prices, the marks of a budget, and how freely an agent acts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.billing import rules as money

CALL_STATES = ("intent", "waiting", "done", "denied", "lost")
FROZEN = ("done", "denied", "lost")
# Per cent of a budget: from the first on calls go slowly, above the second only what was set aside before goes on.
SLOW_AT, STOP_AT = 75, 90
LEVELS = ("allow", "throttle", "block")
# The tools that bring what somebody else wrote into a run.
SOURCES = ("web_search", "web_fetch", "library_search", "library_read")
# From the least free to the freest.
AUTONOMY = ("suggest", "ask", "act")


def canonical(value: Any) -> str:
    """Write JSON so that equal values give equal text.

    >>> canonical({"b": 1, "a": [1.0, "ü"]})
    '{"a":[1.0,"ü"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any) -> str:
    """Hash a JSON value: sha256 of its canonical form, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def call_key(
    *, run: str, task: str, name: str, tool: str, arguments: Mapping[str, Any], version: str, agent_version: str,
    number: int,
) -> str:  # fmt: skip
    """Name a call so that the same call, made again after any crash, is recognised.

    number: the try. version: hash of the prompt. Everything that could change the answer is in it.
    """
    return digest([run, task, name, tool, digest(arguments), version, agent_version, number])


def token_cost(input_tokens: int, output_tokens: int, *, input_price: int, output_price: int) -> int:
    """Price tokens in micro-dollars, rounded up; prices are micro-dollars for a million tokens.

    >>> token_cost(1000, 500, input_price=250_000, output_price=2_000_000)
    1250
    >>> token_cost(1, 0, input_price=250_000, output_price=0)
    1
    """
    return -(-(input_tokens * input_price + output_tokens * output_price) // 1_000_000)


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens and micro-dollars, which are counted apart.

    >>> Amount(5, 7) + Amount(1, 1) - Amount(2, 9)
    Amount(tokens=4, micro_dollars=-1)
    >>> bool(Amount(0, 0)), Amount(3, -1).at_least_zero()
    (False, Amount(tokens=3, micro_dollars=0))
    """

    tokens: int = 0
    micro_dollars: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.micro_dollars + other.micro_dollars)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.micro_dollars - other.micro_dollars)

    def __bool__(self) -> bool:
        return bool(self.tokens or self.micro_dollars)

    def at_least_zero(self) -> Amount:
        """Return it with nothing below zero."""
        return Amount(max(0, self.tokens), max(0, self.micro_dollars))

    def where(self, other: Amount) -> Amount:
        """Return what it has of the kinds of which another has some.

        >>> Amount(5, 7).where(Amount(1, 0))
        Amount(tokens=5, micro_dollars=0)
        """
        return Amount(self.tokens if other.tokens else 0, self.micro_dollars if other.micro_dollars else 0)

    def fits(self, room: Amount) -> bool:
        """Tell whether there is room for all of it."""
        return self.tokens <= room.tokens and self.micro_dollars <= room.micro_dollars


def level(taken: int, limit: int | None) -> str:
    """Say what a budget of which so much is taken, reservations included, lets happen. None: no limit.

    >>> [level(taken, 100) for taken in (74, 75, 90, 91)], level(10**9, None)
    (['allow', 'throttle', 'throttle', 'block'], 'allow')
    """
    if limit is None or taken * 100 < SLOW_AT * limit:
        return "allow"
    return "throttle" if taken * 100 <= STOP_AT * limit else "block"


def worst(levels: Iterable[str]) -> str:
    """Return the strictest of several levels.

    >>> worst(["allow", "block", "throttle"]), worst([])
    ('block', 'allow')
    """
    return max(levels, key=LEVELS.index, default="allow")


def mark(taken: int, limit: int | None) -> int:
    """Return the highest mark, in per cent, that a budget has reached; 0 below the first. None: no limit.

    >>> [mark(taken, 200) for taken in (99, 100, 150, 180, 199, 500)], mark(10**9, None)
    ([0, 50, 75, 90, 90, 100], 0)
    """
    return 0 if limit is None else money.mark(taken, limit)


def period(day: date) -> str:
    """Name the month that a budget counts in.

    >>> period(date(2026, 11, 3))
    '2026-11'
    """
    return f"{day:%Y-%m}"


def next_month(day: date) -> date:
    """Return the day on which monthly budgets begin anew.

    >>> next_month(date(2026, 12, 31)), next_month(date(2027, 1, 1))
    (datetime.date(2027, 1, 1), datetime.date(2027, 2, 1))
    """
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def tokens_at_most(characters: int) -> int:
    """Bound the tokens of a text from above by its bytes: two bytes a token is less than any language we saw needs.

    >>> tokens_at_most(1001)
    501
    """
    return -(-characters // 2)


def is_freer(autonomy: str, than: str) -> bool:
    """Tell whether a level of autonomy is freer than another.

    >>> is_freer("act", "ask"), is_freer("suggest", "ask"), is_freer("ask", "ask")
    (True, False, False)
    """
    return AUTONOMY.index(autonomy) > AUTONOMY.index(than)

"""Pure: the call key, prices, and what a call may spend."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

CALL_STATES = ("intent", "waiting", "done", "denied", "lost")
FROZEN = ("done", "denied", "lost")


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

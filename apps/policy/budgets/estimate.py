"""What a call may use at most, before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from apps.policy import rules
from apps.policy.registry.catalogue import Tool
from apps.policy.rules import Amount

# What the gate asks of a model where a call names no other figure, and the most that a call may name.
OUTPUT_TOKENS, MOST_OUTPUT_TOKENS = 8_000, 64_000
# Around a prompt: roles, separators, the reply's form.
OVERHEAD_TOKENS = 200


def amount(tool: Tool | None, arguments: Mapping[str, Any], mode: str) -> Amount:
    """Return the most that a call can cost. Arguments may still be rubbish; an unknown tool costs nothing.

    mode: in mock mode tokens count as they do live, and dollars stay where they are.
    """
    if tool is None:
        return Amount()
    if tool.name not in {"model_complete", "model_embed"}:
        return Amount(0, tool.micro_dollars if mode == "live" else 0)
    given = rules.tokens_at_most(len(rules.canonical(arguments).encode("utf-8", "surrogatepass"))) + OVERHEAD_TOKENS
    out = _output(arguments) if tool.name == "model_complete" else 0
    prices = (settings.OPENAI_INPUT_PRICE, settings.OPENAI_OUTPUT_PRICE)
    if tool.name == "model_embed":
        prices = (settings.OPENAI_EMBEDDING_PRICE, 0)
    dollars = rules.token_cost(given, out, input_price=prices[0], output_price=prices[1]) if mode == "live" else 0
    return Amount(given + out, dollars)


def _output(arguments: Mapping[str, Any]) -> int:
    wanted = arguments.get("max_output_tokens", OUTPUT_TOKENS)
    known = isinstance(wanted, int) and not isinstance(wanted, bool)
    return min(max(wanted, 1), MOST_OUTPUT_TOKENS) if known else OUTPUT_TOKENS

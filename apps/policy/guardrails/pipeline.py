"""Run the guardrails that the rulebook names, in order. A guardrail is a signal; containment is what protects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Name → check: text in, a sentence out where it objects. The rulebook decides which run; the first release ships none.
CHECKS: dict[str, Callable[[str], str | None]] = {}


def objection(names: Sequence[str], text: str) -> tuple[str, str] | None:
    """Return the first guardrail that objects and its sentence, or None."""
    for name in names:
        if sentence := CHECKS[name](text):
            return name, sentence
    return None

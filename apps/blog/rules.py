"""Pure: how long a text takes to read."""

from __future__ import annotations

import re

WORDS_A_MINUTE = 220


def words(text: str) -> int:
    """Count the words of a text; tags of HTML are none.

    >>> words("<p>Two words</p>"), words("")
    (2, 0)
    """
    return len(re.sub(r"<[^>]+>", " ", text).split())


def minutes(count: int) -> int:
    """Return how many minutes a text of so many words takes to read, at least one.

    >>> minutes(0), minutes(220), minutes(221)
    (1, 1, 2)
    """
    return max(1, -(-count // WORDS_A_MINUTE))

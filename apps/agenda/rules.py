"""Pure: when a thing that could not be sent is tried again, and when it is given up."""

from __future__ import annotations

MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 30, 6 * 3600
# A sender that is silent for this long is presumed dead; the row may be sent by another.
LEASE_SECONDS = 90


def wait(tries: int) -> int:
    """Return the seconds until the next try, after `tries` failed ones.

    >>> [wait(n) for n in (1, 2, 3, 20)]
    [30, 60, 120, 21600]
    """
    return int(min(FIRST_WAIT * 2 ** min(tries - 1, 20), LONGEST_WAIT))


def gives_up(tries: int) -> bool:
    """Tell whether a row that failed `tries` times is left for a person.

    >>> gives_up(7), gives_up(8)
    (False, True)
    """
    return tries >= MOST_TRIES

"""Pure: what a run will cost, the accounts that credits move between, what is burned first, the price of overage.

Credits and micro-dollars are whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Credits by unit of work. policy/tools.yaml charges a call the same figure; a test holds them together.
PLAN, SEARCH, SOURCE, SUMMARY, SYNTHESIS, PUBLISH = 1, 1, 1, 2, 3, 1
# The most that a follow-up question costs: one answer from the sources that were read.
FOLLOW_UP = SUMMARY


@dataclass(frozen=True, slots=True)
class Band:
    """A cost in credits: low, likely, high. The hold is the high end."""

    low: int
    likely: int
    high: int


def estimate(*, sub_questions: int, queries: int, sources: int, kinds: int = 1) -> Band:
    """Estimate a run from the most it may do.

    sub_questions, queries, sources: caps; kinds: how many places each query asks (library, web).

    >>> estimate(sub_questions=3, queries=6, sources=10)
    Band(low=8, likely=22, high=27)
    """
    fixed = PLAN + SYNTHESIS + PUBLISH
    high = fixed + queries * kinds * SEARCH + sources * SOURCE + sub_questions * SUMMARY
    likely = fixed + -(-3 * (high - fixed) // 4)
    return Band(low=fixed + SEARCH + SUMMARY, likely=likely, high=high)


# Where credits come from, first burned first.
SOURCES = ("goodwill", "plan", "welcome", "refund", "topup")
# Each kind of movement: from which account to which. Nothing else moves credits, so the accounts add up to what was
# issued.
ACCOUNTS = {
    "grant": ("issued", "available"),
    "hold": ("available", "held"),
    "release": ("held", "available"),
    "charge": ("held", "spent"),
    "refund": ("spent", "available"),
    "expire": ("available", "expired"),
    "adjust": ("available", "issued"),
}
# A refund whose credits would be gone at once can be used for so long.
REFUND_LASTS = timedelta(days=30)
# What was bought is good for so long.
TOPUP_LASTS = timedelta(days=365)
_NEVER = datetime.max.replace(tzinfo=UTC)


def burn_order(source: str, expires_at: datetime | None, grant: int) -> tuple[int, datetime, int]:
    """Return where a grant stands in the order in which credits are used: by source, then expiry, then age."""
    return SOURCES.index(source), expires_at or _NEVER, grant


# Per cent of the credits of a month, or of a budget, at which people are told.
MARKS = (50, 75, 90, 100)


def mark(taken: int, most: int) -> int:
    """Return the highest mark, in per cent, that what is taken of so much has reached; 0 below the first.

    >>> [mark(taken, 200) for taken in (99, 100, 150, 179, 180, 199, 200, 500)], mark(0, 0)
    ([0, 50, 75, 75, 90, 90, 100, 100], 100)
    """
    return max((each for each in MARKS if taken * 100 >= each * most), default=0)


def overage(tokens: int, tiers: Sequence[tuple[int | None, int]]) -> int:
    """Return the price in micro-dollars of tokens beyond those included, each tier at its own rate.

    tiers: (up to how many tokens or None, micro-dollars for 1,000 tokens), ascending. Parts of a micro-dollar are added
    up over all tiers and rounded once, a half upwards. Raises ValueError for a negative number.

    >>> overage(500_001, ((500_000, 12_000), (2_000_000, 8_000), (None, 5_000)))
    6000008
    """
    if tokens < 0:
        raise ValueError("tokens can't be negative")
    thousandths = below = 0
    for until, rate in tiers:
        upper = tokens if until is None else min(tokens, until)
        thousandths += max(0, upper - below) * rate
        below = max(below, upper)
    return (thousandths + 500) // 1_000


Tiers = tuple[tuple[int | None, int], ...]


def tiers_of(words: str) -> Tiers:
    """Read tiers as they stand in the metadata of a Product; none where nothing readable stands there.

    >>> tiers_of("500000:12000 inf:5000"), tiers_of("much")
    (((500000, 12000), (None, 5000)), ())
    """
    pairs = [each.partition(":")[::2] for each in words.split()]
    if not all((until == "inf" or until.isdecimal()) and rate.isdecimal() for until, rate in pairs):
        return ()
    return tuple((None if until == "inf" else int(until), int(rate)) for until, rate in pairs)


def tiers_in_words(tiers: Sequence[tuple[int | None, int]]) -> str:
    """Write tiers as `tiers_of` reads them."""
    return " ".join(f"{'inf' if until is None else until}:{rate}" for until, rate in tiers)


# Stripe takes an event of usage for so long after it happened; an hour of it is left for sending.
METERED_FOR = timedelta(days=35) - timedelta(hours=1)
# For so long Stripe promises to know an event by its identifier; an hour of it is left for the request.
KNOWN_FOR = timedelta(hours=23)


def span(began_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """Return the whole minutes of a period: Stripe adds usage up by the minute, and a minute is in one period only.

    >>> noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    >>> [each.minute for each in span(noon + timedelta(seconds=1), noon + timedelta(seconds=190))]
    [1, 3]
    """
    minute = timedelta(minutes=1)
    first = began_at.replace(second=0, microsecond=0)
    return first + minute * (first < began_at), ends_at.replace(second=0, microsecond=0)


def dated(at: datetime, began_at: datetime, ends_at: datetime) -> datetime:
    """Return the moment of a report of usage: now, kept within the minutes of its period."""
    first, end = span(began_at, ends_at)
    return max(first, min(at, end - timedelta(seconds=1)))


def pause(tries: int) -> timedelta:
    """Return how long to wait after `tries` failed ones; never longer than an hour, for a report is worth money.

    >>> [int(pause(n).total_seconds()) for n in (1, 2, 3, 50)]
    [30, 60, 120, 3600]
    """
    return timedelta(seconds=min(30 * 2 ** min(tries - 1, 10), 3600))


# What a plan limits, each a whole number; they stand in the metadata of its Product.
LIMITS = ("credits", "seats", "monitors", "retention_days", "priority", "tokens")
# How a subscription stands: none (the free plan), and Stripe's own words as far as they differ for us.
STATES = ("none", "trialing", "active", "past_due", "unpaid")
# Stripe's status of a subscription → ours. What is incomplete or over is none.
STATUS = {"trialing": "trialing", "active": "active", "past_due": "past_due", "unpaid": "unpaid", "paused": "unpaid"}


def is_blocked(state: str, overdue_since: datetime | None, at: datetime, grace: timedelta) -> bool:
    """Tell whether an unpaid subscription stops a workspace at a moment: at once when given up, else after the grace.

    >>> noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    >>> is_blocked("past_due", noon, noon + timedelta(days=8), timedelta(days=7))
    True
    """
    if state == "unpaid":
        return True
    return state == "past_due" and overdue_since is not None and at >= overdue_since + grace

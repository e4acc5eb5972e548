"""Pure: what a run will cost, before it starts. Credits are whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

# Credits by unit of work. policy/tools.yaml charges a call the same figure; a test holds them together.
PLAN, SEARCH, SOURCE, SUMMARY, SYNTHESIS = 1, 1, 1, 2, 3
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
    Band(low=7, likely=21, high=26)
    """
    fixed = PLAN + SYNTHESIS
    high = fixed + queries * kinds * SEARCH + sources * SOURCE + sub_questions * SUMMARY
    likely = fixed + -(-3 * (high - fixed) // 4)
    return Band(low=fixed + SEARCH + SUMMARY, likely=likely, high=high)

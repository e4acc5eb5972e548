"""What tokens beyond those included cost: exact, monotone, and the sum of its tiers."""

from __future__ import annotations

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.billing import rules
from apps.billing.actions import selling

TIERS = [(until, rate) for until, rate in selling.read()["overage"]["tiers"]]
TOKENS = st.integers(0, 10**13)
RATES = st.lists(st.integers(1, 10**6), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("tokens", "micro_dollars"),
    [
        (0, 0), (1, 12), (499_999, 5_999_988), (500_000, 6_000_000), (500_001, 6_000_008), (2_000_000, 18_000_000),
        (2_000_001, 18_000_005), (10**12, 5_000_008_000_000),
    ],
)  # fmt: skip
def test_the_published_tiers_are_exact_to_the_micro_dollar(tokens: int, micro_dollars: int) -> None:
    assert rules.overage(tokens, TIERS) == micro_dollars


@given(one=TOKENS, other=TOKENS)
def test_more_tokens_never_cost_less(one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert rules.overage(less, TIERS) <= rules.overage(more, TIERS)


@given(tokens=TOKENS, rates=RATES, widths=st.lists(st.integers(1, 10**7), min_size=5, max_size=5))
def test_a_price_is_the_sum_of_its_tiers_rounded_once(tokens: int, rates: list[int], widths: list[int]) -> None:
    edges = [sum(widths[: number + 1]) for number in range(len(rates) - 1)]
    tiers = list(zip([*edges, None], rates, strict=True))
    exact, below = Fraction(0), 0
    for until, rate in tiers:
        upper = tokens if until is None else min(until, tokens)
        exact += Fraction(max(0, upper - below) * rate, 1_000)
        below = max(below, upper)
    assert rules.overage(tokens, tiers) == int(exact + Fraction(1, 2))


def test_a_negative_number_of_tokens_is_refused_and_the_examples_hold() -> None:
    with pytest.raises(ValueError, match="negative"):
        rules.overage(-1, TIERS)
    assert rules.tiers_of(rules.tiers_in_words(TIERS)) == tuple(TIERS)
    assert doctest.testmod(rules).failed == 0

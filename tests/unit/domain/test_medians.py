from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.medians import difference_of_medians, middle

values = st.lists(st.floats(-1e6, 1e6), max_size=60)


@pytest.mark.parametrize(
    ("count", "rank"),
    # Conover, Practical Nonparametric Statistics, table of 95 % intervals of the median: the ranks that bound it.
    [(6, 1), (8, 1), (9, 2), (10, 2), (12, 3), (15, 4), (20, 6), (25, 8), (50, 18), (100, 40)],
)
def test_the_interval_of_a_median_ends_at_the_known_ranks(count: int, rank: int) -> None:
    found = middle(range(1, count + 1))
    assert (found.low, found.high) == (rank, count + 1 - rank)


@pytest.mark.parametrize("count", range(6))
def test_with_fewer_than_six_values_there_is_no_interval(count: int) -> None:
    found = middle(range(count))
    assert (found.of, found.low, found.high) == (count, None, None)
    assert (found.median is None) == (count == 0)


def chance_of_missing(count: int, rank: int) -> float:
    """How often fewer than `rank` of so many values fall below the true median, or above it."""
    return float(2 * sum(comb(count, at) for at in range(rank)) / 2**count)


@given(count=st.integers(6, 400))
def test_the_interval_misses_as_rarely_as_it_says_and_a_narrower_one_would_not(count: int) -> None:
    low = middle(range(1, count + 1)).low
    assert low is not None
    rank = int(low)
    assert chance_of_missing(count, rank) <= 0.05
    assert chance_of_missing(count, rank + 1) > 0.05


@given(values=values)
def test_the_median_lies_within_its_interval_whatever_the_order(values: list[float]) -> None:
    found = middle(values)
    assert found == middle(values[::-1])
    if found.median is not None and found.low is not None and found.high is not None:
        assert found.low <= found.median <= found.high


@given(one=values, other=values)
def test_a_difference_turns_its_sign_when_both_change_places(one: list[float], other: list[float]) -> None:
    apart, turned = difference_of_medians(one, other), difference_of_medians(other, one)
    assert (apart is None) == (len(one) < 7 or len(other) < 7)
    if apart is not None and turned is not None:
        assert (apart[0], apart[1]) == (-turned[1], -turned[0])


def test_values_that_lie_far_apart_differ_and_such_that_lie_together_do_not() -> None:
    low, high = range(10), range(100, 110)
    assert difference_of_medians(high, low) == (100 + 1 - 8, 108 - 1)
    apart = difference_of_medians(low, low)
    assert apart is not None
    assert apart[0] < 0 < apart[1]

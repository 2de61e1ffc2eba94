from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from studio.domain.intervals import Count, difference, interval

COUNTS = some.integers(0, 500).flatmap(lambda of: some.integers(0, of).map(lambda hits: Count(hits, of)))


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Figures of the method's paper (Newcombe, 1998, table I).
    [(Count(81, 263), 0.2553, 0.3662), (Count(15, 148), 0.0624, 0.1605), (Count(0, 20), 0.0, 0.1611)],
)
def test_an_interval_is_as_published(count: Count, low: float, high: float) -> None:
    assert interval(count) == pytest.approx((low, high), abs=1e-4)


def test_a_difference_is_as_published() -> None:
    assert difference(Count(56, 70), Count(48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Figures of the method's paper (Newcombe, 1998, Interval estimation for the difference, table II, method 10).
    [
        (Count(9, 10), Count(3, 10), 0.1705, 0.8090),
        (Count(6, 7), Count(2, 7), 0.0582, 0.8062),
        (Count(5, 56), Count(0, 29), -0.0381, 0.1926),
        (Count(0, 10), Count(0, 20), -0.1611, 0.2775),
        (Count(0, 10), Count(0, 10), -0.2775, 0.2775),
        (Count(10, 10), Count(0, 20), 0.6791, 1.0),
        (Count(10, 10), Count(0, 10), 0.6075, 1.0),
    ],
)
def test_differences_of_small_counts_are_as_published(one: Count, other: Count, low: float, high: float) -> None:
    assert difference(one, other) == pytest.approx((low, high), abs=1e-4)


def test_nothing_tried_says_nothing() -> None:
    assert interval(Count(0, 0)) == (0.0, 1.0)


@given(one=COUNTS, other=COUNTS)
def test_what_was_seen_lies_within(one: Count, other: Count) -> None:
    low, high = interval(one)
    below, above = difference(one, other)

    assert 0 <= low <= one.share + 1e-9
    assert one.share - 1e-9 <= high <= 1
    assert -1 <= below <= one.share - other.share + 1e-9
    assert one.share - other.share - 1e-9 <= above <= 1

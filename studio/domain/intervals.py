"""Intervals: what a count of successes says about how often something succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""How many deviations hold 95 of 100 outcomes."""


@dataclass(frozen=True, slots=True)
class Count:
    """`hits` of `of` tries."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The part that hit; 0 without a try."""
        return self.hits / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.hits} of {self.of}"


def interval(count: Count) -> tuple[float, float]:
    """Between which shares the true one lies with 95 % (Wilson); without a try, anywhere."""
    if not count.of:
        return 0.0, 1.0
    n, p, square = count.of, count.share, _Z * _Z
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = _Z * sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(one: Count, other: Count) -> tuple[float, float]:
    """Between which figures the share of `one` less that of `other` lies with 95 % (Newcombe)."""
    (low, high), (other_low, other_high) = interval(one), interval(other)
    apart = one.share - other.share
    below = sqrt((one.share - low) ** 2 + (other_high - other.share) ** 2)
    above = sqrt((high - one.share) ** 2 + (other.share - other_low) ** 2)
    return max(-1.0, apart - below), min(1.0, apart + above)

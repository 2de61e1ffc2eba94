"""Medians: the middle of what was measured, and between what the true middle lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

_ALPHA = 0.05
"""How often an interval may miss the truth."""


@dataclass(frozen=True, slots=True)
class Middle:
    """The median of `of` values, None of none; `low` and `high` hold the true one, None where there are too few."""

    of: int
    median: float | None
    low: float | None
    high: float | None


def middle(values: Sequence[float], alpha: float = _ALPHA) -> Middle:
    """The median with its interval from the order statistics, which holds whatever the values are distributed like.

    The k-th smallest and the k-th largest value hold the true median unless fewer than k of n values fall on one side
    of it, which happens as often as fewer than k heads in n throws of a coin (Thompson 1936; Conover, Practical
    Nonparametric Statistics, 3.2). The largest k is taken for which that is rarer than `alpha`.
    """
    ordered, count = sorted(values), len(values)
    if not count:
        return Middle(0, None, None, None)
    rank = _rank(count, alpha)
    low, high = (ordered[rank - 1], ordered[count - rank]) if rank else (None, None)
    return Middle(count, float(median(ordered)), low, high)


def difference_of_medians(one: Sequence[float], other: Sequence[float]) -> tuple[float, float] | None:
    """Between which figures the median of `one` less that of `other` lies with 95 % at least; None of too few values.

    Each median misses its interval half as often as both together may (Bonferroni).
    """
    first, second = middle(one, _ALPHA / 2), middle(other, _ALPHA / 2)
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return None
    return first.low - second.high, first.high - second.low


def _rank(count: int, alpha: float) -> int:
    """The largest k for which fewer than k heads, or fewer than k tails, in so many throws are rarer than `alpha`."""
    # Whole numbers: neither side of the comparison may be rounded however many throws there are.
    most = int(alpha * 10**9) * 2**count
    rank = together = 0
    while rank < count // 2:
        together += comb(count, rank)
        if 2 * together * 10**9 > most:
            break
        rank += 1
    return rank

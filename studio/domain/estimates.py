"""Estimates: what a run will take, told from what runs of the same kind took; too few say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from studio.domain.money import NanoUsd

LEAST_RUNS = 5
"""With fewer runs than this, the next one is not told from them."""


@dataclass(frozen=True, slots=True)
class RunTook:
    """What one run took; its cost is None when a call of it has no known price. Seconds are those of its models.

    They are None for a run of other models, which tells nothing of how fast this one is.
    """

    steps: int
    seconds: float | None
    cost_nusd: NanoUsd | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What half of the runs stayed within, and what nine of ten did."""

    steps: int
    seconds: float | None
    cost_nusd: NanoUsd | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What so many runs took; without figures there were too few. A figure is None when some run has none.

    With `by_price` they were runs of any model, and the cost is what their tokens cost at the price of this one.
    """

    runs: int
    half: Figures | None = None
    most: Figures | None = None
    by_price: bool = False


def estimate(took: Sequence[RunTook]) -> Estimate:
    """What the next run will take, if it is like these."""
    if len(took) < LEAST_RUNS:
        return Estimate(len(took))
    return Estimate(len(took), _within(took, 0.5), _within(took, 0.9))


def _within(took: Sequence[RunTook], part: float) -> Figures:
    at = ceil(len(took) * part) - 1
    costs = [each.cost_nusd for each in took if each.cost_nusd is not None]
    seconds = [each.seconds for each in took if each.seconds is not None]
    return Figures(
        sorted(each.steps for each in took)[at],
        sorted(seconds)[at] if len(seconds) == len(took) else None,
        sorted(costs)[at] if len(costs) == len(took) else None,
    )

"""Limits of a turn: steps, time, cost."""

from __future__ import annotations

from datetime import datetime

from studio.agents.history import History
from studio.domain.errors import LimitReached
from studio.domain.money import NanoUsd, show
from studio.domain.roles import Limits


def check(limits: Limits, history: History, now: datetime) -> None:
    """Raises LimitReached, worded for the person, when the turn may not take another step.

    Time counts from the turn's first start, also over a restart of Studio.
    """
    if limits.steps is not None and history.steps >= limits.steps:
        raise LimitReached(
            f"The turn used all of its {limits.steps} steps.", "Send another message to go on, or allow more steps."
        )
    began = history.turn_began
    if limits.seconds is not None and began is not None and (now - began.time).total_seconds() >= limits.seconds:
        raise LimitReached(
            f"The turn used all of its {limits.seconds:g} seconds.",
            "Send another message to go on, or allow more time.",
        )
    if limits.cost_nusd is None:
        return
    budget = show(NanoUsd(limits.cost_nusd))
    if history.cost_nusd is None:
        raise LimitReached(
            f"The model has no known price, so the budget of {budget} cannot be kept.",
            "Choose a model with a known price, or leave out the budget.",
        )
    if history.cost_nusd >= limits.cost_nusd:
        raise LimitReached(f"The turn used up its budget of {budget}.", "Send another message to go on, or allow more.")

"""Limits: how many steps, how much time and money agents may take for one message of a person."""

from __future__ import annotations

import math
from datetime import datetime

from studio.agents.history import History
from studio.domain.errors import LimitReached
from studio.domain.money import NanoUsd, show
from studio.domain.roles import Limits


def check(limits: Limits, history: History, now: datetime) -> None:
    """Raises LimitReached, worded for the person, when the turn may not take another step.

    What was spent counts from the person's newest message on: a decision goes on with what is left.
    """
    spent = history.since_message
    if limits.steps is not None and spent.steps >= limits.steps:
        raise LimitReached(
            f"The agent used all of its {limits.steps} steps for this message.",
            "Send another message to go on, or allow more steps.",
        )
    if seconds_left(limits, history, now) <= 0:
        raise LimitReached(
            f"The agent used all of its {limits.seconds:g} seconds for this message.",
            "Send another message to go on, or allow more time.",
        )
    if limits.cost_nusd is None:
        return
    budget = show(NanoUsd(limits.cost_nusd))
    if spent.cost_nusd is None:
        raise LimitReached(
            f"The model has no known price, so the budget of {budget} cannot be kept.",
            "Choose a model with a known price, or leave out the budget.",
        )
    if spent.cost_nusd >= limits.cost_nusd:
        raise LimitReached(
            f"The agent used up its budget of {budget} for this message.",
            "Send another message to go on, or allow more.",
        )


def seconds_left(limits: Limits, history: History, now: datetime) -> float:
    """How long the agent may still work for this message; without end when there is no limit on time."""
    return math.inf if limits.seconds is None else limits.seconds - history.seconds_worked(now)


def nusd_left(limits: Limits, history: History) -> NanoUsd | None:
    """What may still be paid for this message; None when there is no limit on cost."""
    if limits.cost_nusd is None:
        return None
    return NanoUsd(limits.cost_nusd - (history.since_message.cost_nusd or 0))

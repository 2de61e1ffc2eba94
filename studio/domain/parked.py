"""Parked: what is said of a turn that goes on later."""

from __future__ import annotations

from datetime import datetime

from studio.domain.clock import from_text
from studio.domain.errors import ProviderFault
from studio.domain.events import TurnEnded
from studio.domain.runs import Outcome

CONTAINER_ENGINE = "container_engine"
"""The `fault` of a turn that is parked until there is a container engine; any other is a ProviderFault."""


def counts_as(ended: TurnEnded) -> Outcome:
    """The outcome of a turn for whoever does not wait: one that is parked met a budget, or failed."""
    if ended.outcome is not Outcome.PARKED:
        return ended.outcome
    return Outcome.LIMIT if ended.fault == ProviderFault.OVER_BUDGET else Outcome.FAILED


def moment_of(ended: TurnEnded) -> datetime | None:
    """When the run of a turn that is parked goes on; None for any other turn."""
    return from_text(ended.parked_until) if ended.parked_until else None


def parked(ended: TurnEnded, now: datetime) -> str:
    """What is said of a turn that is parked: until when, and why."""
    if ended.fault == CONTAINER_ENGINE:
        return f"Parked until the container engine is back: {ended.reason}"
    moment = moment_of(ended)
    return f"Parked {until_words(moment, now)}: {ended.reason}" if moment is not None else ended.reason


def next_action(ended: TurnEnded) -> str:
    """What a person may do about what it is parked for; empty where they can only wait.

    The last line of what there is to do is about the waiting itself.
    """
    action, _line, waiting = ended.action.rpartition("\n")
    return action if waiting else ""


def until_words(moment: datetime, now: datetime) -> str:
    """The moment in the person's own time: `until 14:05`, with the day where that is another one."""
    there, here = moment.astimezone(), now.astimezone()
    if there.date() == here.date():
        return f"until {there:%H:%M:%S}" if (moment - now).total_seconds() < 120 else f"until {there:%H:%M}"
    return f"until {there:%Y-%m-%d %H:%M}"

"""Difficulty: how hard what a run is asked for is thought to be, by what its log says."""

from __future__ import annotations

import re

from studio.agents.history import History
from studio.domain.difficulty import Difficulty
from studio.domain.tasks import Task

MANY_POINTS = 12
"""So many points of a list in one message are more than one piece of work."""

_POINT = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")


def difficulty_of(history: History, task: Task | None = None) -> tuple[Difficulty, str]:
    """How hard it is thought to be, and why, as the end of a sentence; the usual needs no reason.

    What was said of the `task` that the run is for counts more than how long the list of what is asked for is.

    It holds until a person's next message, so that an agent does not change its model to and fro.
    """
    if history.nudged:
        return Difficulty.HARD, "the agent went in circles"
    if task is not None and task.difficulty is not Difficulty.USUAL:
        return task.difficulty, f"its task is said to be {task.difficulty}"
    if task is not None and len(task.checks) >= MANY_POINTS:
        return Difficulty.HARD, f"its task has {len(task.checks)} checks"
    asked = next((said.message.text for said in reversed(history.said) if said.by_person), "")
    if (points := _points(asked)) >= MANY_POINTS:
        return Difficulty.HARD, f"the message asks for {points} points"
    return Difficulty.USUAL, ""


def _points(text: str) -> int:
    """How many points of lists stand in a text; what is quoted in a block of code is none."""
    points, fenced = 0, False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and _POINT.match(line):
            points += 1
    return points

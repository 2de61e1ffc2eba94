"""Forking: a new run that goes on from a turn of another, with files of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from studio.agents.journal import Journal
from studio.domain.events import Recorded, RunForked, RunStarted
from studio.domain.ids import RunId
from studio.domain.models import ModelRef
from studio.domain.points import Point
from studio.domain.runs import Run, RunState, branch_name
from studio.events.recorder import Unit

TITLE_CHARACTERS = 80


def fork_of(source: Run, run: RunId, point: Point, model: ModelRef | None, now: datetime) -> Run:
    """The run that goes on from `point` of another: same role, base and limits, a branch and files of its own."""
    title = source.title.removesuffix(" (fork)")[: TITLE_CHARACTERS - 7] + " (fork)"
    return replace(
        source,
        id=run,
        title=title,
        model=model or source.model,
        branch=branch_name(run, source.title),
        head=point.commit,
        created=now,
        state=RunState.IDLE,
        turn=None,
        outcome=None,
    )


async def start_fork(
    unit: Unit, journal: Journal, source: Run, log: Sequence[Recorded], run: Run, point: Point
) -> None:
    """Saves the new run within the caller's unit; `log` is the source's, which the new run's begins with."""
    began = next(item.event for item in reversed(log) if isinstance(item.event, RunStarted))
    await journal.start_run(unit, run, began.role_title, began.begins_at, began.takes_over)
    unit.record(RunForked(source.id, point.at, point.turn, point.number, point.before))

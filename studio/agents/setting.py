"""Setting: what a person sets a run to with a message is a fact of its log."""

from __future__ import annotations

from studio.domain.events import RunSet
from studio.domain.runs import Run
from studio.events.recorder import Unit


def note_setting(unit: Unit, before: Run, run: Run) -> None:
    """Records within the caller's unit what `run` is set to, if that is not what it was set to before."""
    if _set(before) != _set(run):
        unit.record(_set(run))


def _set(run: Run) -> RunSet:
    return RunSet(
        model=str(run.model),
        approval=run.approval.value,
        fallbacks=tuple(map(str, run.fallbacks)),
        max_steps=run.limits.steps,
        max_seconds=run.limits.seconds,
        max_cost_nusd=run.limits.cost_nusd,
    )

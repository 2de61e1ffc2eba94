"""Run rows: what the strip of agents knows of each run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from studio.domain.events import (
    BranchMerged,
    ChatRestored,
    Event,
    FilesRestored,
    RunDiscarded,
    RunSet,
    RunStarted,
    TurnEnded,
    TurnResumed,
    TurnStarted,
)
from studio.domain.ids import RunId
from studio.domain.parked import moment_of
from studio.domain.runs import LATER, Outcome, Run, RunState, state_after
from studio.domain.tools import ApprovalMode


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the strip shows it; `role_title` is empty where only the role's name is known yet.

    `until` is when one that is parked goes on, `waits_for` the fault that it is parked for, where an event told that.
    """

    id: RunId
    title: str
    role: str
    model: str
    approval: ApprovalMode
    state: RunState
    outcome: Outcome | None = None
    role_title: str = ""
    until: datetime | None = None
    waits_for: str = ""


def from_run(run: Run) -> RunRow:
    """The row of a saved run."""
    row = RunRow(run.id, run.title, run.role, str(run.model), run.approval, run.state, run.outcome)
    return replace(row, until=run.parked_until)


def from_start(run: RunId, event: RunStarted) -> RunRow:
    """The row of a run that was just made."""
    approval = ApprovalMode(event.approval)
    return RunRow(run, event.title, event.role, event.model, approval, RunState.IDLE, role_title=event.role_title)


def titled(row: RunRow, titles: Mapping[str, str]) -> RunRow:
    """The row with its role's title from `titles` by name, where it has none of its own."""
    return row if row.role_title else replace(row, role_title=titles.get(row.role, ""))


def after(row: RunRow, event: Event) -> RunRow:
    """The row once `event` has happened to its run."""
    match event:
        case TurnStarted() | TurnResumed():
            return replace(row, state=RunState.WORKING, outcome=None)
        case TurnEnded():
            ended = replace(row, state=state_after(event.outcome), outcome=event.outcome)
            return replace(ended, until=moment_of(event), waits_for=event.fault)
        case FilesRestored():
            return replace(row, state=row.state if row.state is RunState.WORKING else RunState.IDLE)
        case ChatRestored():
            state = RunState.IDLE if row.state in LATER else row.state
            return replace(row, state=state, outcome=None)
        case BranchMerged():
            return replace(row, state=RunState.MERGED)
        case RunSet():
            return replace(row, model=event.model, approval=ApprovalMode(event.approval))
        case RunDiscarded():
            return replace(row, state=RunState.DISCARDED)
        case _:
            return row

"""A run and the states it goes through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from studio.domain.briefs import NO_PURPOSE, Purpose
from studio.domain.errors import UserError
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.roles import Limits
from studio.domain.tools import ApprovalMode


class Outcome(StrEnum):
    """Why a turn ended."""

    REPLIED = "replied"
    WAITING = "waiting"
    HANDED_OFF = "handed_off"
    LIMIT = "limit"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    PARKED = "parked"  # no model can be asked now, or nothing run; it goes on by itself

    @property
    def words(self) -> str:
        """As people read it."""
        return self.value.replace("_", " ")


class RunState(StrEnum):
    """Where a run stands between turns."""

    IDLE = "idle"  # no turn is going on; a message starts one
    WORKING = "working"  # a turn is going on, in this process or waiting to be taken up
    WAITING = "waiting"  # a checkpoint must be decided first
    PARKED = "parked"  # no model can be asked, or nothing run; it goes on by itself later
    MERGED = "merged"
    DISCARDED = "discarded"


STOPPABLE = (RunState.WORKING, RunState.WAITING, RunState.PARKED)
"""Where a stop means something: what goes on is cut short, what would go on does not."""

LATER = (RunState.WAITING, RunState.PARKED)
"""Where a turn is over and the run goes on with it later; a message or a step back takes the place of that."""

NEXT_STATES: dict[RunState, frozenset[RunState]] = {
    RunState.IDLE: frozenset({RunState.WORKING, RunState.MERGED, RunState.DISCARDED}),
    RunState.WORKING: frozenset({RunState.IDLE, RunState.WAITING, RunState.PARKED}),
    RunState.WAITING: frozenset({RunState.WORKING, RunState.IDLE, RunState.DISCARDED}),
    RunState.PARKED: frozenset({RunState.WORKING, RunState.IDLE, RunState.DISCARDED}),
    RunState.MERGED: frozenset({RunState.WORKING, RunState.IDLE, RunState.MERGED, RunState.DISCARDED}),
    RunState.DISCARDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One agent's engagement with one chat: its branch, its model and where it stands.

    `base_commit` is where the branch starts; `head` the newest snapshot, equal to the base until files
    change, unless the run goes on with what another one did. `fallbacks` are tried in order when `model` cannot answer.
    `purpose` is what it is for: the budgets of that task and brief pay its calls.
    `parked_until` is when a parked run goes on; in any other state it says nothing.
    """

    id: RunId
    project: ProjectId
    role: str
    title: str
    model: ModelRef
    base_branch: str
    base_commit: str
    branch: str
    head: str
    created: datetime
    approval: ApprovalMode = ApprovalMode.ASK
    limits: Limits = field(default_factory=Limits)
    fallbacks: tuple[ModelRef, ...] = ()
    state: RunState = RunState.IDLE
    turn: TurnId | None = None
    outcome: Outcome | None = None
    purpose: Purpose = NO_PURPOSE
    parked_until: datetime | None = None


def state_after(outcome: Outcome) -> RunState:
    """Where a run stands once a turn of it has ended so."""
    return {Outcome.WAITING: RunState.WAITING, Outcome.PARKED: RunState.PARKED}.get(outcome, RunState.IDLE)


def require_next(run: Run, wanted: RunState) -> None:
    """Raises UserError, worded for the person, when `run` cannot go to `wanted` from where it stands."""
    if wanted in NEXT_STATES[run.state]:
        return
    match run.state:
        case RunState.WORKING:
            raise UserError(
                f"Run {run.id} is working right now.", f"Wait for it to end, or stop it: studio runs cancel {run.id}"
            )
        case RunState.DISCARDED:
            raise UserError(f"Run {run.id} was discarded.", "Start a new run with your message.")
        case RunState.WAITING:
            raise UserError(f"Run {run.id} waits for your decision.", "See what it asks: studio checkpoints")
        case RunState.PARKED:
            raise UserError(
                f"Run {run.id} is parked and goes on by itself.", f"Stop it first: studio runs cancel {run.id}"
            )
        case RunState.IDLE | RunState.MERGED:
            raise UserError(f"Run {run.id} is {run.state.value} and cannot become {wanted.value}.")


def require_addressable(run: Run) -> None:
    """Raises UserError when a message to `run` would have to wait, and says how it can."""
    if run.state is RunState.WORKING:
        raise UserError(
            f"Run {run.id} is working right now.",
            "Add --queue to send it once the agent has stopped, or --interrupt to stop the agent and send it now.",
        )


def branch_name(run: RunId, message: str) -> str:
    """`studio/<run>-<slug>`: the slug is made of the message's first words, ASCII, at most 40 characters."""
    words = re.findall(r"[a-z0-9]+", message.lower())
    slug = "-".join(words[:6])[:40].strip("-")
    return f"studio/{run}-{slug}" if slug else f"studio/{run}"

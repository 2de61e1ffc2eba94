"""Outcomes: what became of a run, as its log tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.events import BranchMerged, HandedOff, Recorded, RunDiscarded, TurnEnded, TurnStarted
from studio.domain.runs import Outcome

KINDS = (TurnStarted.kind, TurnEnded.kind, HandedOff.kind, BranchMerged.kind, RunDiscarded.kind)
"""All that an outcome is made of."""

CHECKS = "checks"
"""The field of a result in which a role tells what it ran to prove its work."""


_UNFINISHED = (Outcome.WAITING, Outcome.PARKED)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of a run, over all of its turns.

    `finished`: no turn goes on and nothing is asked. `ended_well`: its last turn ended with all that was owed.
    `told_checks`: it handed over what it ran to prove its work. `merged` is None while a person has not decided.
    `seconds` leaves out what it waited for people; `cost_nusd` is None where a price is not known.
    """

    finished: bool
    ended_well: bool = False
    handed_over: bool = False
    told_checks: bool = False
    merged: bool | None = None
    steps: int = 0
    seconds: float = 0.0
    cost_nusd: int | None = 0


def outcome_of(log: Sequence[Recorded]) -> RunOutcome:
    """The outcome of the run with this log, of which events of other kinds may be left out."""
    began: Recorded | None = None
    last: TurnEnded | None = None
    handed = checks = False
    merged: bool | None = None
    seconds = 0.0
    ends: dict[str, TurnEnded] = {}
    for recorded in log:
        match recorded.event:
            case TurnStarted():
                began = recorded
            case TurnEnded() as last:
                seconds += (recorded.time - began.time).total_seconds() if began else 0.0
                # One that waited, or was parked, ends again when it is stopped, and tells the same figures again.
                ends[last.turn] = last
                began = None
            case HandedOff() as result:
                handed, checks = True, checks or bool(result.result.get(CHECKS))
            case BranchMerged():
                merged = True
            case RunDiscarded() if merged is None:
                merged = False
    finished = last is not None and began is None and last.outcome not in _UNFINISHED
    well = last is not None and (
        last.outcome is Outcome.HANDED_OFF or (last.outcome is Outcome.REPLIED and not last.reason)
    )
    steps = sum(end.steps for end in ends.values())
    known = [end.cost_nusd for end in ends.values() if end.cost_nusd is not None]
    whole = sum(known) if len(known) == len(ends) else None
    return RunOutcome(finished, well, handed, checks, merged, steps, seconds, whole)

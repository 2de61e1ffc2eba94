"""Points of a run that one can go back to, and what of its log such a going back took out of the chat."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.domain.errors import NotFound, UserError
from studio.domain.events import (
    ChatRestored,
    FilesRestored,
    MessagePosted,
    Recorded,
    RunRoused,
    RunStarted,
    SnapshotTaken,
    TurnEnded,
    TurnStarted,
)
from studio.domain.messages import Speaker


@dataclass(frozen=True, slots=True)
class TurnPoint:
    """One turn of a run, counted from 1, with the point before it and the point after it.

    A point is the number of the newest event that belongs to it (`ends_at` is 0 while the turn goes on), and the
    commit that the run's branch stood on then. `message` is what began the turn; empty when a decision did, or what
    failed in the app.
    """

    number: int
    turn: str
    begins_after: int
    commit_before: str
    message: str = ""
    ends_at: int = 0
    commit_after: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after one turn: event `at` is the newest that belongs to it, `commit` is what the files were then."""

    number: int
    turn: str
    before: bool
    at: int
    commit: str

    @property
    def words(self) -> str:
        """The point as a sentence names it."""
        return where(self.number, before=self.before)


def where(number: int, *, before: bool) -> str:
    """The point at a turn, as a sentence names it."""
    return f"{'before' if before else 'after'} turn {number}"


def left_out(log: Sequence[Recorded]) -> frozenset[int]:
    """The numbers of the events that are not in the chat any more; `log` is everything of one run, in order.

    Each restore makes the chat as it was right after one event, so the log is a tree of which the chat is the
    branch that ends in the newest event: to take back a restore is one more restore.
    """
    if not any(isinstance(recorded.event, ChatRestored) for recorded in log):
        return frozenset()
    numbers = [recorded.seq for recorded in log]
    left = set(numbers)
    at = len(log) - 1
    while at >= 0:
        left.discard(numbers[at])
        event = log[at].event
        at = bisect_right(numbers, event.until, 0, at) - 1 if isinstance(event, ChatRestored) else at - 1
    return frozenset(left)


def turn_points(log: Sequence[Recorded]) -> tuple[TurnPoint, ...]:
    """Every turn in a run's log, oldest first, those out of the chat too."""
    points: list[TurnPoint] = []
    commit, newest = "", 0
    opened, opened_after, said = "", 0, ""
    for recorded in log:
        match recorded.event:
            case RunStarted(first_commit=first) if not commit:
                commit = first
            case MessagePosted(speaker=Speaker.HUMAN) as message:
                opened, opened_after, said = message.turn, newest, message.text
            case RunRoused(turn=roused):
                opened, opened_after, said = roused, newest, ""
            case TurnStarted(turn=turn):
                # What begins a turn is saved together with its start: the point before lies before both.
                began, text = (opened_after, said) if opened == turn else (newest, "")
                points.append(TurnPoint(len(points) + 1, turn, began, commit, text))
            case SnapshotTaken(commit=taken) | FilesRestored(commit=taken):
                commit = taken
            case TurnEnded(turn=turn) if points and points[-1].turn == turn:
                points[-1] = replace(points[-1], ends_at=recorded.seq, commit_after=commit)
            case _:
                pass
        newest = recorded.seq
    return tuple(points)


def begins(log: Sequence[Recorded]) -> dict[int, int]:
    """The number of each turn in a run's log, by the number of the event that it begins with."""
    numbers = [recorded.seq for recorded in log]
    return {numbers[bisect_right(numbers, turn.begins_after)]: turn.number for turn in turn_points(log)}


def point_of(log: Sequence[Recorded], name: str | None, *, before: bool) -> Point:
    """The point before or after the turn with this number or id, by default the newest that has ended.

    Raises NotFound, UserError for a turn that goes on.
    """
    turns = turn_points(log)
    wanted = [turn for turn in turns if (turn.ends_at if name is None else name in (str(turn.number), turn.turn))]
    if not wanted:
        have = {0: "no turn yet", 1: "one turn only"}.get(len(turns), f"turns 1 to {len(turns)}")
        named = f"turn {name}" if name is not None else "turn that has ended"
        raise NotFound(f"There is no {named}: the run has {have}.", "See where each begins: studio runs log RUN --all")
    turn = wanted[-1]
    number = turn.number
    if before:
        return Point(number, turn.turn, True, turn.begins_after, turn.commit_before)
    if not turn.ends_at:
        raise UserError(f"Turn {number} has not ended yet.", "Wait for it to end, or stop it: studio runs cancel RUN")
    return Point(number, turn.turn, False, turn.ends_at, turn.commit_after)

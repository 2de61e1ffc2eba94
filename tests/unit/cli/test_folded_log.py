"""The log of a run is told turn by turn, and folds what a restore left out of the chat."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.cli.restoring import by_turn, folded
from studio.domain.events import ChatRestored, Event, MessagePosted, Recorded, TurnEnded, TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.points import point_of
from studio.domain.runs import Outcome

RUN = RunId("r1a2b3c4d")


def told(*events: Event) -> list[str]:
    log = [Recorded(seq, datetime.now(UTC), ProjectId("p1"), RUN, event) for seq, event in enumerate(events, 1)]
    return [item if isinstance(item, str) else str(item.seq) for item in folded(log, RUN)]


def said(text: str, turn: str = "") -> MessagePosted:
    return MessagePosted(Speaker.HUMAN, text, turn)


def turn(name: str) -> tuple[Event, Event]:
    return TurnStarted(name), TurnEnded(name, Outcome.REPLIED, 1, "studio/x")


def test_one_line_stands_for_what_was_left_out() -> None:
    back = ChatRestored("b1", 1, "t1", 1)
    assert told(said("one"), said("two"), said("three"), back, said("four")) == [
        "1",
        "… 2 messages are left out of the chat; see all: studio runs log r1a2b3c4d --all",
        "4",
        "5",
    ]


def test_a_log_that_went_nowhere_is_told_whole() -> None:
    assert told(said("one"), said("two")) == ["1", "2"]


def test_each_turn_begins_with_the_number_that_restore_takes() -> None:
    events: list[Event] = [said("one", "t1"), *turn("t1"), *turn("t2"), said("two", "t3"), *turn("t3")]
    log = [Recorded(seq, datetime.now(UTC), ProjectId("p1"), RUN, event) for seq, event in enumerate(events, 1)]
    told = [item if isinstance(item, str) else str(item.seq) for item in by_turn(log, log)]
    assert told == ["— turn 1 —", "1", "2", "3", "— turn 2 —", "4", "5", "— turn 3 —", "6", "7", "8"]
    assert point_of(log, "3", before=True).at == 5

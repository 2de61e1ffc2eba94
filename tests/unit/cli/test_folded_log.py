"""The log of a run folds what a restore left out of the chat."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.cli.restoring import folded
from studio.domain.events import ChatRestored, Event, MessagePosted, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker

RUN = RunId("r1a2b3c4d")


def told(*events: Event) -> list[str]:
    log = [Recorded(seq, datetime.now(UTC), ProjectId("p1"), RUN, event) for seq, event in enumerate(events, 1)]
    return [item if isinstance(item, str) else str(item.seq) for item in folded(log, RUN)]


def said(text: str) -> MessagePosted:
    return MessagePosted(Speaker.HUMAN, text)


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

"""Where the turns of a run begin, so that one can go back to before them."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.domain.events import Event, MessagePosted, PreviewFailed, Recorded, RunRoused, TurnEnded, TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.points import begins, point_of
from studio.domain.runs import Outcome


def log(*events: Event) -> list[Recorded]:
    """What one run recorded."""
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    return [Recorded(number, now, ProjectId("p1"), RunId("r1"), event) for number, event in enumerate(events, 1)]


ROUSED = log(
    MessagePosted(Speaker.HUMAN, "Build the cart", "t1"),
    TurnStarted("t1"),
    TurnEnded("t1", Outcome.REPLIED, 1, "studio/r1"),
    PreviewFailed("error", "TypeError: no total", source="src/cart.js:3:3"),
    RunRoused("t2", 1, "[A note from Studio] > TypeError: no total"),
    TurnStarted("t2"),
    TurnEnded("t2", Outcome.REPLIED, 1, "studio/r1"),
)


def test_before_a_turn_that_the_app_began_its_agent_was_not_told_what_failed_either() -> None:
    assert point_of(ROUSED, "2", before=True).at == 4


def test_a_turn_that_the_app_began_begins_with_what_its_agent_was_told() -> None:
    assert begins(ROUSED) == {1: 1, 5: 2}

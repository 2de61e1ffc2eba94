"""The log as a list: what happened, filtered."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.domain.errors import StoreError
from studio.domain.events import (
    AgentHeard,
    AgentTold,
    Event,
    MessagePosted,
    Recorded,
    RunStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import MessageId, ProjectId, RunId
from studio.domain.mail import AgentMessage, MessageKind, MessageState
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.activity.items import DETAILS, KEPT, TOOK, ActivityItems
from studio.ui.activity.panel import ActivityPanel
from studio.ui.activity.view import LEAST
from studio.ui.bridge import Bridge
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors, ScriptedFeed

PROJECT, OTHER, RUN = ProjectId("p0000001"), ProjectId("p0000002"), RunId("r0000001")


def _said(seq: int, text: str, project: ProjectId = PROJECT) -> Recorded:
    return Recorded(seq, datetime(2026, 1, 1, tzinfo=UTC), project, RUN, MessagePosted(Speaker.HUMAN, text))


def test_what_happens_is_listed_and_can_be_filtered(
    qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors
) -> None:
    panel = ActivityPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.show()
    panel.set_project(PROJECT)
    assert panel.view.empty.isVisible()
    call = Recorded(
        3, datetime(2026, 1, 1, tzinfo=UTC), PROJECT, RUN, ToolCalled("t", 1, "c", "shell", {"command": "ls"})
    )
    doors.feed.tell(_said(1, "Fix it"), _said(2, "not here", OTHER), call)
    qtbot.waitUntil(lambda: panel.items.rowCount() == 2)
    panel.view.filter.setText("shell")
    assert panel.view.matches.rowCount() == 1
    assert panel.view.matches.index(0, 4).data() == "shell {'command': 'ls'}"
    panel.view.filter.setText("nothing like it")
    assert panel.view.empty.title.text() == "No event matches"


class _SlowFeed(ScriptedFeed):
    """Answers when it is let, with an error if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.error: StoreError | None = None
        self.asked = 0

    async def last(self) -> int:
        self.asked += 1
        if self.asked > 1:  # the first to ask is the bridge
            await asyncio.to_thread(self.may_answer.wait)
            if self.error is not None:
                raise self.error
        return 0


@pytest.fixture
def slow_feed(doors: QuietDoors) -> _SlowFeed:
    feed = doors.feed = _SlowFeed()
    return feed


def test_nothing_is_said_to_have_happened_before_the_log_was_read(
    slow_feed: _SlowFeed, qtbot: QtBot, bridge: Bridge, theme: Theme
) -> None:
    panel = ActivityPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.set_project(PROJECT)
    assert panel.view.empty.title.text() == "Loading…"
    slow_feed.may_answer.set()
    qtbot.waitUntil(lambda: panel.view.empty.title.text() == "Nothing happened yet")


def test_a_log_that_cannot_be_read_says_why_and_can_be_tried_again(
    slow_feed: _SlowFeed, qtbot: QtBot, bridge: Bridge, theme: Theme
) -> None:
    slow_feed.may_answer.set()
    slow_feed.error = StoreError("The database is locked.", "Wait.")
    panel = ActivityPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.show()
    panel.set_project(PROJECT)
    qtbot.waitUntil(lambda: panel.view.empty.text.text() == "The database is locked. Wait.")
    slow_feed.error = None
    panel.view.empty.button.click()
    qtbot.waitUntil(lambda: panel.view.empty.title.text() == "Nothing happened yet")


def test_older_events_come_before_newer_ones_and_none_comes_twice() -> None:
    items = ActivityItems()
    QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.set_project(PROJECT)
    items.apply([_said(3, "three")])
    items.load([_said(1, "one"), _said(2, "two"), _said(3, "three")])
    items.apply([_said(3, "three"), _said(4, "four")])
    texts = [items.index(row, 4).data() for row in range(items.rowCount())]
    assert texts == ["human: one", "human: two", "human: three", "human: four"]


def test_the_list_is_bounded_and_hidden_characters_are_gone() -> None:
    items = ActivityItems()
    QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.set_project(PROJECT)
    items.apply([_said(seq, "a\u202eb\nc") for seq in range(1, KEPT + 10)])
    assert items.rowCount() == KEPT
    assert items.index(0, 4).data() == "human: a\N{REPLACEMENT CHARACTER}b c"


class Letters:
    """A board door with these messages."""

    def __init__(self, *messages: AgentMessage) -> None:
        self.sent = messages

    async def messages(self, project: ProjectId | None) -> tuple[AgentMessage, ...]:
        return self.sent


LOST = AgentMessage(
    MessageId("m1"),
    PROJECT,
    MessageKind.NOTE,
    RUN,
    "engineer",
    "t1",
    "<b>Hello</b>\u202e",
    datetime(2026, 1, 1, tzinfo=UTC),
    to_run="r9",
    state=MessageState.UNDELIVERABLE,
    reason="There is no such run.",
)
STARTED = RunStarted(
    "Test the till", "tester", "ollama/qwen3", "main", "a" * 40, "studio/x", "ask", role_title="Tester"
)
SECOND = RunId("r0000002")


def _at(seq: int, second: float, event: Event, run: RunId = RUN) -> Recorded:
    return Recorded(seq, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second), PROJECT, run, event)


@pytest.fixture
def full(qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors) -> ActivityPanel:
    """A tester and an engineer that worked, and told each other something."""
    cast(Any, doors).board = Letters()
    panel = ActivityPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(900, 300)
    panel.widget.show()
    panel.set_project(PROJECT)
    doors.feed.tell(
        _at(1, 0, STARTED),
        _at(2, 0, TurnStarted("t1")),
        _at(3, 1, ToolAnswered("c1", "shell", True, "ok", "3 passed", 1200.0)),
        _at(4, 2, AgentTold("m1", "question", "tester", "Which tax?", to_role="engineer")),
        _at(5, 125, TurnEnded("t1", Outcome.REPLIED, 2, "studio/x")),
        _at(6, 126, MessagePosted(Speaker.HUMAN, "Go"), SECOND),
        _at(7, 127, AgentHeard("m1", "question", "tester", RUN, "Which tax?", "told"), SECOND),
    )
    qtbot.waitUntil(lambda: panel.items.rowCount() == 7)
    return panel


def _column(panel: ActivityPanel, column: int) -> list[str]:
    matches = panel.view.matches
    return [str(matches.index(row, column).data()) for row in range(matches.rowCount())]


def test_one_agents_steps_are_a_time_line_with_how_long_each_took(full: ActivityPanel) -> None:
    full.view.agent.setCurrentIndex(full.view.agent.findText("Tester · Test the till"))
    assert _column(full, 1) == ["Tester"] * 5
    assert _column(full, 3) == ["", "", "1.2 s", "", "2 min 5 s"]
    full.view.grab()


@pytest.mark.parametrize(("width", "scrolls"), [(420, True), (1200, False)])
def test_a_narrow_list_keeps_its_details_readable_and_is_scrolled_to_what_comes_after_them(
    full: ActivityPanel, qtbot: QtBot, width: int, scrolls: bool
) -> None:
    full.widget.resize(width, 300)
    table = full.view.table
    qtbot.waitUntil(lambda: (table.horizontalScrollBar().maximum() > 0) is scrolls)
    assert table.columnWidth(DETAILS) >= LEAST

    def ends_with_the_bars() -> bool:
        table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
        return table.visualRect(table.model().index(0, TOOK)).right() == table.viewport().width() - 1

    qtbot.waitUntil(ends_with_the_bars)


def test_what_agents_told_each_other_is_shown_by_itself(full: ActivityPanel) -> None:
    full.view.agent.setCurrentIndex(full.view.agent.findText("Between agents"))
    assert _column(full, 4) == ["question to engineer: Which tax?", f"question from tester {RUN}: Which tax?"]
    full.view.agent.setCurrentIndex(0)
    assert len(_column(full, 0)) == 7


def test_the_agent_that_was_chosen_stays_chosen_while_others_begin(
    full: ActivityPanel, qtbot: QtBot, doors: QuietDoors
) -> None:
    full.view.agent.setCurrentIndex(full.view.agent.findData(RUN))
    doors.feed.tell(_at(8, 130, MessagePosted(Speaker.HUMAN, "More"), RunId("r0000003")))
    qtbot.waitUntil(lambda: full.view.agent.findData("r0000003") >= 0)
    assert full.view.agent.currentData() == RUN
    assert len(_column(full, 0)) == 5


def test_a_project_without_that_agent_shows_all_again(full: ActivityPanel) -> None:
    full.view.agent.setCurrentIndex(full.view.agent.findData(RUN))
    full.set_project(OTHER)
    assert full.view.agent.currentText() == "All agents"
    assert full.view.matches.run is None


def test_the_rows_of_a_chosen_kind_that_there_is_none_of_are_said_to_be_none(
    qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors
) -> None:
    cast(Any, doors).board = Letters()
    panel = ActivityPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.set_project(PROJECT)
    doors.feed.tell(_said(1, "Fix it"))
    qtbot.waitUntil(lambda: panel.items.rowCount() == 1)
    panel.view.agent.setCurrentIndex(1)
    assert panel.view.empty.title.text() == "Nothing here yet"


def test_what_waits_for_a_first_run_of_a_role_is_said_to_wait_and_not_to_be_lost(
    full: ActivityPanel, qtbot: QtBot, doors: QuietDoors
) -> None:
    reason = "No run of the role architect is there yet; the next one reads it."
    early = replace(LOST, text="Hi", to_run="", to_role="architect", state=MessageState.NO_AGENT_YET, reason=reason)
    cast(Any, doors).board = Letters(early)
    full.view.agent.setCurrentIndex(full.view.agent.findText("Between agents"))
    said = f"Nobody is there yet for this note from engineer to architect: {reason} “Hi”"
    qtbot.waitUntil(lambda: full.view.lost.text() == said)


def test_what_nobody_can_get_is_said_above_the_messages_until_somebody_can(
    full: ActivityPanel, qtbot: QtBot, doors: QuietDoors
) -> None:
    cast(Any, doors).board = Letters(LOST)
    full.view.agent.setCurrentIndex(full.view.agent.findText("Between agents"))
    said = "Nobody can get this note from engineer to r9: There is no such run. “<b>Hello</b>\N{REPLACEMENT CHARACTER}”"
    qtbot.waitUntil(lambda: full.view.lost.text() == said)
    assert full.view.lost.isVisible()

    cast(Any, doors).board = Letters(replace(LOST, state=MessageState.WAITING))
    doors.feed.tell(_at(8, 130, STARTED, RunId("r9")))
    qtbot.waitUntil(lambda: full.view.lost.isHidden())
    full.view.agent.setCurrentIndex(0)
    assert full.view.lost.isHidden()

"""The log as a list: what happened, filtered."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.domain.errors import StoreError
from studio.domain.events import MessagePosted, Recorded, ToolCalled
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.ui.activity.items import KEPT, ActivityItems
from studio.ui.activity.panel import ActivityPanel
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
    assert panel.view.matches.index(0, 3).data() == "shell {'command': 'ls'}"
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
    texts = [items.index(row, 3).data() for row in range(items.rowCount())]
    assert texts == ["human: one", "human: two", "human: three", "human: four"]


def test_the_list_is_bounded_and_hidden_characters_are_gone() -> None:
    items = ActivityItems()
    QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.set_project(PROJECT)
    items.apply([_said(seq, "a\u202eb\nc") for seq in range(1, KEPT + 10)])
    assert items.rowCount() == KEPT
    assert items.index(0, 3).data() == "human: a\N{REPLACEMENT CHARACTER}b c"

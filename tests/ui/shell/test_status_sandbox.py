"""The status bar tells how the sandbox of the run in front stands, and what it uses while it is awake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.domain.events import (
    SANDBOX,
    Delta,
    EngineLost,
    Event,
    Recorded,
    SandboxSlept,
    SandboxStarted,
    SandboxStopped,
    SandboxWoke,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.sandboxes import SandboxState, SandboxUse, SandboxView
from studio.ui.bridge import Bridge
from studio.ui.status.sandbox import SandboxItem
from studio.ui.status.view import StatusView
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

PROJECT, RUN, OTHER = ProjectId("p1"), RunId("r1"), RunId("r2")
NOON = datetime(2026, 1, 1, tzinfo=UTC)
STARTED = SandboxStarted("c1", "image", 200)
BUSY = SandboxUse(180_000_000, 12.4, 9)


class Story:
    """The item, what the core knows, and what happens."""

    def __init__(self, qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors) -> None:
        self.qtbot = qtbot
        self.door = doors.sandboxes
        self.view = StatusView(theme)
        self.item = SandboxItem(bridge, self.view)
        qtbot.addWidget(self.view)
        self.view.show()

    def stands(self, state: SandboxState, use: SandboxUse | None = None, run: RunId = RUN) -> None:
        self.door.views[run] = SandboxView(run, PROJECT, state, use=use)

    def happens(self, *events: Event, run: RunId | None = RUN) -> None:
        self.item.apply([Recorded(at, NOON, PROJECT, run, event) for at, event in enumerate(events, 1)])

    def wait_for(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: self.words == words)

    @property
    def words(self) -> str:
        return self.view.items["sandbox"].text()


@pytest.fixture
def story(qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors) -> Story:
    return Story(qtbot, bridge, theme, doors)


def test_a_run_without_a_sandbox_is_said_to_have_none(story: Story) -> None:
    story.item.follow(RUN)
    story.wait_for("no sandbox")
    story.item.follow(None)
    assert story.words == ""


def test_one_that_runs_is_shown_with_what_it_uses_also_when_it_began_before_the_window(story: Story) -> None:
    story.stands(SandboxState.RUNNING, BUSY)
    story.item.follow(RUN)
    story.wait_for("sandbox running · 12 % CPU · 180 MB")


def test_while_one_starts_that_is_said_until_it_is_up_or_nothing_came_of_it(story: Story) -> None:
    story.item.follow(RUN)
    story.wait_for("no sandbox")
    story.stands(SandboxState.STARTING)
    story.item.apply([Delta(PROJECT, RUN, SANDBOX, "")])
    story.wait_for("sandbox starting…")
    assert story.view.dot.toolTip() == "sandbox starting…"

    story.happens(STARTED)
    assert story.words == "sandbox running"
    story.stands(SandboxState.NONE)
    story.item.apply([Delta(PROJECT, RUN, SANDBOX, "")])
    story.wait_for("no sandbox")


def test_one_that_sleeps_is_shown_so_until_it_wakes_and_nothing_is_asked_of_it(story: Story) -> None:
    story.item.follow(RUN)
    story.wait_for("no sandbox")
    story.happens(STARTED, SandboxSlept("c1"))
    assert story.words == "sandbox asleep"
    assert not story.item._again.isActive()

    story.happens(SandboxWoke("c1", 25))
    assert story.words == "sandbox running"
    assert story.item._again.isActive()
    story.happens(SandboxStopped("c1", "discarded"))
    assert (story.words, story.item._again.isActive()) == ("no sandbox", False)


def test_a_window_that_is_not_seen_asks_nothing(story: Story, qtbot: QtBot) -> None:
    story.stands(SandboxState.RUNNING, BUSY)
    story.item.follow(RUN)
    story.wait_for("sandbox running · 12 % CPU · 180 MB")
    glances = story.door.glances
    story.view.hide()

    story.item._look_again()
    assert (story.door.glances, story.item._again.isActive()) == (glances, True)
    story.view.show()
    story.item._look_again()
    qtbot.waitUntil(lambda: story.door.glances == glances + 1)


def test_an_answer_about_a_run_that_is_no_longer_shown_is_not_shown(story: Story) -> None:
    story.stands(SandboxState.RUNNING, BUSY)
    story.stands(SandboxState.ASLEEP, run=OTHER)
    story.item.follow(RUN)
    story.item.follow(OTHER)
    story.wait_for("sandbox asleep")
    story.happens(SandboxStopped("c1"), run=RUN)
    assert story.words == "sandbox asleep"


def test_an_engine_that_goes_away_is_a_reason_to_look(story: Story) -> None:
    story.stands(SandboxState.RUNNING, BUSY)
    story.item.follow(RUN)
    story.wait_for("sandbox running · 12 % CPU · 180 MB")
    story.stands(SandboxState.LOST)
    story.happens(EngineLost("lost", "Gone."), run=None)
    story.wait_for("sandbox lost")


def test_weaker_walls_are_said(story: Story) -> None:
    story.item.follow(RUN)
    story.happens(SandboxStarted("c1", "image", 200, "Works in bubblewrap."))
    assert story.words == "sandbox running, weaker walls"


def test_what_points_at_the_item_is_plain(story: Story) -> None:
    story.view.tell_engine("Docker <b>28</b>")
    story.item.follow(RUN)
    story.wait_for("no sandbox")
    assert "&lt;b&gt;28" in story.view.items["sandbox"].toolTip()
    assert story.view.items["sandbox"].focusPolicy() is Qt.FocusPolicy.TabFocus

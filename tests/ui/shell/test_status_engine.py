"""A container engine that is gone is said calmly, above all and in the status bar, until it is back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.engines import EngineState, EngineView
from studio.domain.events import EngineBack, EngineLost, Event, Recorded
from studio.ui.bridge import Bridge
from studio.ui.status.engine import BACK, EngineItem
from studio.ui.status.view import StatusView
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

LOST = EngineLost("lost", "No container engine answers at unix:///x.", "Start Docker.")
ABSENT = EngineView(EngineState.ABSENT, "No container engine answers at unix:///x.", "Start Docker.")


class Story:
    def __init__(self, qtbot: QtBot, bridge: Bridge, theme: Theme) -> None:
        self.window = QWidget()
        self.view = StatusView(theme)
        self.engine = EngineItem(bridge, theme, self.view)
        column = QVBoxLayout(self.window)
        column.addWidget(self.engine.bar)
        column.addWidget(self.view)
        qtbot.addWidget(self.window)
        self.window.show()

    def happens(self, *events: Event) -> None:
        now = datetime.now(UTC)
        self.engine.apply([Recorded(at, now, None, None, event) for at, event in enumerate(events, 1)])

    @property
    def item(self) -> str:
        return self.view.items["container_engine"].text()


@pytest.fixture
def story(qtbot: QtBot, bridge: Bridge, theme: Theme) -> Story:
    return Story(qtbot, bridge, theme)


def test_nothing_is_said_of_an_engine_that_is_well(story: Story) -> None:
    assert (story.engine.bar.isVisible(), story.item) == (False, "")


def test_a_loss_says_what_is_wrong_what_to_do_and_that_agents_go_on(story: Story) -> None:
    story.happens(LOST)

    said = story.engine.bar.sentence.text()
    assert story.engine.bar.isVisible()
    assert said.startswith("No container engine answers at unix:///x. Start Docker.\nAgents that need it are parked")
    assert story.item == "! container engine gone"


@pytest.mark.parametrize(("state", "words"), [("hung", "hangs"), ("absent", "no container engine")])
def test_the_item_tells_how_it_is_gone(story: Story, state: str, words: str) -> None:
    story.happens(EngineLost(state, "It hangs."))

    assert words in story.item


def test_when_it_is_back_that_is_said_and_nothing_remains(qtbot: QtBot, story: Story) -> None:
    story.happens(LOST)
    with qtbot.waitSignal(story.engine.said) as said:
        story.happens(EngineBack(3.0))

    assert said.args == [BACK]
    assert (story.engine.bar.isVisible(), story.item) == (False, "")


def test_a_bar_that_was_closed_stays_closed_for_the_same_trouble_and_the_item_stays(story: Story) -> None:
    story.happens(LOST)
    story.engine.bar.close_button.click()
    story.happens(LOST)

    assert not story.engine.bar.isVisible()
    assert story.item == "! container engine gone"


def test_markup_in_what_the_engine_says_is_text(story: Story) -> None:
    story.happens(EngineLost("lost", "<b>gone</b>\u202e"))

    assert "<b>gone</b>" in story.engine.bar.sentence.text()
    assert "\u202e" not in story.engine.bar.sentence.text()


def test_looking_again_shows_what_is_found(qtbot: QtBot, story: Story, doors: QuietDoors) -> None:
    story.happens(LOST)
    story.engine.bar.look.click()

    qtbot.waitUntil(lambda: not story.engine.bar.isVisible())
    assert doors.container_engine.looked.state is EngineState.UP


def test_looking_again_in_vain_leaves_the_button(qtbot: QtBot, story: Story, doors: QuietDoors) -> None:
    doors.container_engine.looked = EngineView(EngineState.LOST, LOST.reason, LOST.action)
    story.happens(LOST)
    story.engine.bar.look.click()

    qtbot.waitUntil(lambda: story.engine.bar.look.isEnabled())
    assert story.engine.bar.isVisible()


def test_a_window_that_opens_without_an_engine_says_so(
    qtbot: QtBot, theme: Theme, doors: QuietDoors, bridge: Bridge
) -> None:
    doors.container_engine.now = ABSENT
    story = Story(qtbot, bridge, theme)
    bridge.ready.emit()

    qtbot.waitUntil(lambda: story.item == "! no container engine")


def test_one_that_points_at_the_sandbox_is_told_behind_which_walls_it_runs(
    qtbot: QtBot, theme: Theme, doors: QuietDoors, bridge: Bridge
) -> None:
    doors.container_engine.now = EngineView(EngineState.UP, engine="Docker <b>28</b>", holes=("A hole.",))
    story = Story(qtbot, bridge, theme)
    bridge.ready.emit()

    sandbox = story.view.items["sandbox"]
    qtbot.waitUntil(lambda: "Docker &lt;b&gt;28&lt;/b&gt;<br>Something is known" in sandbox.toolTip())
    story.view.show_sandbox("ok", "sandbox running", hollow=False)
    assert "Docker &lt;b&gt;28" in sandbox.toolTip()

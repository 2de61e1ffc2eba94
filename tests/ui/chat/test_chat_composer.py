"""The composer: every word on it can be read, and its words follow the run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.runs import RunState
from studio.ui.chat.composer import Composer
from studio.ui.chat.offers import NO_MODEL, Offers
from studio.ui.theme import Theme

LONG_NAME = "anthropic/a-model-with-quite-a-long-name-of-its-own"


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Composer:
    made = Composer(theme)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("state", [RunState.IDLE, RunState.WORKING, RunState.WAITING])
@pytest.mark.parametrize("offers", [Offers((LONG_NAME,), LONG_NAME), Offers(problem="No model is set up.")])
@pytest.mark.parametrize("width", [340, 420])
def test_no_button_is_cut_off_in_a_narrow_panel(
    composer: Composer, qtbot: QtBot, width: int, offers: Offers, state: RunState
) -> None:
    composer.set_offers(offers)
    composer.set_state(state)
    composer.resize(width, 110)
    buttons: list[QWidget] = [
        each for each in (composer.send, composer.stop, composer.approvals) if each.isVisibleTo(composer)
    ]
    qtbot.waitUntil(lambda: all(each.width() >= each.sizeHint().width() for each in buttons))
    assert all(each.geometry().right() < composer.width() for each in buttons)


def test_a_working_agent_can_be_stopped_and_nothing_else_offers_itself(composer: Composer) -> None:
    composer.set_offers(Offers((LONG_NAME,), LONG_NAME))
    composer.set_state(RunState.WORKING)
    assert composer.stop.isVisible()
    assert not composer.send.isVisible()
    composer.set_state(RunState.WAITING)
    assert composer.stop.isVisible()
    assert composer.send.isVisible()


def test_nothing_can_be_sent_to_a_discarded_run(composer: Composer, qtbot: QtBot) -> None:
    composer.set_offers(Offers((LONG_NAME,), LONG_NAME))
    composer.set_state(RunState.DISCARDED)
    QTest.keyClicks(composer.input, "Go on")
    assert not composer.send.isEnabled()
    with qtbot.assertNotEmitted(composer.sent):
        QTest.keyClick(composer.input, Qt.Key.Key_Return)
    assert composer.input.toPlainText() == "Go on"


def test_what_is_wrong_with_the_models_is_never_taken_for_markup(composer: Composer) -> None:
    composer.set_offers(Offers(problem="<b>big</b> <img src='x'>"))
    [hint] = (each for each in composer.findChildren(QLabel) if each.text())
    assert hint.textFormat() is Qt.TextFormat.PlainText


def test_only_the_model_that_was_allowed_needs_no_offer(composer: Composer) -> None:
    composer.set_offers(Offers(problem="No model is set up."))
    composer.choose("scripted/replies.json", None)
    assert composer.send.text() == "Set up a model"
    composer.allow("scripted/replies.json")
    assert composer.send.text() == "Send ⏎"
    composer.choose("ollama/qwen", None)
    assert composer.send.text() == "Set up a model"


def test_without_a_model_the_menu_of_models_leads_to_what_is_to_be_done(composer: Composer, qtbot: QtBot) -> None:
    composer.set_offers(Offers(problem=NO_MODEL))
    (only,) = composer.models.menu().actions()
    with qtbot.waitSignal(composer.setup_requested):
        only.trigger()
    composer.set_offers(Offers(("ollama/q",), "ollama/q"))
    assert [action.text() for action in composer.models.menu().actions()] == ["ollama/q"]


@pytest.mark.parametrize("first", ["Then mend it", "Then mend it 🙂 please"])
def test_what_is_typed_while_a_message_is_on_its_way_is_the_next_message(composer: Composer, first: str) -> None:
    composer.set_offers(Offers((LONG_NAME,), LONG_NAME))
    composer.input.setPlainText(first)
    QTest.keyClick(composer.input, Qt.Key.Key_Return)
    composer.input.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(composer.input, "And prove")
    composer.accepted()
    QTest.keyClicks(composer.input, " it")
    assert composer.input.toPlainText() == "And prove it"

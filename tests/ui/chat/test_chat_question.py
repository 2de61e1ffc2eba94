"""The question card: seen in whole, and answered only once it can have been read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.checkpoints import LEFT
from studio.domain.events import CheckpointDecided, CheckpointOpened, CheckpointReworded
from studio.ui.chat.items import ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.theme import Theme
from tests.ui.chat.conftest import BEGAN, Log


@pytest.fixture
def items() -> ChatItems:
    return ChatItems()


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, items: ChatItems) -> ChatPage:
    made = ChatPage(items, theme)
    qtbot.addWidget(made)
    made.resize(360, 720)
    made.show()
    return made


def _ask(items: ChatItems, log: Log, number: int, act: str, kind: str = "approval", *options: str) -> None:
    for recorded in log(CheckpointOpened(f"k{number}", kind, f"c{number}", "Run shell?", act, options)):
        items.apply(recorded)


def _decide(items: ChatItems, log: Log, number: int) -> None:
    for recorded in log(CheckpointDecided(f"k{number}", f"c{number}", "approved")):
        items.apply(recorded)


def _button(page: ChatPage, text: str) -> QPushButton:
    return next(b for b in page.question.findChildren(QPushButton) if b.text() == text and not b.isHidden())


def test_a_second_click_does_not_approve_the_command_that_came_up_in_the_place_of_the_first(
    qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log
) -> None:
    approved: list[str] = []
    page.question.approved.connect(lambda checkpoint, _note: approved.append(checkpoint))
    with qtbot.waitActive(page):
        page.activateWindow()
    _ask(items, log, 1, "echo one")
    page.question.pause.end()
    approve = _button(page, "Approve")
    approve.setFocus()
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)
    _decide(items, log, 1)
    _ask(items, log, 2, "rm -rf danger")
    assert page.question.isVisible()
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Space)
    assert approved == ["k1"]
    assert not approve.isEnabled()
    page.question.pause.end()
    assert not approve.hasFocus()
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Space)
    assert approved == ["k1"]
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)
    assert approved == ["k1", "k2"]


def test_a_card_that_comes_into_view_waits_as_well_and_then_lets_itself_be_answered(
    qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log
) -> None:
    _ask(items, log, 1, "Which?", "choice", "Red", "Blue")
    page.question.pause.end()
    page.hide()
    page.show()
    assert not _button(page, "Blue").isEnabled()
    qtbot.waitUntil(_button(page, "Blue").isEnabled)


@pytest.mark.parametrize(
    ("act", "lines"),
    [
        ("Which database should the shop use, and where should its data be kept for now?", 2),
        ("\n".join(f"echo line {number} of the command" for number in range(6)), 6),
        ("curl https://example.org/" + "a-very-long-name-without-any-space" * 4, 4),
    ],
)
def test_the_card_grows_with_its_text(
    act: str, lines: int, qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log
) -> None:
    _ask(items, log, 1, act)
    text = page.question.findChild(QPlainTextEdit)
    assert text is not None
    qtbot.waitUntil(lambda: text.height() >= lines * text.fontMetrics().lineSpacing())
    assert not text.horizontalScrollBar().isVisible()
    assert not text.verticalScrollBar().isVisible()
    assert text.height() < (lines + 3) * text.fontMetrics().lineSpacing()


def test_a_text_that_would_fill_the_panel_is_scrolled(qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log) -> None:
    _ask(items, log, 1, "\n".join(f"echo {number}" for number in range(100)))
    text = page.question.findChild(QPlainTextEdit)
    assert text is not None
    qtbot.waitUntil(text.verticalScrollBar().isVisible)
    assert 200 < text.height() < 260


def _ask_with_rule(items: ChatItems, log: Log) -> None:
    kinds = ("install: npm install …", "write: > …")
    asked = CheckpointOpened("k9", "approval", "c9", "Run this?", "npm install x > log", (), "install", kinds, "npm ci")
    for recorded in log(asked):
        items.apply(recorded)


def test_the_card_shows_the_rule_in_words_and_makes_it_by_keyboard(
    qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log
) -> None:
    chosen: list[tuple[str, str]] = []
    page.question.kind_approved.connect(lambda *said: chosen.append(said))
    with qtbot.waitActive(page):
        page.activateWindow()
    _ask_with_rule(items, log)
    words = [label.text() for label in page.question.findChildren(QLabel) if label.isVisible()]
    assert "install: npm install …" in words
    assert any(word.startswith("Commands that begin with “npm install”") for word in words)
    assert any(word.endswith("in this run: npm ci") for word in words)

    always = page.question.offer.project
    always.setFocus()
    QTest.keyClick(page.question, Qt.Key.Key_Space)
    assert chosen == []
    page.question.pause.end()
    always.setFocus()
    QTest.keyClick(always, Qt.Key.Key_Space)
    assert chosen == [("k9", "project")]


def test_while_a_reason_is_written_no_rule_is_offered(qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log) -> None:
    _ask_with_rule(items, log)
    page.question.pause.end()
    _button(page, "Deny…").click()
    assert not page.question.offer.isVisible()
    _button(page, "Back").click()
    assert page.question.offer.isVisible()


def _ask_saying(items: ChatItems, log: Log, why: str) -> None:
    title = "Run this command? It adds or removes software."
    for recorded in log(CheckpointOpened("k9", "approval", "c9", title, "npm install left-pad", why=why)):
        items.apply(recorded)


def test_the_card_says_why_the_agent_wants_it_and_why_it_is_asked(page: ChatPage, items: ChatItems, log: Log) -> None:
    _ask_saying(items, log, "The tests need <b>left-pad</b>.\nSo:\u202e")
    seen = [label for label in page.question.findChildren(QLabel) if label.isVisible()]
    assert {label.textFormat() for label in seen} == {Qt.TextFormat.PlainText}
    words = [label.text() for label in seen]
    assert "Needs you · Run this command? It adds or removes software." in words
    assert "The agent said: The tests need <b>left-pad</b>. So:\\u202e" in words
    assert page.question.why.more.isHidden()


def test_long_words_of_the_agent_are_folded_until_a_key_unfolds_them(
    qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log
) -> None:
    with qtbot.waitActive(page):
        page.activateWindow()
    why = "I looked at many files. " * 20 + "It needs left-pad."
    _ask_saying(items, log, why)
    words, more = page.question.why.words, page.question.why.more
    assert len(words.text()) < 300
    assert words.text().endswith("It needs left-pad.")
    more.setFocus()
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert words.text() == f"The agent said: {why}"
    assert more.text() == "Show less"
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert len(words.text()) < 300


def test_a_question_whose_agent_said_nothing_has_no_empty_line(page: ChatPage, items: ChatItems, log: Log) -> None:
    _ask_saying(items, log, " \n")
    assert not page.question.why.isVisible()


def _act(page: ChatPage) -> str:
    act = page.question.findChild(QPlainTextEdit)
    assert isinstance(act, QPlainTextEdit)
    return act.toPlainText()


def _ask_for_host(items: ChatItems, log: Log, number: int) -> None:
    for recorded in log(
        CheckpointOpened(f"k{number}", "network", "", "May it reach this?", f"h{number}.example.org:443")
    ):
        items.apply(recorded)


@pytest.mark.parametrize(("text", "scope"), [("Allow in this run", ""), ("Allow in this project", "project")])
def test_a_host_is_allowed_for_the_run_or_for_the_project(
    page: ChatPage, items: ChatItems, log: Log, text: str, scope: str
) -> None:
    allowed: list[tuple[str, str]] = []
    page.question.approved.connect(lambda checkpoint, _note: allowed.append((checkpoint, "")))
    page.question.kind_approved.connect(lambda checkpoint, scope: allowed.append((checkpoint, scope)))
    _ask_for_host(items, log, 1)
    page.question.pause.end()
    QTest.mouseClick(_button(page, text), Qt.MouseButton.LeftButton)

    assert allowed == [("k1", scope)]


def test_of_several_hosts_that_wait_each_is_asked_about_in_its_turn(page: ChatPage, items: ChatItems, log: Log) -> None:
    _ask_for_host(items, log, 1)
    _ask_for_host(items, log, 2)
    assert "h1.example.org:443" in _act(page)
    title = page.question.findChild(QLabel, "question_title")
    assert isinstance(title, QLabel)
    assert title.text() == "Needs you (1 of 2) · May it reach this?"
    for recorded in log(CheckpointDecided("k1", "", "denied")):
        items.apply(recorded)

    assert page.question.isVisible()
    assert title.text() == "Needs you · May it reach this?"
    assert "h2.example.org:443" in _act(page)


def test_a_question_that_nobody_waits_for_any_more_says_so_and_keeps_what_the_person_types(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    _ask(items, log, 1, "files.example.org:443", "network")
    page.question.pause.end()
    QTest.mouseClick(_button(page, "Deny…"), Qt.MouseButton.LeftButton)
    words = page.question.findChild(QLineEdit)
    title = page.question.findChild(QLabel, "question_title")
    assert isinstance(words, QLineEdit)
    assert isinstance(title, QLabel)
    words.setText("Not today")
    for recorded in log(CheckpointReworded("k1", f"Run shell? {LEFT}")):
        items.apply(recorded)

    assert title.text() == "Needs you · Run shell?"
    assert LEFT in [label.text() for label in page.question.findChildren(QLabel) if label.isVisible()]
    assert (words.text(), words.isVisible(), page.question.pause.is_on) == ("Not today", True, False)


def test_a_question_that_nobody_waits_for_any_more_is_a_line_that_unfolds_and_takes_an_answer_after_a_pause(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    allowed: list[str] = []
    page.question.approved.connect(lambda checkpoint, _note: allowed.append(checkpoint))
    _ask(items, log, 1, "files.example.org:443", "network")
    high = page.question.sizeHint().height()
    for recorded in log(CheckpointReworded("k1", f"Run shell? It leaves. {LEFT}")):
        items.apply(recorded)
    card = page.question
    assert (card.isVisible(), card.whole.isVisible()) == (True, False)
    assert card.line.words.text() == "Run shell? Nobody waits any more."
    assert 2 * card.sizeHint().height() < high
    QTest.mouseClick(card.line.answer, Qt.MouseButton.LeftButton)
    approve = _button(page, "Allow in this run")
    assert (card.line.isVisible(), card.whole.isVisible(), approve.isEnabled()) == (False, True, False)
    card.pause.end()
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)

    assert allowed == ["k1"]


def test_a_question_that_somebody_waits_for_again_unfolds_by_itself(page: ChatPage, items: ChatItems, log: Log) -> None:
    _ask(items, log, 1, "files.example.org:443", "network")
    page.question.pause.end()
    for title in (f"Run shell? {LEFT}", "Run shell? The program waits 60 s."):
        for recorded in log(CheckpointReworded("k1", title)):
            items.apply(recorded)

    assert page.question.whole.isVisible()
    assert page.question.pause.is_on


def test_what_somebody_waits_for_is_asked_before_what_nobody_waits_for(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    _ask_for_host(items, log, 1)
    _ask_for_host(items, log, 2)
    for recorded in log(CheckpointReworded("k1", f"May it reach this? {LEFT}")):
        items.apply(recorded)

    assert "h2.example.org:443" in _act(page)


def test_what_was_typed_is_there_again_with_its_question_after_another_came_up_in_its_place(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    denied: list[tuple[str, str]] = []
    page.question.denied.connect(lambda *said: denied.append(said))
    _ask_for_host(items, log, 1)
    _ask_for_host(items, log, 2)
    page.question.pause.end()
    _button(page, "Deny…").click()
    words = page.question.findChild(QLineEdit)
    assert isinstance(words, QLineEdit)
    words.setText("Not today")
    for recorded in log(CheckpointReworded("k1", f"May it reach this? {LEFT}")):
        items.apply(recorded)
    assert "h2.example.org:443" in _act(page)
    assert (words.text(), words.isVisible()) == ("", False)
    for recorded in log(CheckpointReworded("k2", f"May it reach this? {LEFT}")):
        items.apply(recorded)

    assert "h1.example.org:443" in _act(page)
    assert (words.text(), words.isVisible()) == ("Not today", True)
    page.question.pause.end()
    _button(page, "Deny").click()
    assert denied == [("k1", "Not today")]


def test_the_card_says_until_when_somebody_waits_and_an_answer_begins_that_time_anew_for_the_others(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    def until() -> list[str]:
        seen = [label.text() for label in page.question.findChildren(QLabel) if label.isVisible()]
        return [text for text in seen if "It waits" in text]

    for number in (1, 2):
        asked = CheckpointOpened(f"k{number}", "network", "", f"May it reach h{number}? It leaves.", "h:443", waits=60)
        for recorded in log(asked):
            items.apply(recorded)
    assert until() == [f"It leaves. It waits until {BEGAN.astimezone() + timedelta(seconds=61):%H:%M:%S}."]
    for recorded in log(CheckpointDecided("k1", "", "denied")):
        items.apply(recorded)
    assert until() == [f"It leaves. It waits until {BEGAN.astimezone() + timedelta(seconds=63):%H:%M:%S}."]
    for recorded in log(CheckpointReworded("k2", f"May it reach h2? {LEFT}")):
        items.apply(recorded)
    QTest.mouseClick(page.question.line.answer, Qt.MouseButton.LeftButton)

    assert until() == []

"""What the person does in a kept page themselves lets it go; that they go on typing does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.preview.keeping import Keeping

DONE = QUrl("http://localhost:8000/done")
Kept = tuple[Keeping, QWidget]


@pytest.fixture
def kept(qtbot: QtBot) -> Kept:
    """A page that is kept, and the part of its view that the engine draws in."""
    view, drawn = QWidget(), QWidget()
    qtbot.addWidget(view)
    QVBoxLayout(view).addWidget(drawn)
    view.setFocusProxy(drawn)
    keeping = Keeping(view)
    keeping.begin()
    return keeping, drawn


def test_a_kept_page_is_left_for_nothing_and_says_for_what_it_would_be(qtbot: QtBot, kept: Kept) -> None:
    with qtbot.waitSignal(kept[0].kept) as told:
        assert kept[0].refuses(DONE)

    assert told.args == [DONE]


@pytest.mark.parametrize(
    "act",
    [
        lambda drawn: QTest.mouseClick(drawn, Qt.MouseButton.LeftButton),
        lambda drawn: QTest.keyClick(drawn, Qt.Key.Key_Return),
    ],
)
def test_a_click_and_enter_of_the_persons_let_it_go(kept: Kept, act: Callable[[QWidget], None]) -> None:
    act(kept[1])

    assert not kept[0].refuses(DONE)


def test_a_letter_that_the_person_types_does_not(kept: Kept) -> None:
    QTest.keyClick(kept[1], "a")  # type: ignore[call-overload]

    assert kept[0].refuses(DONE)


def test_it_is_let_go_a_little_after_the_agent_was_answered(qtbot: QtBot, kept: Kept) -> None:
    kept[0].end_soon()

    assert kept[0].refuses(DONE)
    qtbot.waitUntil(lambda: not kept[0].refuses(DONE), timeout=20_000)


def test_looks_of_the_agents_that_follow_do_not_keep_it_longer(qtbot: QtBot, kept: Kept) -> None:
    def is_let_go_after_another_look() -> bool:
        kept[0].end_soon()
        return not kept[0].refuses(DONE)

    qtbot.waitUntil(is_let_go_after_another_look, timeout=20_000)

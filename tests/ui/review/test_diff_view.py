"""A long diff is read while it is still being put in, and coloured where one looks."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextBlock
from pytestqt.qtbot import QtBot

from studio.domain.changes import Diff, FileChange, FileStatus
from studio.ui.review.diff_view import SLICE_LINES, DiffView
from studio.ui.theme import Theme

LINES = "".join(f"+def total_{number}():\n" for number in range(900))


def _diff(*paths: str) -> Diff:
    patch = f"@@ -0,0 +1,900 @@ class Cart\n{LINES}"
    return Diff("a", "b", tuple(FileChange(path, path, FileStatus.ADDED, 900, 0, False, patch) for path in paths))


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> DiffView:
    made = DiffView(theme)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def _colours(block: QTextBlock) -> list[str]:
    return [each.format.foreground().color().name() for each in block.layout().formats()]


def test_a_long_diff_begins_with_its_first_lines_and_is_whole_soon(qtbot: QtBot, view: DiffView) -> None:
    view.show_diff(_diff("a.py", "b.py"))
    assert view.blockCount() == SLICE_LINES
    qtbot.waitUntil(lambda: view.blockCount() == len(view.lines) == 1805)  # with an empty line between the files
    assert view.toPlainText().split("\n") == [line.text for line in view.lines]


def test_a_file_that_is_not_put_in_yet_can_be_gone_to(view: DiffView) -> None:
    view.show_diff(_diff("a.py", "b.py"))
    view.go_to_file("b.py")
    assert view.firstVisibleBlock().text().startswith("b.py")


def test_lines_in_view_get_colours_and_others_wait_for_the_eye(qtbot: QtBot, view: DiffView, theme: Theme) -> None:
    view.show_diff(_diff("a.py", "b.py"))
    qtbot.waitUntil(lambda: view.blockCount() == len(view.lines))
    keyword = theme.color("code_keyword").name()
    qtbot.waitUntil(lambda: keyword in _colours(view.document().findBlockByNumber(2)))
    assert _colours(view.document().findBlockByNumber(1000)) == []
    view.go_to_file("b.py")
    qtbot.waitUntil(lambda: keyword in _colours(view.document().findBlockByNumber(910)))


def test_another_theme_changes_the_colours_and_not_the_place(qtbot: QtBot, view: DiffView, theme: Theme) -> None:
    view.show_diff(_diff("a.py", "b.py"))
    view.go_to_file("b.py")
    dark = theme.color("code_keyword").name()
    qtbot.waitUntil(lambda: dark in _colours(view.document().findBlockByNumber(910)))
    theme.set("light")
    assert theme.color("code_keyword").name() != dark
    qtbot.waitUntil(lambda: theme.color("code_keyword").name() in _colours(view.document().findBlockByNumber(910)))
    assert view.firstVisibleBlock().text().startswith("b.py")


def test_another_diff_takes_the_place_of_one_that_is_still_being_put_in(qtbot: QtBot, view: DiffView) -> None:
    view.show_diff(_diff("a.py", "b.py"))
    view.show_diff(_diff("c.py"))
    qtbot.waitUntil(lambda: view.blockCount() == len(view.lines) == 902)
    view.show_diff(None)
    assert view.toPlainText() == ""

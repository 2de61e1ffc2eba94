"""Tool cards: an edit shows what it changes, and each file it touches opens with its chip."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.domain.events import Event, ToolAnswered, ToolCalled
from studio.ui.chat.entries import CallMade
from studio.ui.chat.items import ChatItems
from studio.ui.chat.list import ChatList
from studio.ui.chat.paint_call import HEADER
from studio.ui.chat.paint_diff import PREVIEW, changed_lines
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.theme import Theme
from tests.ui.chat.conftest import Log

PATCH = (
    "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n"
    "--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-z\n--- a/b.py\n+++ b/b.py\n"
)


@pytest.fixture
def items() -> ChatItems:
    return ChatItems()


@pytest.fixture
def chat(qtbot: QtBot, items: ChatItems, theme: Theme) -> ChatList:
    made = ChatList(items, theme)
    qtbot.addWidget(made)
    made.resize(400, 600)
    made.show()
    return made


def _edit(call: str, new: str, ok: bool = True) -> list[Event]:
    arguments = {"path": "shop/cart.py", "old": "x", "new": new}
    return [ToolCalled("t", 1, call, "edit", arguments), ToolAnswered(call, "edit", ok, "Changed.", "+1 −1")]


def _height(qtbot: QtBot, chat: ChatList, row: int) -> int:
    delegate = chat.itemDelegate()
    qtbot.waitUntil(lambda: all(delegate.is_exact(row) for row in range(chat.model().rowCount())))  # type: ignore[attr-defined]
    return chat.visualRect(chat.model().index(row, 0)).height()


def _spots(chat: ChatList, row: int) -> list[Spot]:
    """What a pointer finds on its way along the middle of a card's line."""
    rect = chat.visualRect(chat.model().index(row, 0))
    points = (QPoint(x, rect.top() + HEADER // 2 + 4) for x in range(0, rect.width(), 4))
    found = (chat.itemDelegate().spot(row, rect, point) for point in points)  # type: ignore[attr-defined]
    return list(dict.fromkeys(spot for spot in found if spot is not None))


def test_an_edit_shows_a_few_of_its_lines_before_it_is_opened_and_all_of_them_then(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    long = "\n".join(f"line {n}" for n in range(60))
    items.load(log(*_edit("c1", "y"), *_edit("c2", long), ToolCalled("t", 1, "c3", "read", {"path": "a.py"})))
    short_edit, long_edit, read = (_height(qtbot, chat, row) for row in range(3))
    assert short_edit > read
    assert short_edit < long_edit < read + (PREVIEW + 3) * 24
    items.toggle(1)
    assert _height(qtbot, chat, 1) > 60 * 12


def _write(call: str, content: str, summary: str, difference: str = "", ok: bool = True) -> list[Event]:
    arguments = {"path": "shop/cart.py", "content": content}
    answer = ToolAnswered(call, "write", ok, "Wrote.", summary, difference=difference)
    return [ToolCalled("t", 1, call, "write", arguments), answer]


def _changed(items: ChatItems, row: int) -> list[str]:
    entry = items.entry(row)
    assert isinstance(entry, CallMade)
    return changed_lines(entry)


def test_a_new_file_shows_its_first_lines_as_added_and_an_overwritten_one_what_changed(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    long = "".join(f"line {n}\n" for n in range(60))
    new = _write("c1", long, "+60 −0")
    anew = _write("c2", long, "+60 −59", "- line one\n+ line 1\n  …\n+ line 59")
    items.load(log(*new, *anew, *_write("c3", "", "+0 −0"), *_write("c4", long, "", ok=False)))
    assert _changed(items, 0) == [*(f"+ line {n}" for n in range(PREVIEW)), "  … 54 more lines"]
    assert _changed(items, 1) == ["- line one", "+ line 1", "+ line 59"]
    assert _changed(items, 2) == _changed(items, 3) == []
    of_new, of_anew, of_empty, of_failed = (_height(qtbot, chat, row) for row in range(4))
    assert of_new > of_anew > of_empty == of_failed


def test_hostile_lines_of_a_written_file_stay_text_of_bounded_length(items: ChatItems, log: Log) -> None:
    items.load(log(*_write("c1", "<b>a</b>\u202e\n" * 100_000, "+100000 −0")))
    assert _changed(items, 0)[0] == "+ <b>a</b>\\u202e"
    entry = items.entry(0)
    assert isinstance(entry, CallMade)
    assert len(entry.request) < 20_000


def test_an_edit_that_failed_shows_no_change(qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log) -> None:
    items.load(log(*_edit("c1", "y", ok=False), ToolCalled("t", 1, "c3", "read", {"path": "a.py"})))
    assert _height(qtbot, chat, 0) == _height(qtbot, chat, 1)


def test_the_chip_of_an_edit_opens_its_file_and_the_rest_of_its_line_unfolds_it(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(*_edit("c1", "y")))
    _height(qtbot, chat, 0)
    assert _spots(chat, 0) == [Spot(SpotKind.FOLD), Spot(SpotKind.FILE, "shop/cart.py")]


def test_a_patch_has_a_chip_for_each_file_that_is_still_there(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(ToolCalled("t", 1, "c", "apply_patch", {"patch": PATCH})))
    _height(qtbot, chat, 0)
    assert _spots(chat, 0)[1:] == [Spot(SpotKind.FILE, "a.py"), Spot(SpotKind.FILE, "b.py")]


# The offscreen platform says this of every menu, whatever the program does.
@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_of_many_files_the_menu_of_the_card_opens_each(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    patch = "".join(f"--- a/{n}.py\n+++ b/{n}.py\n" for n in range(6))
    items.load(log(ToolCalled("t", 1, "c", "apply_patch", {"patch": patch})))
    _height(qtbot, chat, 0)
    chat.setCurrentIndex(items.index(0))
    chat._open_menu(items.index(0))
    menu = chat.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Copy", *(f"Open file {n}.py" for n in range(6))]
    menu.close()


def test_a_card_opens_by_keyboard_and_says_itself_to_a_screen_reader(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(*_edit("c1", "y")))
    before = _height(qtbot, chat, 0)
    chat.setCurrentIndex(items.index(0))
    QTest.keyClick(chat, Qt.Key.Key_Return)
    assert _height(qtbot, chat, 0) > before
    said = items.data(items.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Edit shop/cart.py\nChanged."


def test_a_folder_that_was_listed_is_not_offered_as_a_file(log: Log) -> None:
    items = ChatItems()
    items.load(log(ToolCalled("t", 1, "c", "list", {"path": "src"})))
    card = items.entry(0)
    assert isinstance(card, CallMade)
    assert card.files == ()


def test_a_comment_of_dashes_that_a_patch_takes_out_is_shown(log: Log) -> None:
    patch = "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n--- keep the guard\n-where id = 1\n+++ nothing\n"
    items = ChatItems()
    items.load(
        log(ToolCalled("t", 1, "c", "apply_patch", {"patch": patch}), ToolAnswered("c", "apply_patch", True, ""))
    )
    card = items.entry(0)
    assert isinstance(card, CallMade)
    assert changed_lines(card) == ["--- keep the guard", "-where id = 1", "+++ nothing"]

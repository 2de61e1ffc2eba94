"""The list of a chat: heights, the end, the live message, the pointer and the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.events import (
    Delta,
    MessagePosted,
    SandboxStarted,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.delegate import ChatDelegate
from studio.ui.chat.items import ChatItems
from studio.ui.chat.list import ChatList
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.theme import Theme
from tests.ui.chat.conftest import Log

# The offscreen platform says this of every menu, whatever the program does.
MENUS = pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)

PROJECT, RUN = ProjectId("p0000001"), RunId("r0000001")


@pytest.fixture
def items() -> ChatItems:
    return ChatItems()


@pytest.fixture
def chat(qtbot: QtBot, items: ChatItems, theme: Theme) -> ChatList:
    made = ChatList(items, theme)
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def _said(text: str) -> MessagePosted:
    return MessagePosted(Speaker.AGENT, text, "t", 1)


def _rows(chat: ChatList) -> ChatDelegate:
    delegate = chat.itemDelegate()
    assert isinstance(delegate, ChatDelegate)
    return delegate


def _all_exact(chat: ChatList, items: ChatItems) -> bool:
    return all(_rows(chat).is_exact(row) for row in range(items.rowCount()))


def test_every_row_gets_its_exact_height_also_after_the_width_changed(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(*(_said(f"Paragraph {n} " * (n % 30 + 1)) for n in range(250))))
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    narrow = _rows(chat).exact(29)
    chat.resize(900, 300)
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    assert _rows(chat).exact(29) < narrow
    last = chat.visualRect(items.index(items.rowCount() - 1))
    first = chat.visualRect(items.index(0))
    assert last.bottom() - first.top() + 1 == sum(_rows(chat).exact(row) for row in range(items.rowCount()))


def test_new_rows_scroll_into_view_only_while_the_reader_is_at_the_end(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(*(_said(f"Line {n}") for n in range(60))))
    bar = chat.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)

    bar.setValue(bar.maximum() // 2)
    read = QPersistentModelIndex(chat.indexAt(QPoint(4, 4)))
    before = chat.visualRect(items.index(read.row()))
    items.apply(log(_said("News"))[0])
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    # Rows above may have become taller or shorter meanwhile: what is being read stays where it is.
    assert chat.visualRect(items.index(read.row())).top() == before.top()
    assert not chat.at_end

    chat.go_to_end()
    items.apply(log(_said("More news"))[0])
    qtbot.waitUntil(lambda: chat.at_end and bar.value() == bar.maximum() > 0)


def test_the_live_message_stands_in_the_last_row_and_leaves_with_it(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(MessagePosted(Speaker.HUMAN, "Go", "t"), TurnStarted("t"), StepStarted("t", 1, "ollama/qwen")))
    for piece in ("Some **bold** words.\n\n", "```python\n", "x = 1\n", "```\n\n", "The end."):
        items.apply(Delta(PROJECT, RUN, "text", piece))
    qtbot.waitUntil(lambda: "The end." in chat.live.body.toPlainText())
    text = chat.live.body.toPlainText()
    assert text.index("Some bold words.") < text.index("x = 1") < text.index("The end.")
    assert text.count("bold") == 1
    qtbot.waitUntil(lambda: chat.live.geometry() == chat.visualRect(items.index(items.rowCount() - 1)))

    items.apply(log(_said("Some **bold** words."))[0])
    assert chat.live.isHidden()


def test_a_click_on_a_card_unfolds_it_in_place(qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log) -> None:
    items.load(
        log(
            ToolCalled("t", 1, "c", "shell", {"command": "ls"}),
            ToolAnswered("c", "shell", True, "a\nb\nc", "c", 5.0),
        )
    )
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    closed = chat.visualRect(items.index(0)).height()
    QTest.mouseClick(chat.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 18))
    assert items.is_opened(0)
    qtbot.waitUntil(lambda: chat.visualRect(items.index(0)).height() > closed)

    chat.setCurrentIndex(items.index(0))
    QTest.keyClick(chat, Qt.Key.Key_Return)
    assert not items.is_opened(0)


def test_links_files_and_footers_tell_where_they_lead(qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log) -> None:
    items.load(
        log(
            TurnStarted("t"),
            _said("[the docs](https://example.org/x)"),
            ToolCalled("t", 1, "c", "read", {"path": "src/a.py"}),
            SnapshotTaken("t", 1, "a", "b", ("src/a.py",)),
            TurnEnded("t", Outcome.REPLIED, 1, "b"),
        )
    )
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    seen: list[Spot] = []
    chat.spot_clicked.connect(seen.append)
    message, card, footer = (chat.visualRect(items.index(row)) for row in range(3))
    QTest.mouseClick(chat.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, message.bottom() - 14))
    QTest.mouseClick(chat.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(95, card.center().y()))
    QTest.mouseClick(chat.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, footer.center().y()))
    assert seen == [
        Spot(SpotKind.LINK, "https://example.org/x"),
        Spot(SpotKind.FILE, "src/a.py"),
        Spot(SpotKind.REVIEW, "t"),
    ]


def _click_in_live_message(chat: ChatList, words: str) -> None:
    body = chat.live.body
    found = body.document().find(words)
    found.setPosition(found.selectionStart() + 1)
    QTest.mouseClick(body.viewport(), Qt.MouseButton.LeftButton, pos=body.cursorRect(found).center())


def test_links_and_copy_buttons_of_the_live_message_work_as_in_a_finished_one(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(TurnStarted("t"), StepStarted("t", 1, "ollama/qwen")))
    text = "In [the cart](my%20shop/cart.py:12):\n\n```python\nx = 1\n```\n\n```\ny = 2\nand"
    items.apply(Delta(PROJECT, RUN, "text", text))
    qtbot.waitUntil(lambda: "and" in chat.live.body.toPlainText())
    seen: list[Spot] = []
    chat.spot_clicked.connect(seen.append)
    _click_in_live_message(chat, "the cart")
    assert seen == [Spot(SpotKind.FILE, "my shop/cart.py", 12)]
    _click_in_live_message(chat, "Copy")
    assert QGuiApplication.clipboard().text() == "x = 1"
    chat.live.growing.show(text + " more")
    assert chat.live.growing.spot("copy:1") == Spot(SpotKind.COPY, "y = 2\nand more")


def _asks_for_menu(reason: QContextMenuEvent.Reason, widget: QWidget, place: QPoint) -> QContextMenuEvent:
    return QContextMenuEvent(reason, place, widget.mapToGlobal(place))


def _menu(chat: ChatList) -> QMenu:
    [menu] = chat.findChildren(QMenu)
    return menu


@MENUS
def test_the_menu_key_offers_what_a_pointer_finds_in_the_current_row(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    text = "In [the cart](my%20shop/cart.py:12), see [it](https://example.org/?a&b):\n\n```\nx = 1\n```\n\n```\ny\n```"
    items.load(log(_said(text), *(_said(f"Line {n}") for n in range(60))))
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    chat.setCurrentIndex(items.index(0))
    seen: list[Spot] = []
    chat.spot_clicked.connect(seen.append)

    QApplication.sendEvent(chat, _asks_for_menu(QContextMenuEvent.Reason.Keyboard, chat, chat.rect().center()))
    menu = _menu(chat)
    assert chat.currentIndex().row() == 0
    assert [action.text() for action in menu.actions()] == [
        "Copy",
        "Copy code block 1",
        "Open code block 1 in the editor",
        "Apply code block 1 at the caret of the open file",
        "Copy code block 2",
        "Open code block 2 in the editor",
        "Apply code block 2 at the caret of the open file",
        "Open file my shop/cart.py, line 12",
        "Open link https://example.org/?a&&b",
    ]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "x = 1"
    qtbot.waitUntil(lambda: chat.findChildren(QMenu) == [])

    QTest.keyClick(chat, Qt.Key.Key_Return)
    for _ in range(7):
        QTest.keyClick(_menu(chat), Qt.Key.Key_Down)
    QTest.keyClick(_menu(chat), Qt.Key.Key_Return)
    assert seen == [Spot(SpotKind.FILE, "my shop/cart.py", 12)]


@MENUS
def test_the_pointer_opens_the_menu_of_the_row_below_it(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(_said("First"), ToolCalled("t", 1, "c", "read", {"path": "src/a.py"})))
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    chat.setCurrentIndex(items.index(0))
    place = chat.visualRect(items.index(1)).center()
    QApplication.sendEvent(chat.viewport(), _asks_for_menu(QContextMenuEvent.Reason.Mouse, chat.viewport(), place))
    assert [action.text() for action in _menu(chat).actions()] == ["Copy", "Open file src/a.py"]
    assert chat.currentIndex().row() == 1


def test_what_the_sandbox_says_while_it_is_prepared_is_a_line_of_its_own_and_not_the_agents_words(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log
) -> None:
    items.load(log(TurnStarted("t")))
    items.apply(Delta(PROJECT, RUN, "setup", "Step 1/9\n\x1b[1mStep 2/9 : RUN *apt*\x1b[0m\n"))
    state = chat.live.state
    qtbot.waitUntil(lambda: state.text() == "Preparing the sandbox… Step 2/9 : RUN *apt*")
    assert chat.live.isVisible()
    assert chat.live.body.toPlainText() == ""
    items.apply(log(SandboxStarted("c", "i", 12.0))[0])
    assert state.text() == "Working…"


def test_a_message_is_copied_as_it_was_written(chat: ChatList, items: ChatItems, log: Log) -> None:
    items.load(log(_said("Use `x`,\n\n```\ncode\n```")))
    chat.setCurrentIndex(items.index(0))
    QTest.keyClick(chat, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Use `x`,\n\n```\ncode\n```"


def test_both_themes_paint_every_kind_of_row(
    qtbot: QtBot, chat: ChatList, items: ChatItems, log: Log, theme: Theme
) -> None:
    items.load(
        log(
            MessagePosted(Speaker.HUMAN, "Go", "t"),
            TurnStarted("t"),
            MessagePosted(Speaker.AGENT, "# Title\n\ntext", "t", 1, "thinking"),
            ToolCalled("t", 1, "c", "edit", {"path": "a", "old": "x", "new": "y"}),
            TurnEnded("t", Outcome.LIMIT, 1, "b", reason="Enough."),
        )
    )
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    dark = chat.grab().toImage()
    theme.set("light")
    qtbot.waitUntil(lambda: _all_exact(chat, items))
    assert chat.grab().toImage() != dark

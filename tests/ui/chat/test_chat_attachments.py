"""Files and pictures come into a message by drop and paste."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.given import Given, read_given
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.images import image_of
from studio.domain.queue import Queue, QueuedMessage
from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import small_picture
from studio.ui.chat.helps import Helps
from studio.ui.chat.items import ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.chat.queue_cards import QueueCard
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import png


class ScriptedReferences:
    """Reads dropped files as the real one does, from a checkout of its own."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout

    async def given(self, project: ProjectId, paths: tuple[str, ...]) -> Given:
        return read_given(self.checkout, paths)


def _picture(width: int = 30, height: int = 20) -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(QColor("red"))
    return made


@pytest.fixture
def page(qtbot: QtBot, bridge: Bridge, doors: QuietDoors, theme: Theme, tmp_path: Path) -> Iterator[ChatPage]:
    (tmp_path / "shop").mkdir()
    doors.references = ScriptedReferences(tmp_path / "shop")  # type: ignore[attr-defined]
    made = ChatPage(ChatItems(), theme)
    qtbot.addWidget(made)
    made.resize(400, 600)
    made.show()
    here: tuple[ProjectId, RunId | None] = (ProjectId("p1"), None)
    helps = Helps(bridge, made, lambda: here)
    yield made
    del helps


def _drop(page: ChatPage, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert page.composer.input.canInsertFromMimeData(mime)
    page.composer.input.insertFromMimeData(mime)


def test_a_file_of_the_project_becomes_a_reference(qtbot: QtBot, page: ChatPage, tmp_path: Path) -> None:
    (tmp_path / "shop" / "my cart.py").write_text("x")
    _drop(page, tmp_path / "shop" / "my cart.py")
    qtbot.waitUntil(lambda: page.composer.input.toPlainText() == '@file:"my cart.py" ')


def test_a_text_from_elsewhere_comes_in_whole_when_it_is_short(qtbot: QtBot, page: ChatPage, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("one\n```\ntwo\n")
    _drop(page, tmp_path / "log.txt")
    qtbot.waitUntil(lambda: page.composer.input.toPlainText() == "\nlog.txt:\n````\none\n```\ntwo\n````\n")


def test_an_image_is_attached_and_can_be_taken_away(qtbot: QtBot, page: ChatPage, tmp_path: Path) -> None:
    (tmp_path / "shot.dat").write_bytes(png(30, 20))
    _drop(page, tmp_path / "shot.dat")
    qtbot.waitUntil(lambda: page.attachments.images == (png(30, 20),))
    assert page.attachments.isVisible()
    [button] = page.attachments.buttons
    assert button.accessibleName() == "Take away the PNG image, 30×20"
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert page.attachments.images == ()
    assert not page.attachments.isVisible()
    assert page.composer.input.hasFocus()


def test_what_cannot_be_taken_is_said_with_its_name(qtbot: QtBot, page: ChatPage, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"\0\1")
    _drop(page, tmp_path / "data.bin", tmp_path, tmp_path / "gone.txt")
    qtbot.waitUntil(page.error.isVisible)
    said = page.error.sentence.text()
    assert "data.bin is a binary file." in said
    assert "cannot be read: Is a directory." in said
    assert "gone.txt cannot be read: No such file or directory." in said
    assert page.composer.input.toPlainText() == ""


def test_a_picture_of_the_clipboard_is_attached_and_a_large_one_made_smaller(qtbot: QtBot, page: ChatPage) -> None:
    mime = QMimeData()
    mime.setImageData(_picture(3000, 30))
    page.composer.input.insertFromMimeData(mime)
    qtbot.waitUntil(lambda: len(page.attachments.images) == 1)
    assert image_of(page.attachments.images[0]).about == "PNG image, 2000×20"


def test_a_copied_table_is_pasted_as_text_and_markup_as_its_words(page: ChatPage) -> None:
    mime = QMimeData()
    mime.setImageData(_picture())
    mime.setText("a\tb")
    mime.setHtml("<img src='http://127.0.0.1:1/x.png'><b>a</b>")
    page.composer.input.insertFromMimeData(mime)
    assert page.composer.input.toPlainText() == "a\tb"
    assert page.attachments.images == ()


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    [problem] = read_given(tmp_path, (str(tmp_path / "pipe"),)).problems
    assert problem.startswith("pipe is no file.")


def test_the_picture_on_its_button_is_made_before_it_comes_into_the_window(page: ChatPage) -> None:
    small = small_picture(png(300, 200))
    assert (small.width(), small.height()) == (36, 24)
    page.attachments.add(png(300, 200), small)
    [button] = page.attachments.buttons
    assert [size.toTuple() for size in button.icon().availableSizes()] == [(36, 24)]


def test_an_image_that_ends_in_its_middle_has_a_button_without_a_picture(page: ChatPage) -> None:
    page.attachments.add(png(300, 200)[:60])
    [button] = page.attachments.buttons
    assert button.accessibleName() == "Take away the PNG image, 300×200"


def _queued(page: ChatPage) -> QueueCard:
    page.queue.show_queue(Queue((QueuedMessage(TurnId("t1"), "Look at"),)), working=True)
    [card] = page.queue.cards
    card.edit()
    return card


def _mime(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_a_file_that_is_pasted_into_a_queued_message_becomes_a_reference_of_it(
    qtbot: QtBot, page: ChatPage, tmp_path: Path
) -> None:
    (tmp_path / "shop" / "cart.py").write_text("x")
    card = _queued(page)
    QTest.keyClicks(card.field, " ")
    card.field.insertFromMimeData(_mime(tmp_path / "shop" / "cart.py"))
    qtbot.waitUntil(lambda: card.field.toPlainText() == "Look at @file:cart.py ")
    assert page.composer.input.toPlainText() == ""


def test_a_picture_that_is_given_to_a_queued_message_is_said_not_to_be_taken(
    qtbot: QtBot, page: ChatPage, tmp_path: Path
) -> None:
    (tmp_path / "shot.png").write_bytes(png(30, 20))
    card, mime = _queued(page), QMimeData()
    mime.setImageData(_picture())
    card.field.insertFromMimeData(mime)
    assert page.error.sentence.text().startswith("A message that waits takes no picture any more.")
    page.clear_error()
    card.field.insertFromMimeData(_mime(tmp_path / "shot.png"))
    qtbot.waitUntil(page.error.isVisible)
    assert card.field.toPlainText() == "Look at"
    assert page.attachments.images == ()


def test_a_file_for_a_queued_message_that_was_just_sent_goes_into_the_message_field(
    qtbot: QtBot, page: ChatPage, tmp_path: Path
) -> None:
    (tmp_path / "shop" / "cart.py").write_text("x")
    card = _queued(page)
    card.field.insertFromMimeData(_mime(tmp_path / "shop" / "cart.py"))
    page.queue.show_queue(Queue(), working=True)
    qtbot.waitUntil(lambda: "@file:cart.py" in page.composer.input.toPlainText())


def test_a_file_can_be_dropped_anywhere_in_the_chat(
    qtbot: QtBot, qapp: QApplication, page: ChatPage, tmp_path: Path
) -> None:
    (tmp_path / "shop" / "cart.py").write_text("x")
    mime, copy = _mime(tmp_path / "shop" / "cart.py"), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(100, 100), copy, mime, left, none)
    qapp.sendEvent(page, entered)
    assert entered.isAccepted()
    qapp.sendEvent(page, QDropEvent(QPointF(100, 100), copy, mime, left, none))
    qtbot.waitUntil(lambda: page.composer.input.toPlainText() == "@file:cart.py ")

"""Whatever an agent writes stays words wherever it is shown: no markup, no picture, no link opened, no focus taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.app.references import Offer
from studio.domain.events import (
    CheckpointOpened,
    Delta,
    Event,
    MessagePosted,
    RunStarted,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.items import ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.theme import Theme
from tests.ui.chat.conftest import PROJECT, RUN, Log


class Listener:
    """A web server that counts who asks it for anything."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Opened(QObject):
    """Hears of every address that would leave the window."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    @Slot(QUrl)
    def hear(self, url: QUrl) -> None:
        self.addresses.append(url.toString())


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def opened() -> Iterator[Opened]:
    made = Opened()
    for scheme in ("http", "https", "file", "mailto", "javascript"):
        QDesktopServices.setUrlHandler(scheme, made, "hear")  # type: ignore[arg-type]  # bytes are refused
    QDesktopServices.openUrl(QUrl("https://example.org/heard"))
    assert made.addresses.pop() == "https://example.org/heard"
    yield made
    for scheme in ("http", "https", "file", "mailto", "javascript"):
        QDesktopServices.unsetUrlHandler(scheme)


def _hostile(address: str) -> str:
    return (
        f"<img src='{address}/a.png'><script>x</script><b>bold</b> ![x]({address}/b.png) ![y](file:///etc/passwd) "
        f"[go](javascript:alert(1)) [copy](copy:0) [apply](apply:0) <a href='{address}/c'>c</a> \u202e\n\n"
        f"```<img/src={address}/d.png>\n<img src='{address}/e.png'>\n```\n\n[r]: {address}/f 'x'\n"
    )


def _story(text: str) -> list[Event]:
    line = " ".join(text.split())
    return [
        RunStarted(line, line, "ollama/q", "main", "a", "b", "ask", role_title=line),
        MessagePosted(Speaker.HUMAN, text, "t", references={f"file:{line}": "x", f"symbol:{line}": "y"}),
        TurnStarted("t"),
        StepStarted("t", 1, line),
        MessagePosted(Speaker.AGENT, text, "t", 1, thinking=text),
        ToolCalled("t", 1, "c1", "edit", {"path": line, "old": text, "new": text}),
        ToolAnswered("c1", "edit", True, text, "+1 −1"),
        ToolCalled("t", 1, "c2", line, {"x": text}),
        ToolAnswered("c2", line, False, text, line),
        ToolCalled("t", 1, "c3", "apply_patch", {"patch": f"--- a/x\n+++ b/{line}\n@@ -1 +1 @@\n-{line}\n+{line}\n"}),
        ToolCalled("t", 1, "c4", "shell", None, text),  # what could not be read
        SnapshotTaken("t", 1, "a", "b", (line,)),
        TurnEnded("t", Outcome.FAILED, 1, line, reason=line, action=line),
    ]


# The offscreen platform says this of every menu, whatever the program does.
@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_hostile_words_in_every_place_load_nothing_open_nothing_and_take_no_focus(
    qtbot: QtBot, theme: Theme, log: Log, listener: Listener, opened: Opened
) -> None:
    items = ChatItems()
    page = ChatPage(items, theme)
    qtbot.addWidget(page)
    page.resize(420, 1400)
    page.show()
    page.composer.input.setFocus()
    qtbot.waitUntil(page.composer.input.hasFocus)
    text = _hostile(listener.address)
    moved: list[QWidget | None] = []
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.focusChanged.connect(lambda _old, new: moved.append(new))

    items.load(log(*_story(text)))
    for row in range(items.rowCount()):
        items.toggle(row)
    delegate = page.list.itemDelegate()
    qtbot.waitUntil(lambda: all(delegate.is_exact(row) for row in range(items.rowCount())))  # type: ignore[attr-defined]
    page.grab()
    for row in range(items.rowCount()):
        page.list.scrollTo(items.index(row))
        page.grab()
    items.apply(log(StepStarted("t", 2, "ollama/q"))[0])
    items.apply(Delta(PROJECT, RUN, "thinking", text))
    items.apply(Delta(PROJECT, RUN, "text", text))
    line = " ".join(text.split())
    opening = CheckpointOpened("q", "approval", "c1", line, line)
    items.apply(log(opening)[0])
    qtbot.waitUntil(lambda: "bold" in page.list.live.body.toPlainText())
    page.grab()
    assert moved == []

    application.focusChanged.disconnect()
    QTest.keyClicks(page.composer.input, "@x")
    page.completing.show_offers("x", (Offer(line, line),))
    page.search.start()
    QTest.keyClicks(page.search.field, "<img")
    page.grab()
    for row in range(items.rowCount()):
        page.list._open_menu(items.index(row))
        for menu in page.list.findChildren(QMenu):
            menu.grab()
            menu.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    assert listener.asked == []
    assert opened.addresses == []
    for label in page.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()


def test_no_place_of_a_hostile_message_leads_to_what_it_did_not_show(
    qtbot: QtBot, theme: Theme, log: Log, listener: Listener, opened: Opened
) -> None:
    items = ChatItems()
    page = ChatPage(items, theme)
    qtbot.addWidget(page)
    page.resize(420, 1400)
    page.show()
    items.load(log(MessagePosted(Speaker.AGENT, _hostile(listener.address), "t", 1)))
    qtbot.waitUntil(lambda: page.list.itemDelegate().is_exact(0))  # type: ignore[attr-defined]
    rect = page.list.visualRect(items.index(0))
    delegate = page.list.itemDelegate()
    found = {
        (spot.kind.value, spot.value)
        for y in range(rect.top(), rect.bottom(), 4)
        for x in range(rect.left(), rect.right(), 4)
        if (spot := delegate.spot(0, rect, QPoint(x, y))) is not None  # type: ignore[attr-defined]
    }
    code = f"<img src='{listener.address}/e.png'>"
    assert found == {("copy", code), ("show", code), ("apply", code)}
    assert opened.addresses == []

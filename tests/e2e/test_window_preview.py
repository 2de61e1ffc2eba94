"""The preview of a run shows what a server inside its container says, and its agent what it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.tools import ApprovalMode
from studio.ui.main_window import MainWindow
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, open_window, say, scripted, send, texts

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("propagateSizeHints", "RHI", "QRhi", "GPUInfo", "dbus", "^js:", extend=True),
]
PORT = 8123
SERVE = {"name": "shell", "arguments": {"command": f"nohup python3 -m http.server {PORT} >/dev/null 2>&1 &"}}


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    repository = make_repository(tmp_path / "shop", {"index.html": "<title>Shop</title><p>Three pears</p>"})
    replies = scripted(tmp_path, {"text": "I serve it.", "calls": [SERVE]}, {"text": "Up."})
    auto = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value}
    with open_window(qtbot, tmp_path / "home", repository, {**replies, **auto}) as made:
        yield made


def test_a_page_served_in_the_container_is_seen_through_a_tunnel_on_loopback(window: MainWindow, qtbot: QtBot) -> None:
    run = say(qtbot, window, "Serve the shop")
    _wait_for_port(window, qtbot, run)
    preview = window.panels.preview
    with qtbot.waitSignal(preview.preview_opened, timeout=LONG):
        QTest.mouseClick(window.frame.title.preview, Qt.MouseButton.LeftButton)
        QTest.mouseClick(preview.view.state.button, Qt.MouseButton.LeftButton)
    browser = preview.host.browser
    assert browser is not None
    qtbot.waitUntil(lambda: browser.title() == "Shop", timeout=LONG)
    read: list[str] = []
    browser.page().toPlainText(read.append)
    qtbot.waitUntil(lambda: read == ["Three pears"], timeout=LONG)

    address = urlsplit(preview.view.bar.address.text())
    assert address.hostname == "127.0.0.1"
    assert address.port not in (None, PORT)


@pytest.fixture
def looking(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window whose agent serves a red page, and looks at it when it is written to again."""
    page = "<title>Shop</title><body style='background: #c00000'></body>"
    repository = make_repository(tmp_path / "shop", {"index.html": page})
    serve = {"text": "I serve it.", "calls": [SERVE]}
    look = {"text": "I look.", "calls": [{"name": "preview_screenshot", "arguments": {"looking_for": "its colour"}}]}
    replies = scripted(tmp_path, serve, {"text": "Up."}, look, {"text": "It is red."})
    auto = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value}
    with open_window(qtbot, tmp_path / "home", repository, {**replies, **auto}) as made:
        yield made


def test_an_agent_sees_the_page_as_the_window_shows_it(looking: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    run = say(qtbot, looking, "Serve the shop")
    _wait_for_port(looking, qtbot, run)
    _see(looking, qtbot, "#c00000")
    qtbot.waitUntil(lambda: "Up." in texts(looking), timeout=LONG)

    send(qtbot, looking, "How does it look?")
    qtbot.waitUntil(lambda: "It is red." in texts(looking), timeout=LONG)

    (kept,) = (tmp_path / "home").rglob("pictures/*")
    assert _colour(QImage.fromData(kept.read_bytes())) == "#c00000"


@pytest.fixture
def clicking(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window whose agent serves a page with a button, and presses that when it is written to again."""
    button = "<button onclick=\"document.body.style.background = '#c00000'\">Ripen</button>"
    page = f"<title>Shop</title><body style='background: #00c000'><h1>Pears</h1>{button}"
    repository = make_repository(tmp_path / "shop", {"index.html": page})
    serve = {"text": "I serve it.", "calls": [SERVE]}
    # The first document that a preview shows names its elements b1, b2, …
    press = {"text": "I press it.", "calls": [{"name": "page_click", "arguments": {"ref": "b1"}}]}
    look = {"text": "I look.", "calls": [{"name": "page_look", "arguments": {}}]}
    replies = scripted(tmp_path, serve, {"text": "Up."}, look, press, {"text": "It is ripe."})
    auto = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value}
    with open_window(qtbot, tmp_path / "home", repository, {**replies, **auto}) as made:
        yield made


def test_an_agent_presses_a_button_of_the_page_that_the_window_shows(clicking: MainWindow, qtbot: QtBot) -> None:
    run = say(qtbot, clicking, "Serve the shop")
    _wait_for_port(clicking, qtbot, run)
    _see(clicking, qtbot, "#00c000")
    qtbot.waitUntil(lambda: "Up." in texts(clicking), timeout=LONG)

    send(qtbot, clicking, "Is it ripe?")

    qtbot.waitUntil(lambda: "It is ripe." in texts(clicking), timeout=LONG)
    browser = clicking.panels.preview.host.browser
    assert browser is not None
    qtbot.waitUntil(lambda: _colour(browser.grab().toImage()) == "#c00000", timeout=LONG)


def _see(window: MainWindow, qtbot: QtBot, colour: str) -> None:
    """Opens the preview and waits until its page is drawn."""
    preview = window.panels.preview
    with qtbot.waitSignal(preview.preview_opened, timeout=LONG):
        QTest.mouseClick(window.frame.title.preview, Qt.MouseButton.LeftButton)
    browser = preview.host.browser
    assert browser is not None
    qtbot.waitUntil(lambda: _colour(browser.grab().toImage()) == colour, timeout=LONG)


def _colour(picture: QImage) -> str:
    return picture.pixelColor(picture.width() // 2, picture.height() // 2).name()


def _wait_for_port(window: MainWindow, qtbot: QtBot, run: Any) -> None:
    """Asks again each time the answer came without it."""
    found: list[int] = []

    def ask() -> None:
        window._bridge.call(lambda studio: studio.previews.ports(run), meet)

    def meet(ports: tuple[int, ...]) -> None:
        if PORT in ports:
            found.append(PORT)
        else:
            ask()

    ask()
    qtbot.waitUntil(lambda: found == [PORT], timeout=LONG)

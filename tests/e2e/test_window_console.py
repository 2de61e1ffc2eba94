"""A page that breaks in the preview: the console names the line, the agent is asked to fix it, and it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.console import ConsoleEntry
from studio.domain.tools import ApprovalMode
from studio.ui.console.items import SOURCE
from studio.ui.main_window import MainWindow
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call
from tests.fixtures.window import LONG, open_window, say, scripted, texts

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("propagateSizeHints", "RHI", "QRhi", "GPUInfo", "dbus", "^js:", extend=True),
]
PORT = 8123
BROKEN = "const cart = undefined;\n\nfunction total() {\n  return cart.total;\n}\ndocument.title = `${total()}`;\n"
START = call("preview_start", command=f"exec python3 -m http.server {PORT}", port=PORT)
MEND = call("edit", path="app.js", old="const cart = undefined;", new="const cart = {total: 3};")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    files = {"index.html": "<title>Shop</title><script src=app.js></script>", "app.js": BROKEN}
    repository = make_repository(tmp_path / "shop", files)
    replies = scripted(tmp_path, START, {"text": "Up."}, MEND, {"text": "Mended."})
    auto = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value}
    with open_window(qtbot, tmp_path / "home", repository, {**replies, **auto}) as made:
        yield made


def test_an_error_of_a_page_is_named_opened_and_fixed(window: MainWindow, qtbot: QtBot) -> None:
    say(qtbot, window, "Serve the shop")
    qtbot.waitUntil(lambda: "Up." in texts(window), timeout=LONG)
    preview, console = window.panels.preview, window.panels.console
    with qtbot.waitSignal(preview.preview_opened, timeout=LONG):
        QTest.mouseClick(window.frame.title.preview, Qt.MouseButton.LeftButton)
        QTest.mouseClick(preview.view.state.button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: bool(_errors(window)), timeout=LONG)
    [error] = _errors(window)
    assert (error.path, error.line) == ("app.js", 4)
    assert "Cannot read properties of undefined (reading 'total')" in error.text
    assert window.frame.docks.title("console") == "Console · 1"

    window.frame.show_panel("console")
    row = console.items.rows.index(error)
    console.view.table.selectRow(row)
    console.view.table.clicked.emit(console.view.matches.index(row, SOURCE))
    qtbot.waitUntil(lambda: window.windowTitle().startswith("app.js"), timeout=LONG)

    QTest.mouseClick(console.view.fix, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Mended." in texts(window), timeout=LONG)
    assert "Fix this error of the app. It points to app.js, line 4." in texts(window)
    browser = preview.host.browser
    assert browser is not None
    qtbot.waitUntil(lambda: browser.title() == "3", timeout=LONG)
    # The page that is loaded now has no error.
    qtbot.waitUntil(lambda: window.frame.docks.title("console") == "Console", timeout=LONG)


def _errors(window: MainWindow) -> list[ConsoleEntry]:
    return [entry for entry in window.panels.console.items.rows if entry.level == "error"]

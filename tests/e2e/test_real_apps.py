"""Apps as their own scaffolds make them are shown by one click, and change on the screen when their files do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.tools import ApprovalMode
from studio.ui.main_window import MainWindow
from studio.ui.preview.browser import Browser
from tests.fixtures.real_apps import RealApp
from tests.fixtures.window import LONG, open_window, say, scripted

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("propagateSizeHints", "RHI", "QRhi", "GPUInfo", "dbus", "^js:", extend=True),
]


class Previewed:
    """A window on a run of an app, and what a person sees in its preview."""

    def __init__(self, window: MainWindow, qtbot: QtBot, files: Path) -> None:
        self.window, self.qtbot, self.files = window, qtbot, files

    def click_preview(self) -> None:
        """The one click."""
        preview = self.window.panels.preview
        with self.qtbot.waitSignal(preview.preview_opened, timeout=LONG):
            QTest.mouseClick(self.window.frame.title.preview, Qt.MouseButton.LeftButton)

    def wait_for(self, text: str) -> None:
        """Waits until the page shows this text."""
        self._until(lambda shown: text in shown)

    def change(self, path: str, old: str, new: str) -> None:
        """Changes a file of the workspace, as an editor does."""
        file = self.files / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def _until(self, seen: Callable[[str], bool]) -> None:
        browser = self.window.panels.preview.host.browser
        assert isinstance(browser, Browser)
        read = [""]

        def met(text: str) -> None:
            read[0] = text

        def look() -> bool:
            browser.page().toPlainText(met)
            return seen(read[0])

        self.qtbot.waitUntil(look, timeout=LONG)


@contextmanager
def previewing(
    qtbot: QtBot, tmp_path: Path, app: RealApp | None, repository: Path, *replies: dict[str, object]
) -> Iterator[Previewed]:
    """A window on a run whose workspace has what the app needs; its agent has greeted."""
    scripting = scripted(tmp_path, {"text": "Ready."}, *replies)
    auto = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value}
    home = tmp_path / "home"
    with open_window(qtbot, home, repository, {**scripting, **auto}) as window:
        run = say(qtbot, window, "Have a look")
        files = home / "workspaces" / run / "files"
        qtbot.waitUntil(lambda: window.panels.preview.standing is not None and (files / ".git").exists(), timeout=LONG)
        if app is not None:
            app.install(files)
        yield Previewed(window, qtbot, files)


def test_a_vite_app_is_shown_and_its_own_reloading_reaches_the_page(
    qtbot: QtBot, tmp_path: Path, vite_app: RealApp
) -> None:
    with previewing(qtbot, tmp_path, vite_app, vite_app.repository(tmp_path / "shop")) as shop:
        shop.click_preview()
        shop.wait_for("Vite + React")

        shop.change("src/App.jsx", "Vite + React", "Three pears")

        shop.wait_for("Three pears")
        assert shop.window.panels.preview.standing.state.kind == "Vite"

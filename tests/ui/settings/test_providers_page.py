"""The page of providers on a real core: a key is pasted unseen, used at once, tried and taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.ui.providers.panel import ProvidersPanel
from studio.ui.theme import Theme
from tests.ui.settings.conftest import Core

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

KEY = "sk-a-very-secret-value"
MODELS = b'{"object": "list", "data": [{"id": "gpt-5", "object": "model", "created": 1, "owned_by": "x"}]}'


@pytest.fixture
def keys() -> list[str]:
    """The keys that the server got."""
    return []


@pytest.fixture
def server(keys: list[str]) -> Iterator[str]:
    """A server that speaks like OpenAI and lets in whoever has the key."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers.get("authorization", "").removeprefix("Bearer "))
            good = keys[-1] == KEY
            body = MODELS if good else b'{"error": {"message": "wrong key"}}'
            self.send_response(200 if good else 401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}/v1"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def environment(home: Path, environment: dict[str, str], server: str) -> dict[str, str]:
    return {**environment, "OPENAI_BASE_URL": server, "GROQ_API_KEY": "gsk-of-the-environment"}


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> ProvidersPanel:
    panel = ProvidersPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    core.bridge.events_arrived.connect(panel.apply)
    panel.refresh()
    core.until(lambda: bool(panel.view.rows) and bool(panel.view.place.text()))
    return panel


def paste(page: ProvidersPanel, provider: str, key: str) -> None:
    """Types a key into the dialog and presses Enter."""
    QTest.mouseClick(page.view.row(provider).paste, Qt.MouseButton.LeftButton)
    assert page.dialog is not None
    QTest.keyClicks(page.dialog.field, key)
    QTest.keyClick(page.dialog.field, Qt.Key.Key_Return)


def test_each_provider_says_where_its_key_comes_from(page: ProvidersPanel) -> None:
    assert {name: row.said.text() for name, row in page.view.rows.items()} == {
        "ollama": "Needs no key.",
        "anthropic": "No key.",
        "openai": "Needs no key.",
        "groq": "Key from GROQ_API_KEY of the environment.",
        "gemini": "No key.",
    }
    assert "weaker than a keyring" in page.view.place.text()


def test_a_pasted_key_is_masked_kept_and_tried_at_once(page: ProvidersPanel, core: Core, keys: list[str]) -> None:
    QTest.mouseClick(page.view.row("openai").paste, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    assert dialog.field.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(dialog.field, KEY)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)

    row = page.view.row("openai")
    core.until(lambda: row.found.text() == "1 model: gpt-5.")
    assert row.said.text() == "A key is kept."
    assert keys[-1] == KEY
    assert [str(name) for name in core.ask(lambda studio: studio.vault.list())] == ["provider:openai"]
    assert not [file for file in core.home.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


def test_a_wrong_key_is_said_by_the_test_and_can_be_replaced(page: ProvidersPanel, core: Core) -> None:
    row = page.view.row("openai")
    paste(page, "openai", "sk-a-wrong-key")
    core.until(lambda: "OpenAI refused the key (401)" in row.found.text())
    core.until(lambda: page.dialog is None and row.paste.text() == "Replace key…")

    paste(page, "openai", KEY)

    core.until(lambda: row.found.text() == "1 model: gpt-5.")


def test_what_is_no_key_is_refused_in_the_dialog_and_not_repeated(page: ProvidersPanel, core: Core) -> None:
    paste(page, "anthropic", f"key {KEY}")
    dialog = page.dialog
    assert dialog is not None
    core.until(lambda: not dialog.refusal.isHidden())
    assert "That is no key" in dialog.refusal.text()
    assert KEY not in dialog.refusal.text()
    dialog.reject()
    assert dialog.field.text() == ""


def test_a_removed_key_is_gone(page: ProvidersPanel, core: Core) -> None:
    row = page.view.row("anthropic")
    core.ask(lambda studio: studio.vault.set("provider:anthropic", KEY))
    core.until(row.remove.isVisible)  # set elsewhere, seen here

    QTest.mouseClick(row.remove, Qt.MouseButton.LeftButton)
    box = page.view.findChild(QMessageBox, "removeKey")
    assert box is not None
    assert box.text() == "Remove the key for Anthropic?"
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    next(each for each in box.findChildren(QPushButton) if each.text() == "Remove").click()

    core.until(lambda: row.said.text() == "No key.")
    assert not row.remove.isVisible()
    assert not row.test.isEnabled()
    assert core.ask(lambda studio: studio.vault.list()) == ()

"""The page of providers on a real core: a key is pasted unseen, used at once, tried and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.providers import Declaration
from studio.ui.providers.declaring import ProviderDialog
from studio.ui.providers.panel import ProvidersPanel
from studio.ui.theme import Theme
from tests.fixtures.model_list import model_list
from tests.ui.settings.conftest import Core

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

KEY = "sk-a-very-secret-value"


@pytest.fixture
def keys() -> list[str]:
    """The keys that the server got."""
    return []


@pytest.fixture
def server(keys: list[str]) -> Iterator[str]:
    """A server that speaks like OpenAI and lets in whoever has the key."""
    with model_list("gpt-5", key=KEY, keys=keys) as address:
        yield address


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
    core.until(lambda: "OpenAI refused the key (401)" in row.fault.text())
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


def test_a_server_is_added_by_name_and_address_and_asked_at_once(page: ProvidersPanel, core: Core) -> None:
    with model_list("qwen3") as address:
        QTest.mouseClick(page.view.add, Qt.MouseButton.LeftButton)
        form = page.form
        assert form is not None
        assert not form.save.isEnabled()
        form.known.setCurrentText("LM Studio")
        form.known.activated.emit(form.known.currentIndex())
        assert (form.name.text(), form.base_url.text()) == ("lm-studio", "http://127.0.0.1:1234/v1")
        form.base_url.setText(address)
        QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)

        core.until(lambda: "lm-studio" in page.view.rows)
        row = page.view.row("lm-studio")
        core.until(lambda: row.found.text() == "1 model: qwen3.")
        assert (row.name.text(), row.said.text()) == ("LM Studio", f"Needs no key. {address}")
        assert row.paste.isHidden()
        offered = core.ask(lambda studio: studio.models.offered_by("lm-studio"))
    assert [str(card.ref) for card in offered] == ["lm-studio/qwen3"]
    assert "[lm-studio]" in (core.home / "providers.toml").read_text()


def test_a_kept_key_goes_to_another_address_only_with_a_tick(page: ProvidersPanel, core: Core, keys: list[str]) -> None:
    core.ask(lambda studio: studio.providers.add("lab", Declaration(base_url="https://models.example.com/v1")))
    core.ask(lambda studio: studio.vault.set("provider:lab", KEY))
    core.until(lambda: "lab" in page.view.rows and page.view.row("lab").state.key_kept)
    row = page.view.row("lab")
    with model_list("qwen3", key=KEY, keys=keys) as address:
        QTest.mouseClick(row.change, Qt.MouseButton.LeftButton)
        form = page.form
        assert form is not None
        assert form.keep_key.isHidden()
        form.base_url.setText(address)
        assert form.keep_key.isVisible()
        QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
        core.until(lambda: "was given for https://models.example.com and is not sent to" in row.said.text())
        assert not row.test.isEnabled()

        QTest.mouseClick(row.change, Qt.MouseButton.LeftButton)
        form = page.form
        assert form is not None
        form.keep_key.setChecked(True)
        QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
        core.until(lambda: row.said.text() == f"A key is kept. {address}")
        core.ask(lambda studio: studio.models.offered_by("lab"))
    assert keys[-1] == KEY


def test_what_cannot_be_is_refused_in_the_form(page: ProvidersPanel, core: Core) -> None:
    QTest.mouseClick(page.view.add, Qt.MouseButton.LeftButton)
    form = page.form
    assert form is not None
    form.name.setText("lab")
    form.base_url.setText("http://models.example.com/v1")
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    core.until(lambda: not form.refusal.isHidden())
    assert "is plain http to another machine" in form.refusal.text()
    assert not (core.home / "providers.toml").exists()
    form.base_url.setText("https://models.example.com/v1")
    assert form.refusal.isHidden()
    assert form.save.isEnabled()


def test_how_a_built_in_one_is_reached_is_changed_and_taken_back(page: ProvidersPanel, core: Core) -> None:
    QTest.mouseClick(page.view.row("groq").change, Qt.MouseButton.LeftButton)
    form = page.form
    assert form is not None
    assert (form.name.isVisible(), form.needs_key.isVisible(), form.remove.isVisible()) == (False, False, False)
    form.proxy.setText("http://proxy.example.com:3128")
    form.headers.setPlainText("X-Title: Studio")
    form.per_minute.setValue(20)
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)

    core.until(lambda: page.view.row("groq").state.own)
    assert (core.home / "providers.toml").read_text().splitlines() == [
        "[groq]",
        'proxy = "http://proxy.example.com:3128"',
        'headers = {X-Title = "Studio"}',
        "requests_per_minute = 20",
    ]

    QTest.mouseClick(page.view.row("groq").change, Qt.MouseButton.LeftButton)
    form = page.form
    assert form is not None
    assert (form.proxy.text(), form.per_minute.value()) == ("http://proxy.example.com:3128", 20)
    take_out(form, "Reach Groq as usual again?")
    core.until(lambda: not page.view.row("groq").state.own)


def test_a_declared_one_that_another_face_adds_is_seen_and_removed(page: ProvidersPanel, core: Core) -> None:
    core.ask(lambda studio: studio.providers.add("lab", Declaration(base_url="https://models.example.com/v1")))
    core.ask(lambda studio: studio.vault.set("provider:lab", KEY))
    core.until(lambda: "lab" in page.view.rows and page.view.row("lab").state.key_kept)
    QTest.mouseClick(page.view.row("lab").change, Qt.MouseButton.LeftButton)
    form = page.form
    assert form is not None
    take_out(form, "Remove lab?", "The key that is kept for it is forgotten.")
    core.until(lambda: "lab" not in page.view.rows)
    assert core.ask(lambda studio: studio.vault.list()) == ()


def take_out(form: ProviderDialog, question: str, more: str = "") -> None:
    """Presses what takes a provider out, and says that it is meant."""
    QTest.mouseClick(form.remove, Qt.MouseButton.LeftButton)
    box = form.findChild(QMessageBox, "removeProvider")
    assert box is not None
    assert box.text() == question
    assert box.informativeText() == f"What the file says of it is taken out. {more}".strip()
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    next(each for each in box.findChildren(QPushButton) if each.text() in ("Remove", "As usual")).click()

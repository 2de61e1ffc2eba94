"""The preview panel: from a listening port to a page, and every state on the way."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from studio.domain.errors import EngineError
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge
from studio.ui.preview.browser import Browser
from studio.ui.preview.panel import PreviewPanel
from studio.ui.theme import Theme
from tests.ui.preview.conftest import PROJECT, RUN, Previewing, PreviewsDoor

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")


def test_the_app_of_a_run_is_shown_with_its_run_and_address(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    browser = previewing.open()
    assert browser.title() == "shop"
    view = previewing.panel.view
    assert (view.branch.text(), view.address.text()) == ("r1", f"{previewing.app.url}/")
    assert not view.port.isVisible()


def test_reloading_asks_the_app_again(previewing: Previewing) -> None:
    previewing.serve("one")
    previewing.open()
    previewing.panel.view.reload.click()
    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 2, timeout=20_000)


def test_a_usual_port_is_taken_first_and_others_can_be_chosen(previewing: Previewing) -> None:
    previewing.serve("app", 5173)
    previewing.door.listening = (4000, 5173)
    previewing.door.urls[4000] = f"{previewing.other.url}/"
    previewing.open()
    view = previewing.panel.view
    assert view.port.currentText() == "5173"
    view.port.setCurrentIndex(view.port.findData(4000))
    view.port.activated.emit(view.port.currentIndex())
    previewing.qtbot.waitUntil(lambda: "/" in previewing.other.seen, timeout=20_000)


def test_nothing_listening_says_what_to_start(previewing: Previewing) -> None:
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: previewing.title().startswith("Nothing listens"))
    previewing.serve("app")
    previewing.panel.view.state.button.click()
    previewing.qtbot.waitUntil(previewing.panel.view.shows_page, timeout=20_000)


def test_an_app_that_does_not_answer_can_be_tried_again(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    previewing.app.shutdown()
    previewing.app.socket.close()
    previewing.panel.reload()
    previewing.qtbot.waitUntil(lambda: "did not answer" in previewing.title(), timeout=20_000)


def test_a_container_that_is_not_up_is_explained(previewing: Previewing) -> None:
    previewing.door.error = EngineError("The container engine does not answer.", "Start Docker.")
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: "Start Docker." in previewing.panel.view.state.text.text())


def test_a_crashed_page_leaves_studio_standing_and_can_be_loaded_again(previewing: Previewing) -> None:
    previewing.serve("app")
    browser = previewing.open()
    browser.crashed.emit()
    assert "crashed" in previewing.title()
    previewing.panel.view.state.button.click()
    previewing.qtbot.waitUntil(previewing.panel.view.shows_page, timeout=20_000)


def test_another_run_hides_the_page_of_the_one_before(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    previewing.panel.show_run(PROJECT, RunId("r2"), "studio/r2-other")
    assert not previewing.panel.view.shows_page()
    assert previewing.panel.view.address.text() == ""


def test_no_run_says_what_is_needed(previewing: Previewing) -> None:
    assert previewing.title() == "No run is selected"
    assert not previewing.panel.view.state.button.isVisible()


def test_root_gets_a_sentence_and_the_address_for_another_browser_and_no_engine(
    qtbot: QtBot, bridge: Bridge, door: PreviewsDoor
) -> None:
    panel = PreviewPanel(bridge, Theme("dark"), environment={}, root=True)
    qtbot.addWidget(panel.widget)
    panel.show_run(PROJECT, RUN)
    door.listening, door.urls = (8000,), {8000: "http://127.0.0.1:40123/"}
    panel.open()
    qtbot.waitUntil(lambda: "root" in panel.view.state.title.text())
    assert "http://127.0.0.1:40123/" in panel.view.state.text.text()
    assert panel.view.address.text() == "http://127.0.0.1:40123/"
    assert not panel.view.reload.isEnabled()
    panel.view.outside.click()
    box = panel.view.findChild(QMessageBox)
    assert box is not None
    assert "http://127.0.0.1" in box.text()
    box.reject()
    assert panel.view.findChild(Browser) is None

"""A program that ends with a page on the screen ends in order, whoever forgot to free it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from functools import partial

import pytest
from PySide6.QtWebEngineCore import QWebEnginePage

from studio.ui.bridge import Bridge
from studio.ui.preview.browser import Page
from studio.ui.preview.words import CRASHED
from tests.ui.preview.conftest import Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

_PROGRAM = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
app = QApplication([])
from studio.ui.preview.browser import Browser
window = QWidget()
browser = Browser(window)
if sys.argv[1] == "released":
    browser.release()
del browser
print("the end", flush=True)
"""


@pytest.mark.parametrize("how", ["forgotten", "released"])
def test_a_page_goes_before_its_profile_when_the_program_ends(how: str) -> None:
    flags = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu"}
    ended = subprocess.run(
        (sys.executable, "-c", _PROGRAM, how), env={**os.environ, **flags}, capture_output=True, text=True, timeout=90
    )

    assert (ended.returncode, ended.stdout) == (0, "the end\n")
    assert "still not deleted" not in ended.stderr


def test_a_page_that_was_freed_is_followed_by_none_of_the_engines_own(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    browser = previewing.open()
    previewing.panel.host.release()
    previewing.panel.widget.hide()

    assert [type(page) for page in browser.findChildren(QWebEnginePage)] == [Page]


def test_a_page_that_ended_does_not_come_back_by_an_answer_that_was_on_its_way(
    previewing: Previewing, bridge: Bridge
) -> None:
    previewing.serve("<title>shop</title>")
    browser, door = previewing.open(), previewing.door
    door.slow, before = asyncio.Event(), door.asked
    previewing.panel.standing.tick()
    previewing.qtbot.waitUntil(lambda: door.asked > before, timeout=20_000)
    browser.crashed.emit()

    for _ in range(2):
        answered: list[None] = []
        bridge.call(lambda _studio: _set(door.slow), answered.append)
        previewing.qtbot.waitUntil(partial(bool, answered), timeout=20_000)

    assert previewing.title() == CRASHED.title


async def _set(event: asyncio.Event | None) -> None:
    assert event is not None
    event.set()

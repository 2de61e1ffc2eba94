"""What the person takes of a page for the chat: a picture, or the element they point at."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from studio.domain.ids import RunId
from studio.ui.preview.browser import Browser
from studio.ui.preview.scripts import World
from studio.ui.preview.sizes import DEVICES, FREE, Device, fit
from studio.ui.preview.taking import described
from tests.ui.preview.conftest import PROJECT, Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

_PAGE = """<!doctype html><style>body { margin: 0 } button { width: 200px; height: 100px }</style>
<main id="shop"><button class="buy" onclick="document.title = 'bought'">Three pears</button></main>"""


def target(browser: Browser) -> QWidget:
    """The widget of the engine that hears the mouse."""
    found = browser.focusProxy()
    assert found is not None
    return found


def picking(previewing: Previewing) -> tuple[Browser, list[str]]:
    taken: list[str] = []
    previewing.panel.words_offered.connect(lambda run, words: taken.append(f"{run}: {words}"))
    previewing.serve(_PAGE)
    browser = previewing.open()
    previewing.panel.view.bar.pick.click()
    ready: list[str] = []

    def asked(answer: str) -> None:
        ready.append(answer)
        if answer != "object":
            browser.run("typeof globalThis.studioPick", World.STUDIO, asked)

    browser.run("typeof globalThis.studioPick", World.STUDIO, asked)
    previewing.qtbot.waitUntil(lambda: ready[-1:] == ["object"], timeout=20_000)
    return browser, taken


def test_an_element_that_is_pointed_at_is_described_and_the_page_hears_nothing(previewing: Previewing) -> None:
    browser, taken = picking(previewing)

    framed: list[str] = []

    def hovered() -> bool:
        # A page that is not drawn yet hears no mouse.
        QTest.mouseMove(target(browser), QPoint(50 + len(framed) % 2, 50))
        browser.run("document.documentElement.lastElementChild.style.width", World.STUDIO, framed.append)
        return framed[-1:] == ["200px"]

    previewing.qtbot.waitUntil(hovered, timeout=20_000)
    QTest.mouseClick(target(browser), Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    previewing.qtbot.waitUntil(lambda: bool(taken), timeout=20_000)

    assert taken[0].startswith("r1: The element `main#shop > button.buy` on / of the preview, 200 × 100 pixels\n")
    assert "It reads:\n> Three pears\n" in taken[0]
    assert '<button class="buy"' in taken[0]
    assert browser.title() != "bought"
    assert not previewing.panel.view.bar.pick.isChecked()


def test_what_a_page_answers_after_another_run_is_shown_is_nobodys(previewing: Previewing) -> None:
    browser, taken = picking(previewing)
    bar = previewing.panel.view.bar

    def pointed_at() -> bool:
        QTest.mouseMove(target(browser), QPoint(50, 50 + bar.isVisible()))
        QTest.mouseClick(target(browser), Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
        return not bar.pick.isChecked()

    # The page is kept busy over what it is asked last, which names the component.
    busy = (
        "document.querySelector = () => { const end = Date.now() + 1000; while (Date.now() < end); return null }; 'y'"
    )
    answered: list[str] = []
    browser.run(busy, World.PAGE, answered.append)
    previewing.qtbot.waitUntil(lambda: answered == ["y"], timeout=20_000)
    previewing.qtbot.waitUntil(pointed_at, timeout=20_000)
    browser.run("'after'", World.PAGE, answered.append)
    previewing.panel.show_run(PROJECT, RunId("r2"))
    previewing.qtbot.waitUntil(lambda: len(answered) == 2, timeout=20_000)

    assert taken == []


def test_escape_ends_the_picking_with_nothing_taken(previewing: Previewing) -> None:
    browser, taken = picking(previewing)

    def ended() -> bool:
        QTest.keyClick(target(browser), Qt.Key.Key_Escape)
        return not previewing.panel.view.bar.pick.isChecked()

    previewing.qtbot.waitUntil(ended, timeout=20_000)
    assert taken == []


def test_a_component_is_named_as_the_page_tells_it() -> None:
    element = {"selector": "a", "html": "<a>x</a>", "length": 8, "text": ""}

    words = described(element, json.dumps({"name": "Basket", "file": "src/Basket.jsx"}), "/cart")

    assert words.splitlines()[:2] == [
        "The element `a` on /cart of the preview",
        "Made by the component Basket in src/Basket.jsx.",
    ]


@pytest.mark.parametrize("forged", ["", "[]", "{", '{"name": 3, "file": ["x"]}', "none"])
def test_what_a_page_answers_is_bounded_and_believed_in_nothing(forged: str) -> None:
    element = {
        "selector": "x`" * 900,
        "html": "```\n" + "y" * 9000,
        "length": "many",
        "text": "\u202e" * 2000,
        "width": "1",
    }

    words = described(element, forged, "/" * 900)

    assert len(words) < 5000
    assert words.count("```") == 2
    assert "\u202e" not in words
    assert "component" not in words


def test_a_picture_of_the_page_is_offered_to_the_chat(previewing: Previewing) -> None:
    taken: list[QImage] = []
    previewing.panel.picture_taken.connect(lambda _run, image: taken.append(image))
    previewing.serve(_PAGE)
    browser = previewing.open()

    previewing.panel.view.bar.picture.click()

    assert taken[0].size() == browser.size() * browser.devicePixelRatio()


def test_a_page_on_a_device_counts_with_the_pixels_of_that_device(previewing: Previewing) -> None:
    previewing.serve("<script>onresize = () => { document.title = innerWidth + 'x' + innerHeight }</script>")
    browser = previewing.open()
    laptop = next(device for device in DEVICES if device.name == "Laptop")

    previewing.panel.view.bar.device_chosen.emit(laptop)

    def near() -> bool:
        width, _, height = browser.title().partition("x")
        return width.isdigit() and abs(int(width) - 1280) <= 3 and abs(int(height) - 800) <= 3

    previewing.qtbot.waitUntil(near, timeout=20_000)


@pytest.mark.parametrize(
    ("device", "zoom", "found"),
    [
        (FREE, 1.5, (0, 0, 600, 400, 1.5)),
        (Device("x", 300, 200), 1.0, (150, 100, 300, 200, 1.0)),
        (Device("x", 300, 200), 2.0, (0, 0, 600, 400, 2.0)),
        (Device("x", 1200, 400), 1.0, (0, 100, 600, 200, 0.5)),
        (Device("x", 6000, 4000), 1.0, (0, 0, 1500, 1000, 0.25)),
    ],
)
def test_a_screen_stands_whole_in_the_middle(device: Device, zoom: float, found: tuple[float, ...]) -> None:
    got = fit(device, 600, 400, zoom)
    assert (got.x, got.y, got.width, got.height, got.zoom) == found

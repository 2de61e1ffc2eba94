"""A page in another browser is heard when it knows the name and is the app's own; nobody else is let in."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWebSockets import QWebSocket
from pytestqt.qtbot import QtBot

from studio.domain.console import ConsoleLevel
from studio.domain.console_batches import Batch
from studio.domain.console_script import SCRIPT_LINE
from studio.domain.ids import RunId
from studio.ui.console.other_browser import HearDialog
from studio.ui.console.outside import BATCHES_A_SECOND, CHARACTERS_A_SECOND, MOST_PAGES, Listener, Ticket
from studio.ui.theme import Theme

APP, EVIL = "http://127.0.0.1:4000", "http://evil.example"
TICKET = Ticket(RunId("r1"), 5173, frozenset({APP}))
OTHER = Ticket(RunId("r2"), 8000, frozenset({"http://127.0.0.1:4001"}))


@dataclass
class Browser:
    """Pages of other browsers."""

    listener: Listener
    qtbot: QtBot
    heard: list[tuple[Ticket, Batch]] = field(default_factory=list)
    pages: list[QWebSocket] = field(default_factory=list)

    def page(self, address: str, origin: str = APP) -> QWebSocket:
        """A page that tries to be heard at the address of a script."""
        page = QWebSocket(origin)
        self.pages.append(page)
        page.open(QUrl(address.replace("http:", "ws:").removesuffix(".js")))
        return page

    def is_let_in(self, page: QWebSocket) -> bool:
        ends: list[bool] = []
        page.textMessageReceived.connect(lambda _text: None)
        page.errorOccurred.connect(lambda _error: ends.append(False))
        page.disconnected.connect(lambda: ends.append(False))
        page.pong.connect(lambda _time, _data: ends.append(True))
        page.connected.connect(lambda: page.ping())
        self.qtbot.waitUntil(lambda: bool(ends))
        return ends[0]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """What an ordinary request is answered with."""
        found: list[tuple[int, str]] = []

        def ask() -> None:
            asked = urllib.request.Request(f"http://127.0.0.1:{self.listener.port}{path}", headers=headers)
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    found.append((answer.status, answer.read().decode()))
            except urllib.error.HTTPError as error:
                found.append((error.code, ""))

        thread = threading.Thread(target=ask)
        thread.start()
        self.qtbot.waitUntil(lambda: bool(found))
        thread.join()
        return found[0]


@pytest.fixture
def browser(qtbot: QtBot) -> Iterator[Browser]:
    listener = Listener()
    made = Browser(listener, qtbot)
    listener.heard.connect(lambda ticket, batch: made.heard.append((ticket, batch)))
    yield made
    for page in made.pages:
        page.abort()
    listener.close()
    listener.deleteLater()


def _batch(text: str) -> str:
    entry = {"kind": "error", "level": "error", "text": text, "stack": f"Error\n    at f ({APP}/src/a.js:2:3)"}
    return json.dumps({"entries": [entry], "page": "/cart"})


def test_a_page_of_the_app_is_heard_as_of_its_run(browser: Browser) -> None:
    page = browser.page(browser.listener.admit(TICKET))
    page.connected.connect(lambda: page.sendTextMessage(_batch("no total")))
    browser.qtbot.waitUntil(lambda: bool(browser.heard))

    [(ticket, batch)] = browser.heard
    [entry] = batch.entries
    assert ticket is TICKET
    assert (entry.level, entry.text, entry.source) == (ConsoleLevel.ERROR, "no total", "/src/a.js:2:3")


def test_the_script_is_served_under_its_name_alone(browser: Browser) -> None:
    address = browser.listener.admit(TICKET)
    path = QUrl(address).path()

    status, script = browser.get(path)
    assert status == 200
    assert address.replace("http:", "ws:").removesuffix(".js") in script

    assert browser.get("/")[0] == 404
    assert browser.get(f"{path[:-4]}x.js")[0] == 404
    # A name that a resolver was made to lead here is none of this machine's.
    assert browser.get(path, Host="evil.example")[0] == 404


@pytest.mark.parametrize(
    "page",
    [
        lambda browser, address: browser.page(address, EVIL),
        lambda browser, address: browser.page(address, ""),
        lambda browser, address: browser.page(address.replace(address[-9:], "aaaaaa.js")),
        # A page of another run's app, which knows this one's name.
        lambda browser, address: browser.page(address, next(iter(OTHER.origins))),
    ],
)
def test_nobody_else_is_let_in(browser: Browser, page: Callable[[Browser, str], Any]) -> None:
    address = browser.listener.admit(TICKET)
    browser.listener.admit(OTHER)

    assert not browser.is_let_in(page(browser, address))


def test_only_so_many_pages_are_let_in(browser: Browser) -> None:
    address = browser.listener.admit(TICKET)

    assert [browser.is_let_in(browser.page(address)) for _ in range(MOST_PAGES + 1)] == [True] * MOST_PAGES + [False]


def test_a_page_that_says_too_much_is_counted(browser: Browser) -> None:
    page = browser.page(browser.listener.admit(TICKET))
    page.connected.connect(lambda: [page.sendTextMessage(_batch("x")) for _ in range(BATCHES_A_SECOND + 30)])
    browser.qtbot.waitUntil(lambda: len(browser.heard) == BATCHES_A_SECOND + 30)

    assert sum(batch.dropped for _, batch in browser.heard) == 30


def test_a_page_that_says_too_much_in_few_batches_is_counted(browser: Browser) -> None:
    page = browser.page(browser.listener.admit(TICKET))
    page.connected.connect(lambda: [page.sendTextMessage(_batch("x" * 200_000)) for _ in range(10)])
    browser.qtbot.waitUntil(lambda: len(browser.heard) == 10)

    assert sum(batch.dropped for _, batch in browser.heard) == 10 - CHARACTERS_A_SECOND // 200_100


def test_a_batch_counts_as_long_as_it_is_in_characters(browser: Browser) -> None:
    entry = {"kind": "console", "level": "info", "text": "界" * 100_000}
    page = browser.page(browser.listener.admit(TICKET))
    page.connected.connect(lambda: page.sendTextMessage(json.dumps({"entries": [entry]}, ensure_ascii=False)))
    browser.qtbot.waitUntil(lambda: bool(browser.heard))

    assert len(browser.heard[0][1].entries) == 1


def test_a_message_that_is_too_long_ends_the_page(browser: Browser) -> None:
    page = browser.page(browser.listener.admit(TICKET))
    with browser.qtbot.waitSignal(page.disconnected):
        page.connected.connect(lambda: page.sendTextMessage("x" * (1 << 20)))

    assert browser.heard == []


def test_the_line_to_copy_is_one_that_no_merge_takes(browser: Browser) -> None:
    assert re.search(SCRIPT_LINE, browser.listener.admit(TICKET))


def test_the_lines_to_copy_name_the_script(qtbot: QtBot, theme: Theme) -> None:
    dialog = HearDialog(f"{APP}/", "http://127.0.0.1:5000/name.js", None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)

    assert dialog.tag.text() == '<script src="http://127.0.0.1:5000/name.js"></script>'
    assert "src: 'http://127.0.0.1:5000/name.js'" in dialog.typed.text()

"""A preview panel over a scripted door, and two web servers: the app, and one it must never reach."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from pytestqt.qtbot import QtBot

from studio.domain.console import ConsoleEntry
from studio.domain.errors import StudioError
from studio.domain.ids import ProjectId, RunId
from studio.domain.previews import Launch, PreviewStage, PreviewState
from studio.ui.bridge import Bridge
from studio.ui.preview.browser import Browser
from studio.ui.preview.panel import PreviewPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

# The web engine draws with contexts that are shared from the start of the application on.
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)

PROJECT, RUN = ProjectId("p1"), RunId("r1")


class Server(http.server.ThreadingHTTPServer):
    """Answers `/` with `page`, `/redirect…` with a redirect to `elsewhere`, `broken` with an error, else `ok`.

    What is `held` is answered once it is let go.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page = "<title>app</title><h1>app</h1>"
        self.elsewhere = self.broken = self.policy = self.held = ""
        self.let_go = threading.Event()
        self.status = 200
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """An engine that hangs up early is no error here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        if self.path == self.server.held:
            self.server.let_go.wait(60)
        if self.path.startswith("/redirect"):
            self.send_response(307)
            self.send_header("Location", self.server.elsewhere)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = (self.server.page if self.path == "/" else "ok").encode()
        self.send_response(500 if self.path == self.server.broken else self.server.status)
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class OpenPreview:
    """What the door answers."""

    url: str
    port: int


class PreviewsDoor:
    """Says which ports listen and where they are."""

    def __init__(self) -> None:
        self.listening: tuple[int, ...] = ()
        self.state = PreviewState(PreviewStage.IDLE)
        self.started: list[str] = []
        self.asleep = False
        self.comes_up: tuple[int, ...] = ()
        self.unstartable: StudioError | None = None
        self.found: tuple[Launch, ...] = ()
        self.urls: dict[int, str] = {}
        self.error: StudioError | None = None
        self.slow: asyncio.Event | None = None
        self.asked = 0
        self.answers: list[tuple[RunId, str, str]] = []
        self.pictures: list[tuple[RunId, str, bytes]] = []

    async def look(self, run: RunId, seconds: float = 0.0, port: int = 0, watching: bool = False) -> PreviewState:
        self.asked += 1
        if self.slow is not None:
            await self.slow.wait()
        if self.error is not None:
            raise self.error
        if watching and self.asleep:
            return PreviewState(PreviewStage.ASLEEP, port)
        self.asleep = False
        if not self.listening:
            return self.state
        usual = next((one for one in (port, 5173, 8000) if one in self.listening), self.listening[0])
        return replace(self.state, stage=PreviewStage.UP, port=usual, ports=self.listening)

    async def start(self, run: RunId, command: str = "", again: bool = False) -> PreviewState:
        self.started.append(f"{command} again" if again else command)
        if self.unstartable is not None:
            raise self.unstartable
        self.listening = self.comes_up or self.listening
        return await self.look(run)

    async def stop(self, run: RunId) -> None:
        self.listening, self.state = (), PreviewState(PreviewStage.ENDED)

    async def launches(self, run: RunId) -> tuple[Launch, ...]:
        return self.found

    async def answer_screenshot(self, run: RunId, request: str, data: bytes) -> None:
        self.pictures.append((run, request, data))

    async def answer_page(self, run: RunId, request: str, words: str) -> None:
        self.answers.append((run, request, words))

    async def open(self, run: RunId, port: int) -> OpenPreview:
        return OpenPreview(self.urls[port], port)


class ConsolesDoor:
    """Keeps what a page is told of."""

    def __init__(self) -> None:
        self.reported: list[tuple[RunId, tuple[ConsoleEntry, ...], int]] = []
        self.ports: set[int] = set()

    async def report(self, run: RunId, entries: tuple[ConsoleEntry, ...], dropped: int = 0, port: int = 0) -> None:
        self.reported.append((run, entries, dropped))
        self.ports.add(port)


@dataclass
class Previewing:
    """The panel with what surrounds it, and the few things a person does."""

    panel: PreviewPanel
    door: PreviewsDoor
    consoles: ConsolesDoor
    app: Server
    other: Server
    qtbot: QtBot

    def serve(self, page: str, port: int = 8000) -> None:
        self.app.page = page
        self.door.listening = (port,)
        self.door.urls = {port: f"{self.app.url}/"}

    def open(self) -> Browser:
        self.panel.show_run(PROJECT, RUN, "studio/r1-fix")
        self.panel.open()
        self.qtbot.waitUntil(self.panel.view.shows_page, timeout=20_000)
        browser = self.panel.view.findChild(Browser)
        assert isinstance(browser, Browser)
        # Until its engine is up a page does not load yet either.
        self.qtbot.waitUntil(lambda: "/" in (*self.app.seen, *self.other.seen), timeout=20_000)
        self.qtbot.waitUntil(lambda: not browser.page().isLoading(), timeout=20_000)
        return browser

    def wait_seen(self, path: str) -> None:
        self.qtbot.waitUntil(lambda: path in self.app.seen, timeout=20_000)

    def title(self) -> str:
        return self.panel.view.state.title.text()


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    both = Server(), Server()
    both[0].elsewhere = f"{both[1].url}/stolen"
    threads = [threading.Thread(target=one.serve_forever, args=(0.05,)) for one in both]
    for thread in threads:
        thread.start()
    yield both
    for server, thread in zip(both, threads, strict=True):
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def door(doors: QuietDoors) -> PreviewsDoor:
    made = cast(Any, doors).previews = PreviewsDoor()
    return made


@pytest.fixture
def consoles(doors: QuietDoors) -> ConsolesDoor:
    made = cast(Any, doors).consoles = ConsolesDoor()
    return made


@pytest.fixture
def previewing(
    qtbot: QtBot,
    bridge: Bridge,
    theme: Theme,
    door: PreviewsDoor,
    consoles: ConsolesDoor,
    servers: tuple[Server, Server],
) -> Iterator[Previewing]:
    panel = PreviewPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(600, 400)
    panel.widget.show()
    yield Previewing(panel, door, consoles, *servers, qtbot)
    browser = panel.view.findChild(Browser)
    if browser is not None:
        # A page that outlives its test would be the one the next test's relay leads to.
        panel.release()
        qtbot.waitUntil(lambda: not shiboken6.isValid(browser))
    panel.deleteLater()
    QCoreApplication.sendPostedEvents(panel, QEvent.Type.DeferredDelete.value)

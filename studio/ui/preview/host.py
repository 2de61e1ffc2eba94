"""The host of the page: the relay and the one browser, and when a new one of either is needed."""

from __future__ import annotations

import importlib
from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.console import ConsoleLevel
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.preview.addresses import path_of
from studio.ui.preview.console import ConsoleReporter
from studio.ui.preview.pace import FULL, Pace
from studio.ui.preview.relay import Relay
from studio.ui.preview.walls import FLAGS, engine_flags, port_of
from studio.ui.preview.words import CRASHED, FLOODED, Words

if TYPE_CHECKING:
    from studio.ui.preview.browser import Browser

NOT_LET = "The preview lets a page reach nothing but its own server, so this was stopped: "
KEPT = "The page is kept, as the developer has typed in it, though an agent's act led to "
_BROWSER = "studio.ui.preview.browser"

Key = tuple[ProjectId | None, RunId, int]
"""Whose page it is: project, run and port inside."""


class PageHost(QObject):
    """At most one page; the web engine starts with the first one. `url` is its server's on this machine, if any.

    Signals: `started()` a load began; `loaded(bool, int)` as the browser has it; `moved()` the page went somewhere;
    `failed(str)` an error in the console; `dialog_shown(str)`, `left(QUrl)` and `blocked(str)` as the browser has
    them; `kept(str)` the page stays though something led to this path, as the person has typed in it, or, where it is
    empty, as it says itself that something in it is not saved; `ended(Words)` the page is no more, and why;
    `dropped()` it is about to be freed.
    """

    started = Signal()
    loaded = Signal(bool, int)
    moved = Signal()
    failed = Signal(str)
    dialog_shown = Signal(str)
    left = Signal(QUrl)
    kept = Signal(str)
    ended = Signal(object)
    blocked = Signal(str)
    dropped = Signal()

    def __init__(self, bridge: Bridge, environment: MutableMapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._environment = environment
        self._widget = parent
        self._relay: Relay | None = None
        self._console: ConsoleReporter | None = None
        self._key: Key | None = None
        self.browser: Browser | None = None
        self.url = ""
        self.pace = FULL

    def set_pace(self, pace: Pace) -> None:
        """Makes the network between page and server so slow, whichever server that is, until the next word."""
        self.pace = pace
        if self._relay is not None:
            self._relay.set_pace(pace)

    def shows(self, key: Key) -> bool:
        """Whether the page there is is this one's."""
        return self.browser is not None and self._key == key

    def show(self, key: Key, url: str, path: str) -> Browser:
        """Loads `path` of the server at `url`. Raises OutsideError when this machine has no port for it."""
        relay, server = self._start_relay(), QUrl(url)
        relay.lead_to(server.host(), server.port(80))
        self.url = url
        browser = self._start_browser(key)
        browser.show_server(self._address(path))
        if self._console is not None:
            self._console.tell()
        return browser

    def go(self, path: str, *, asks: bool = False) -> None:
        """Loads another path of the server that is shown, or the same one again; a page may stay where it `asks`."""
        if self.browser is None:
            return
        if "#" in path and self.is_at(path):
            # The engine takes a fragment for a place in the page, and does nothing where that is shown already.
            self.browser.reload_all(asks=asks)
        else:
            self.browser.show_server(self._address(path), asks=asks)

    def reload(self, *, asks: bool = False) -> None:
        """Loads the page again, with everything it uses; it may stay where it `asks`."""
        if self.browser is not None and self.url:
            self.browser.reload_all(asks=asks)

    def is_at(self, path: str) -> bool:
        """Whether this very path of the server is shown, with what follows it."""
        return self.browser is not None and self.browser.url().toEncoded() == QUrl(self._address(path)).toEncoded()

    def back(self) -> None:
        """Shows the page before this one."""
        if self.browser is not None:
            self.browser.go_back()

    def forward(self) -> None:
        """Shows the page that was gone back from."""
        if self.browser is not None:
            self.browser.go_forward()

    def place(self) -> str:
        """The path of the page within its server, with what follows it; empty while there is none."""
        if self.browser is None:
            return ""
        return path_of(self.browser.url())

    def leave(self) -> None:
        """Shows nothing and can reach nothing until the next page."""
        self.url = ""
        if self._relay is not None:
            self._relay.lead_nowhere()
        if self.browser is not None:
            self.browser.leave()

    def release(self, *, at_once: bool = False) -> None:
        """Frees the page and the web engine's processes; see `Browser.release`."""
        browser, self.browser = self.browser, None
        self._console = self._key = None
        if browser is not None:
            self.dropped.emit()
            browser.release(at_once=at_once)

    def _address(self, path: str) -> str:
        return f"http://localhost:{self._relay.port}{path}" if self._relay is not None else ""

    def _end(self, why: Words) -> None:
        self.url = ""
        self.ended.emit(why)

    def _stop(self, browser: Browser) -> None:
        """Ends a page that would not end by itself: its process goes with it."""
        if self.browser is browser:
            self.release()
            self._end(FLOODED)

    def _start_relay(self) -> Relay:
        if self._relay is None:
            flags = self._environment.get(FLAGS, "")
            self._relay = Relay(port_of(flags), self)
            self._relay.set_pace(self.pace)
            self._environment[FLAGS] = engine_flags(flags, self._relay.port)
        return self._relay

    def _start_browser(self, key: Key) -> Browser:
        # Every app has the relay's origin, so what one leaves in its profile must not be there for the next one.
        if self.browser is not None and self._key == key:
            return self.browser
        self.release()
        browser: Browser = importlib.import_module(_BROWSER).Browser(self._widget)
        browser.dialog_shown.connect(self.dialog_shown)
        browser.left.connect(self.left)
        browser.crashed.connect(lambda: self._end(CRASHED))
        browser.blocked.connect(self.blocked)
        browser.keeping.kept.connect(lambda url: self.kept.emit(path_of(url)))
        # The engine tells of a navigation that was refused as well, under which the page stays.
        browser.loadStarted.connect(lambda: None if browser.stays else self.started.emit())
        browser.loaded.connect(self.loaded)
        browser.urlChanged.connect(lambda _url: self.moved.emit())
        reporter = ConsoleReporter(self._bridge, key[1], browser, port=key[2])
        browser.hear(reporter.mark, reporter.note)
        # A page is not freed while its engine tells of it.
        reporter.flooded.connect(lambda: QTimer.singleShot(0, reporter, lambda: self._stop(browser)))
        reporter.failed.connect(self.failed)
        browser.blocked.connect(lambda address: reporter.note(ConsoleLevel.WARNING, f"{NOT_LET}{address}"))
        browser.keeping.kept.connect(lambda url: _note_kept(reporter, url))
        self._console = reporter
        self.browser, self._key = browser, key
        return browser


def _note_kept(reporter: ConsoleReporter, address: QUrl) -> None:
    if place := path_of(address):
        reporter.note(ConsoleLevel.WARNING, f"{KEPT}{place}")

"""The preview panel: shows the app that runs inside a run's container."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, MutableMapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.domain.console import ConsoleLevel
from studio.domain.errors import StudioError
from studio.domain.events import SCREENSHOT, Delta, Recorded, SandboxStopped
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.preview.console import ConsoleReporter
from studio.ui.preview.relay import Relay
from studio.ui.preview.screenshot import give_screenshot
from studio.ui.preview.view import PreviewView
from studio.ui.preview.walls import FLAGS, engine_flags, port_of, refusal
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.ui.preview.browser import Browser

NOT_LET = "The preview lets a page reach nothing but its own server, so this was stopped: "
_BROWSER = "studio.ui.preview.browser"
_USUAL_PORTS = (5173, 3000, 8000, 8080, 4200, 5000)
_NO_RUN = ("No run is selected", "The preview shows the app inside a run's container: send an agent a message first.")


class PreviewPanel(QObject):
    """One page at most; the web engine starts with the first one.

    `root` says whether this process runs as root, `environment` is where the engine reads its switches.

    Signals: `preview_opened(RunId)`; `request_blocked(str)` an address outside the preview that the page wanted.
    """

    preview_opened = Signal(str)
    request_blocked = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        theme: Theme,
        parent: QObject | None = None,
        *,
        environment: MutableMapping[str, str] = os.environ,
        root: bool | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._environment = environment
        self._root = hasattr(os, "geteuid") and os.geteuid() == 0 if root is None else root
        self._project: ProjectId | None = None
        self._run: RunId | None = None
        self._relay: Relay | None = None
        self._browser: Browser | None = None
        self._console: ConsoleReporter | None = None
        self._shown: tuple[ProjectId | None, RunId, int] | None = None
        self._outside_url = ""
        self._port = 0
        self.view = PreviewView(theme)
        self.view.action_requested.connect(self.open)
        self.view.reload_requested.connect(self.reload)
        self.view.outside_requested.connect(lambda: self._ask_outside(QUrl(self._outside_url)))
        self.view.port_chosen.connect(self._open_port)
        self._say(*_NO_RUN)

    @property
    def widget(self) -> QWidget:
        """What the main window docks."""
        return self.view

    def show_run(self, project: ProjectId | None, run: RunId | None, branch: str = "") -> None:
        """Names the run whose app is meant; nothing is started until `open`."""
        if run == self._run:
            return
        self._project, self._run = project, run
        self._leave_page()
        self.view.show_branch(branch)
        if run is None:
            self._say(*_NO_RUN)
        else:
            self._say(f"The app of {run} is not shown yet", action="Show the preview")

    def open(self) -> None:
        """Looks for a listening port in the run's container and shows it."""
        run = self._run
        if run is None:
            return
        self._say("Looking for a listening port\N{HORIZONTAL ELLIPSIS}")

        def done(ports: tuple[int, ...]) -> None:
            if run == self._run:
                self._meet_ports(ports)

        def failed(error: StudioError) -> None:
            if run == self._run:
                self._fail(error)

        self._bridge.call(lambda studio: studio.previews.ports(run), done, failed)

    def reload(self) -> None:
        """Loads the page again."""
        if self._browser is not None and self._outside_url:
            self.view.say("")
            self._browser.reload()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Notes when the container under the page goes away; gives its agent a picture of the page when asked."""
        for item in events:
            if item.run != self._run:
                continue
            if isinstance(item, Delta):
                self._meet_request(item)
            elif isinstance(item.event, SandboxStopped) and self._outside_url:
                self._leave_page()
                self._say("The container has stopped", "The app stopped with it.", "Look again")

    def release(self) -> None:
        """Frees the page and the web engine's processes: also to be called before the window goes."""
        self._leave_page()
        browser, self._browser = self._browser, None
        self._console = None
        if browser is not None:
            self.view.drop_page()
            browser.release()

    def _meet_request(self, delta: Delta) -> None:
        browser = self._browser
        if delta.kind != SCREENSHOT or browser is None or not self._outside_url or not self.view.shows_page():
            return
        if self._shown == (delta.project, delta.run, self._port):
            give_screenshot(self._bridge, delta, browser)

    def _meet_ports(self, ports: tuple[int, ...]) -> None:
        if not ports:
            self._say(
                f"Nothing listens inside the container of {self._run}",
                "Ask the agent to start the app, or start it in the terminal: npm run dev, for example, or "
                "python3 -m http.server 8000.",
                "Look again",
            )
            return
        port = self._port if self._port in ports else next((p for p in _USUAL_PORTS if p in ports), ports[0])
        self.view.show_ports(ports, port)
        self._open_port(port)

    def _open_port(self, port: int) -> None:
        run = self._run
        assert run is not None
        self._port = port
        self._say(f"Connecting to port {port}\N{HORIZONTAL ELLIPSIS}")

        def failed(error: StudioError) -> None:
            if run == self._run:
                self._fail(error)

        self._bridge.call(
            lambda studio: studio.previews.open(run, port),
            lambda preview: self._show_url(run, preview.url),
            failed,
        )

    def _show_url(self, run: RunId, url: str) -> None:
        if run != self._run:
            return
        refused = refusal(self._environment, root=self._root)
        if refused:
            # What cannot be shown here can still be looked at elsewhere.
            self._outside_url = url
            self.view.show_address(url, can_reload=False)
            self._say("The preview is not shown to root", f"{refused}\n{url}", "Look again")
            return
        target = QUrl(url)
        try:
            relay = self._start_relay()
        except StudioError as error:
            self._fail(error)
            return
        relay.lead_to(target.host(), target.port(80))
        browser = self._start_browser(run)
        self._outside_url = url
        self.view.say("")
        self.view.show_address(url)
        browser.show_server(f"http://localhost:{relay.port}{target.path() or '/'}")
        self.view.show_page(browser)
        if self._console is not None:
            self._console.tell()
        self.preview_opened.emit(run)

    def _start_relay(self) -> Relay:
        if self._relay is None:
            flags = self._environment.get(FLAGS, "")
            self._relay = Relay(port_of(flags), self)
            self._environment[FLAGS] = engine_flags(flags, self._relay.port)
        return self._relay

    def _start_browser(self, run: RunId) -> Browser:
        # Every app has the relay's origin, so what one leaves in its profile must not be there for the next one.
        if self._browser is not None and self._shown == (self._project, run, self._port):
            return self._browser
        if self._browser is not None:
            self.view.drop_page()
            self._browser.release()
        browser: Browser = importlib.import_module(_BROWSER).Browser(self.view)
        browser.dialog_shown.connect(self.view.say)
        browser.left.connect(self._ask_outside)
        browser.crashed.connect(self._on_crashed)
        browser.blocked.connect(self.request_blocked)
        reporter = ConsoleReporter(self._bridge, run, browser)
        browser.console_written.connect(reporter.note)
        browser.blocked.connect(lambda address: reporter.note(ConsoleLevel.WARNING, f"{NOT_LET}{address}"))
        self._console = reporter
        browser.loadFinished.connect(self._on_loaded)
        self._browser, self._shown = browser, (self._project, run, self._port)
        return browser

    def _on_loaded(self, ok: bool) -> None:
        if not ok and self._outside_url and self._browser is not None and not self._browser.stays:
            self._say(f"The app on port {self._port} did not answer", "It may still be starting.", "Try again")

    def _on_crashed(self) -> None:
        self._say("The page's process has crashed", "Studio and the container are not touched by it.", "Reload")

    def _leave_page(self) -> None:
        self._outside_url = ""
        self.view.show_address("")
        self.view.show_ports((), 0)
        self.view.say("")
        if self._relay is not None:
            self._relay.lead_nowhere()
        if self._browser is not None:
            self._browser.leave()

    def _ask_outside(self, url: QUrl) -> None:
        if self.view.findChild(QMessageBox) is not None:
            return
        box = QMessageBox(self.view)
        box.setTextFormat(box.textFormat().PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Open {url.scheme()}://{url.host()} in your own browser?")
        box.setInformativeText("Your browser has your own cookies and can reach more than the preview can.")
        box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.button(QMessageBox.StandardButton.Open).clicked.connect(lambda: QDesktopServices.openUrl(url))
        box.finished.connect(box.deleteLater)
        box.open()

    def _fail(self, error: StudioError) -> None:
        self._say("The preview cannot be shown", f"{error.sentence} {error.action}".strip(), "Try again")

    def _say(self, title: str, sentence: str = "", action: str = "") -> None:
        self.view.show_state(title, sentence, action)

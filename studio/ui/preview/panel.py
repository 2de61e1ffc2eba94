"""The preview panel: shows the app that runs inside a run's container, and starts it where it does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, MutableMapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.errors import EngineError, StudioError
from studio.domain.events import Delta, Recorded, SandboxStopped, SnapshotTaken
from studio.domain.ids import ProjectId, RunId
from studio.domain.previews import PreviewStage, PreviewState
from studio.ui.bridge import Bridge
from studio.ui.preview.addresses import address_of
from studio.ui.preview.answering import Answering
from studio.ui.preview.host import Key, PageHost
from studio.ui.preview.navigation import Navigation
from studio.ui.preview.notices import Notices
from studio.ui.preview.pacing import IS_OFFLINE, Pacing
from studio.ui.preview.reloading import Reloading
from studio.ui.preview.standing import Standing
from studio.ui.preview.taking import Taking
from studio.ui.preview.view import PreviewView
from studio.ui.preview.walls import refusal
from studio.ui.preview.words import NO_RUN, STARTING, Words, is_slow, words_of
from studio.ui.theme import Theme

_RETRY_MILLISECONDS = 600
_MOST_RETRIES = 5


class PreviewPanel(QObject):
    """One page at most; the web engine starts with the first one.

    `root` says whether this process runs as root, `environment` is where the engine reads its switches.

    Signals: `preview_opened(RunId)`; `request_blocked(str)` an address outside the preview that the page wanted;
    `picture_taken(RunId, object)` a QImage, and `words_offered(RunId, str)`, for the chat of the run that is shown.
    """

    preview_opened = Signal(str)
    request_blocked = Signal(str)
    picture_taken = Signal(str, object)
    words_offered = Signal(str, str)

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
        self._port = 0
        self._tries = 0
        self._place = ""
        self._may_start = self._is_starting = False
        self._act: Callable[[], object] = self.open
        self.view = PreviewView(theme)
        self.host = PageHost(bridge, environment, self.view)
        self.standing = Standing(bridge, self.view.page_is_seen, self.view)
        self._notices = Notices(self.view, self.host, self.view)
        self._navigation = Navigation(self.view, self.host, self._notices, self.view)
        self._answering = Answering(bridge, self.host)
        self._reloading = Reloading(self.view.bar, self.standing, self._notices, self.host.reload, self._restart)
        self._taking = Taking(self.view, self.host, self.view)
        self.pacing = Pacing(self.view, self.host, self.view)
        self._retry = QTimer(self.view)
        self._retry.setSingleShot(True)
        self._retry.setInterval(_RETRY_MILLISECONDS)
        self._retry.timeout.connect(self.reload)
        self._join_view()
        self._join_host()
        self.standing.changed.connect(self._on_state)
        self.standing.failed.connect(self._on_failed)
        self.standing.launches_found.connect(lambda found: self.view.show_launches(found, self.standing.state.command))
        self.view.show_state(NO_RUN)

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
        self.pacing.end()
        self.standing.follow(run)
        self.view.bar.show_branch(branch)
        self.view.show_launches(())
        self._say(NO_RUN if run is None else words_of(run, self.standing.state), self.open)

    def open(self) -> None:
        """Shows the app of the run: what is served already, else what its files say that can be started."""
        if self._run is None:
            return
        self._tries = 0
        self._may_start = True
        if not self.view.shows_page():
            self._say(Words("Looking for the app\N{HORIZONTAL ELLIPSIS}"), self.open)
            self.host.reload()  # which shows a page of the same port again
        self.standing.look(self._port)

    def reload(self) -> None:
        """Loads the page again, with everything it uses."""
        self.host.reload()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Notes what happens to the run under the page; gives its agent a picture of the page when asked."""
        for item in events:
            if item.run != self._run:
                continue
            if isinstance(item, Delta):
                self._meet_delta(item)
            elif isinstance(item.event, SandboxStopped) and (self.host.url or self.standing.state.process):
                self._leave_page()
                self._say(Words("The container has stopped", "The app stopped with it.", "Start it again"), self.open)
            elif isinstance(item.event, SnapshotTaken) and self.host.url and self.view.shows_page():
                self._reloading.meet_snapshot()

    def release(self) -> None:
        """Frees the page and the web engine's processes: also to be called before the window goes."""
        self.standing.rest()
        self._leave_page()
        self.host.release(at_once=True)

    @property
    def _key(self) -> Key:
        return self._project, self._named_run, self._port

    def _meet_delta(self, delta: Delta) -> None:
        if delta.kind == "setup" and self._is_starting:
            self._say(Words("Building the sandbox's image\N{HORIZONTAL ELLIPSIS}", delta.text.strip()), self.open)
        elif self.host.url and self.view.shows_page():
            self._answering.meet(delta, (delta.project, delta.run, self._port))

    def _start(self, command: str = "", *, again: bool = False) -> None:
        self._place = ""
        self._may_start, self._is_starting = False, True
        self._leave_page()
        self._say(STARTING, self.open)
        self.standing.start(command, again=again)

    def _on_state(self, state: PreviewState) -> None:
        self._is_starting = False
        self.view.bar.show_process(started=bool(state.process) and state.stage is not PreviewStage.ENDED)
        if state.stage is PreviewStage.UP:
            self._may_start = False
            self._notices.say_awake()
            self._meet_port(state)
            return
        if state.stage is PreviewStage.ASLEEP and self.host.url:
            self._notices.say_asleep(self._wake)
            return
        if self._may_start and state.stage in (PreviewStage.NONE, PreviewStage.IDLE):
            self._start()
            return
        self._may_start = False
        self._leave_page()
        act = {PreviewStage.STARTING: self.standing.stop, PreviewStage.ENDED: lambda: self._start(state.command)}
        offers, offered = state.stage is not PreviewStage.STARTING or is_slow(state), self.view.offers_commands()
        self._say(words_of(self._named_run, state), act.get(state.stage, self.open), commands=offers)
        # While an app starts it is looked at again and again: what somebody types meanwhile is left alone.
        if offers and state.stage is not PreviewStage.NONE and not (offered and is_slow(state)):
            self.standing.find_launches()

    def _meet_port(self, state: PreviewState) -> None:
        self.view.bar.show_ports(state.ports, state.port)
        if self.host.url and state.port == self._port:
            if self._tries:
                self._try_again(state)
            return
        self._open_port(state.port, self._place or state.path)
        self._place = ""

    def _open_port(self, port: int, path: str = "/") -> None:
        run = self._named_run
        self._port = port
        self._say(Words(f"Connecting to port {port}\N{HORIZONTAL ELLIPSIS}"), self.open)

        def failed(error: StudioError) -> None:
            if run == self._run:
                self._on_failed(error)

        self._bridge.call(
            lambda studio: studio.previews.open(run, port),
            lambda preview: self._show_url(run, preview.url, path),
            failed,
        )

    def _show_url(self, run: RunId, url: str, path: str) -> None:
        if run != self._run:
            return
        refused = refusal(self._environment, root=self._root)
        if refused:
            # What cannot be shown here can still be looked at elsewhere.
            self.host.url = url
            self.view.bar.show_address(url, has_page=False)
            self._say(Words("The preview is not shown to root", f"{refused}\n{url}", "Look again"), self.open)
            return
        try:
            browser = self.host.show(self._key, url, path)
        except StudioError as error:
            self._on_failed(error)
            return
        self.view.bar.show_address(address_of(url, path))
        self.view.show_page(browser)
        self.preview_opened.emit(run)

    def _on_loaded(self, answered: bool, _status: int) -> None:
        browser = self.host.browser
        if browser is None or not self.host.url:
            return
        self.view.stage.lay_out()
        if answered:
            self._tries = 0
            self.view.show_page(browser)
        elif self.pacing.is_offline:
            self._say(IS_OFFLINE, self.pacing.end)
        elif not browser.stays:
            self._tries += 1
            self._say(Words(f"Waiting for port {self._port} to answer\N{HORIZONTAL ELLIPSIS}"), self.open)
            self.standing.look(self._port)

    def _try_again(self, state: PreviewState) -> None:
        """The port is open and yet nothing came of the last load: a server that is just starting is given some time."""
        if self._tries <= _MOST_RETRIES:
            self._retry.start()
        else:
            self._tries = 0
            self._say(words_of(self._named_run, state), self.open)

    def _on_ended(self, why: Words) -> None:
        self.standing.rest()  # an answer on its way would bring the page back, to end again
        self._say(why, self.open)

    def _on_failed(self, error: StudioError) -> None:
        self._is_starting = self._may_start = False
        words = Words("The preview cannot be shown", f"{error.sentence} {error.action}".strip(), "Try again")
        # Without an engine no other command helps.
        self._say(words, self.open, commands=not isinstance(error, EngineError))

    def _leave_page(self) -> None:
        self._retry.stop()
        self.view.bar.show_address("")
        self.view.bar.show_ports((), 0)
        self.view.say("")
        self.host.leave()

    @property
    def _named_run(self) -> RunId:
        assert self._run is not None
        return self._run

    def _say(self, words: Words, act: Callable[[], object], *, commands: bool = False) -> None:
        self._act = act
        self.view.show_state(words, commands=commands)

    def _join_view(self) -> None:
        view, bar = self.view, self.view.bar
        view.action_requested.connect(lambda: self._act())
        view.start_requested.connect(self._start)
        view.shown.connect(self._wake)
        bar.reload.clicked.connect(self.reload)
        self.pacing.page_missed.connect(self.reload)
        bar.port_chosen.connect(self._open_port)
        bar.restart_requested.connect(self._restart)
        bar.stop_requested.connect(self.standing.stop)
        for offered in (self._notices.asked, self._taking.element_taken):
            offered.connect(lambda words: self.words_offered.emit(self._run, words))
        self._taking.picture_taken.connect(lambda image: self.picture_taken.emit(self._run, image))

    def _join_host(self) -> None:
        host = self.host
        host.loaded.connect(self._on_loaded)
        host.ended.connect(self._on_ended)
        host.blocked.connect(self.request_blocked)
        host.dropped.connect(self.view.drop_page)

    def _wake(self) -> None:
        """Wakes an app that is known to sleep; also when its page is shown again."""
        if self.standing.state.stage is PreviewStage.ASLEEP:
            self.standing.look(self._port)

    def _restart(self) -> None:
        place = self.host.place()
        self._start(self.standing.state.command, again=True)
        self._place = place

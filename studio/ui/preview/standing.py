"""How the app of one run stands: asked for, started, stopped, and looked at again while it matters."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from studio.domain.errors import StudioError
from studio.domain.ids import RunId
from studio.domain.previews import PreviewStage, PreviewState
from studio.ui.bridge import Bridge

_WAIT_SECONDS = 2.0
_PAUSE_MILLISECONDS = 300
_WATCH_MILLISECONDS = 4000


class Standing(QObject):
    """Follows one run at a time; an answer about another one, or to an older question, is dropped.

    While the app is starting it asks again by itself; once it is up, every few seconds while `is_seen` says so.

    Signals: `changed(object)` a PreviewState, also one like the last; `failed(object)` a StudioError;
    `launches_found(object)` a tuple of Launch.
    """

    changed = Signal(object)
    failed = Signal(object)
    launches_found = Signal(object)

    def __init__(self, bridge: Bridge, is_seen: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._is_seen = is_seen
        self._run: RunId | None = None
        self._question = 0
        self._is_asking = False
        self._port = 0
        self.state = PreviewState(PreviewStage.NONE)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_PAUSE_MILLISECONDS)
        self._again.timeout.connect(lambda: self.look(self._port, _WAIT_SECONDS))
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MILLISECONDS)
        self._watch.timeout.connect(self.tick)

    def follow(self, run: RunId | None) -> None:
        """Follows this run from now on, and knows nothing of it yet."""
        self._run = run
        self.rest()
        self.state = PreviewState(PreviewStage.NONE)

    def rest(self) -> None:
        """Asks nothing more until it is asked to; an answer that is on its way is dropped."""
        self._question += 1
        self._is_asking = False
        self._again.stop()
        self._watch.stop()

    def look(self, port: int = 0, seconds: float = 0.0, *, watching: bool = False) -> None:
        """Asks how the app stands; `port` is the one to show while it is open. Only `watching` wakes nothing."""
        run, self._port = self._run, port
        if run is not None:
            self._ask(lambda studio: studio.previews.look(run, seconds, port, watching), watching=watching)

    def start(self, command: str = "", *, again: bool = False) -> None:
        """Starts the app by this command line, else by what its files show; with `again` also when it runs."""
        run, self._port = self._run, 0
        if run is not None:
            self._ask(lambda studio: studio.previews.start(run, command, again))

    def stop(self) -> None:
        """Ends the app that was started for the preview."""
        run = self._run
        if run is not None:
            self._bridge.call(lambda studio: studio.previews.stop(run), lambda _: self.look(), self.failed.emit)

    def find_launches(self) -> None:
        """Asks which ways to start the app there are; where that cannot be told, none are."""
        run = self._run

        def found(launches: object) -> None:
            if run == self._run:
                self.launches_found.emit(launches)

        if run is not None:
            self._bridge.call(lambda studio: studio.previews.launches(run), found, lambda _error: None)

    def tick(self) -> None:
        """Looks again at an app that is up, when anybody sees it."""
        if not self._is_asking and self._is_seen():
            self.look(self._port, watching=True)

    def _ask(self, make: Callable[..., object], *, watching: bool = False) -> None:
        self.rest()
        question, self._is_asking = self._question, True

        def done(state: PreviewState) -> None:
            if question == self._question:
                self._meet(state)

        def failed(error: StudioError) -> None:
            if question == self._question:
                self._is_asking = False
                if watching:
                    # The page stays: an engine that is away is told elsewhere, and this asks again.
                    self._watch.start()
                else:
                    self.failed.emit(error)

        self._bridge.call(make, done, failed)  # type: ignore[arg-type]

    def _meet(self, state: PreviewState) -> None:
        self._is_asking = False
        self.state = state
        if state.stage is PreviewStage.STARTING:
            self._again.start()
        elif state.stage in (PreviewStage.UP, PreviewStage.ASLEEP):
            self._port = state.port
            self._watch.start()
        self.changed.emit(state)

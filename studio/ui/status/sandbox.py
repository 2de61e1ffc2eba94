"""The sandbox in the status bar: how that of the run in front stands, and what it uses while it is awake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from studio.base.text import sized
from studio.domain.errors import StudioError
from studio.domain.events import (
    SANDBOX,
    Delta,
    EngineBack,
    EngineLost,
    Recorded,
    SandboxSlept,
    SandboxStarted,
    SandboxStopped,
    SandboxWoke,
)
from studio.domain.ids import RunId
from studio.domain.sandboxes import SandboxState, SandboxView
from studio.ui.bridge import Bridge
from studio.ui.status.view import StatusView
from studio.ui.widgets.shapes import SANDBOX_SHAPES

if TYPE_CHECKING:
    from studio.app.studio import Studio

_EVERY_MS = 5000
"""How often what it uses is read, while the window is seen and the sandbox is awake."""

_STARTING_MS = 2000
_CHANGES = (SandboxStarted, SandboxStopped, SandboxSlept, SandboxWoke)
_WORDS = {
    SandboxState.RUNNING: "sandbox running",
    SandboxState.ASLEEP: "sandbox asleep",
    SandboxState.STARTING: "sandbox starting\N{HORIZONTAL ELLIPSIS}",
    SandboxState.LOST: "sandbox lost",
    SandboxState.NONE: "no sandbox",
}


class SandboxItem(QObject):
    """Keeps one item of the status bar at the sandbox of a run; of one that sleeps nothing is asked."""

    def __init__(self, bridge: Bridge, view: StatusView) -> None:
        super().__init__(view)
        self._bridge = bridge
        self._view = view
        self._run: RunId | None = None
        self._shown: SandboxView | None = None
        self._asked = 0
        self._is_asking = False
        self._again = QTimer(self, singleShot=True, timerType=Qt.TimerType.VeryCoarseTimer)
        self._again.timeout.connect(self._look_again)

    def follow(self, run: RunId | None) -> None:
        """Shows the sandbox of another run, or none."""
        if run != self._run:
            self._shown = None
        self._run = run
        self._draw()
        self.read()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Takes in what became of the run's sandbox, and looks where that is not all."""
        for item in events:
            if isinstance(item, Recorded) and isinstance(item.event, EngineLost | EngineBack):
                self.read()
            elif item.run is None or item.run != self._run:
                continue
            elif isinstance(item, Delta):
                if item.kind == SANDBOX:
                    self.read()
            elif isinstance(item.event, _CHANGES):
                self._take(item.event, item)

    def read(self) -> None:
        """Asks how it stands; an answer to what was asked before is not waited for."""
        run = self._run
        self._again.stop()
        self._asked += 1
        asked = self._asked
        if run is None:
            return

        def done(view: SandboxView) -> None:
            if asked == self._asked:
                self._show(view)

        def failed(_error: StudioError) -> None:
            if asked == self._asked:
                self._again.start(_EVERY_MS)

        self._bridge.call(lambda studio: _glance(studio, run), done, failed)

    def _take(self, event: object, item: Recorded) -> None:
        """Shows at once what an event says, and reads what it uses a little later."""
        assert item.run is not None
        assert item.project is not None
        match event:
            case SandboxStarted(container, image, _, weaker):
                found = SandboxView(item.run, item.project, SandboxState.RUNNING, container, image, weaker=weaker)
            case SandboxStopped():
                found = SandboxView(item.run, item.project, SandboxState.NONE)
            case _:
                before = self._shown or SandboxView(item.run, item.project, SandboxState.NONE)
                state = SandboxState.ASLEEP if isinstance(event, SandboxSlept) else SandboxState.RUNNING
                found = replace(before, state=state, use=None)
        self._asked += 1
        self._show(found)

    def _show(self, view: SandboxView) -> None:
        self._shown = view
        self._draw()
        match view.state:
            case SandboxState.RUNNING:
                self._again.start(_EVERY_MS if view.use is not None else _STARTING_MS)
            case SandboxState.STARTING:
                self._again.start(_STARTING_MS)
            case _:
                self._again.stop()

    def _look_again(self) -> None:
        if self._view.isVisible() and not self._view.window().isMinimized():
            self.read()
        else:
            self._again.start(_EVERY_MS)

    def _draw(self) -> None:
        view = self._shown
        if view is None:
            self._view.show_sandbox("text_faint", "", hollow=True)
            return
        color, hollow = SANDBOX_SHAPES[view.state]
        self._view.show_sandbox(color, words(view), hollow=hollow)


async def _glance(studio: Studio, run: RunId) -> SandboxView:
    return await studio.sandboxes.glance(run)


def words(view: SandboxView) -> str:
    """How a sandbox stands, with what it uses as far as that is known; the processor in percent of one core."""
    parts = [f"{_WORDS[view.state]}{', weaker walls' if view.weaker and view.state.open else ''}"]
    if view.use is not None and view.state is SandboxState.RUNNING:
        parts += [f"{view.use.cpu_percent:.0f} % CPU", sized(view.use.memory_bytes)]
    return " · ".join(parts)

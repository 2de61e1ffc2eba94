"""The container engine in the window: a calm bar and an item of the status bar, as long as it cannot be used."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.engines import EngineState, EngineView
from studio.domain.events import Delta, EngineBack, EngineLost, Recorded
from studio.ui.bridge import Bridge
from studio.ui.status.view import StatusView
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.names import shown_lines
from studio.ui.widgets.states import MessageBar

_WORDS = {
    EngineState.LOST: "! container engine gone",
    EngineState.HUNG: "! container engine hangs",
    EngineState.ABSENT: "! no container engine",
}
_HOLES = "Something is known against this version: see there."
GOES_ON = "Agents that need it are parked and go on by themselves once it is there; files and chats stay usable."
BACK = "The container engine is back; what was parked goes on."


class EngineBar(MessageBar):
    """What is wrong with the container engine, hidden while nothing is, or until it changes once it was closed.

    Signals: `look_requested()` the person thinks that it is back.
    """

    look_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "engineBar", parent)
        self.setAccessibleName("Container engine")
        self.look = button("Look again", self.look_requested.emit, "flat")
        self.offer(self.look)

    def show_view(self, view: EngineView) -> None:
        """Says what is wrong, or nothing when all is well."""
        self.look.setEnabled(True)
        self.setVisible(view.state.away)
        words = f"{view.sentence} {view.action}".strip()
        self.sentence.setText(shown_lines(f"{words}\n{GOES_ON}" if view.state.away else ""))


class EngineItem(QObject):
    """Keeps the bar and the item at how the container engine is.

    Signals: `said(str)` a sentence that is worth a few seconds.
    """

    said = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, view: StatusView) -> None:
        super().__init__(view)
        self._bridge = bridge
        self._view = view
        self._shown = EngineView()
        self.bar = EngineBar(theme)
        self.bar.look_requested.connect(self._look)
        bridge.ready.connect(self._read)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Takes in that the engine went away or came back."""
        for item in events:
            match item:
                case Recorded(event=EngineLost() as lost):
                    self._show(EngineView(EngineState(lost.state), lost.reason, lost.action, item.time))
                case Recorded(event=EngineBack()):
                    self._show(EngineView(EngineState.UP))
                    self.said.emit(BACK)
                case _:
                    pass

    def _read(self) -> None:
        self._bridge.call(lambda studio: studio.container_engine.view(), self._show)

    def _look(self) -> None:
        self.bar.look.setEnabled(False)
        self._bridge.call(lambda studio: studio.container_engine.look(), self._show_looked)

    def _show_looked(self, view: EngineView) -> None:
        self.bar.look.setEnabled(True)
        self._show(view)

    def _show(self, view: EngineView) -> None:
        self._view.tell_engine(f"{view.engine}\n{_HOLES if view.holes else ''}".strip())
        words = _WORDS.get(view.state, "")
        self._view.say("container_engine", words, f"{view.sentence} {view.action} Show what agents need".strip())
        # One that was closed stays so: it is the same trouble.
        if (view.state, view.sentence) != (self._shown.state, self._shown.sentence):
            self.bar.show_view(view)
        self._shown = view

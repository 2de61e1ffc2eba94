"""The terminal panel: shells inside the containers of runs."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTemporaryDir, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded, SandboxStopped
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge
from studio.ui.terminal.loader import MakeTerminal, Terminal, find_emulator
from studio.ui.terminal.view import TerminalView
from studio.ui.theme import Theme

_NO_RUN = "No run is selected. A terminal opens inside a run's container: send an agent a message first."
_NO_WIDGET = "The built-in terminal does not exist for this system. Run this in a terminal of your own:"


class TerminalPanel(QObject):
    """Terminals in tabs, each inside the container of one run.

    `find` gives the way to make emulators when a terminal is first asked for.

    Signals: `terminal_opened(RunId)`.
    """

    terminal_opened = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        theme: Theme,
        parent: QObject | None = None,
        *,
        find: Callable[[], MakeTerminal | None] = find_emulator,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._find = find
        self._schemes = QTemporaryDir()
        self._run: RunId | None = None
        self._runs: dict[QWidget, RunId] = {}
        self._act: Callable[[], None] = self.open_terminal
        self.view = TerminalView(theme)
        self.view.new_requested.connect(self.open_terminal)
        self.view.close_requested.connect(self._close)
        self.view.action_requested.connect(lambda: self._act())
        self.show_run(None)

    @property
    def widget(self) -> QWidget:
        """What the main window docks."""
        return self.view

    def show_run(self, run: RunId | None) -> None:
        """Names the run in whose container the next terminal opens; brings its newest terminal to the front."""
        self._run = run
        self.view.new.setEnabled(run is not None)
        if run is None:
            self._say(_NO_RUN)
            return
        self._offer()
        mine = [index for index, widget in enumerate(self.view.terminals) if self._runs[widget] == run]
        if mine:
            self.view.tabs.setCurrentIndex(mine[-1])

    def open_terminal(self) -> None:
        """Opens one more terminal in the current run's container, which is started if it is not up."""
        run = self._run
        if run is None:
            return
        self._say(f"Starting the sandbox of {run}\N{HORIZONTAL ELLIPSIS}")
        self.view.show_waiting()

        def done(argv: tuple[str, ...]) -> None:
            self._open(run, argv)

        def failed(error: StudioError) -> None:
            self._say(f"{error.sentence} {error.action}".strip(), "Try again", self.open_terminal)
            self.view.show_waiting()

        self._bridge.call(lambda studio: studio.terminals.command(run), done, failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Notes when a container goes away under its terminals."""
        for recorded in events:
            if isinstance(recorded, Recorded) and isinstance(recorded.event, SandboxStopped):
                for terminal in [widget for widget, run in self._runs.items() if run == recorded.run]:
                    self._mark_ended(terminal)

    def close_all(self) -> None:
        """Ends every terminal: to be called before the window goes."""
        for terminal in self.view.terminals:
            self._close(terminal)
            # The program ends with its widget, and the event loop may not come round again.
            QCoreApplication.sendPostedEvents(terminal, QEvent.Type.DeferredDelete.value)

    def _open(self, run: RunId, argv: tuple[str, ...]) -> None:
        make = self._find()
        if make is None:
            command = shlex.join(argv)
            self._say(_NO_WIDGET, "Copy", lambda: QGuiApplication.clipboard().setText(command), command)
            self.view.show_waiting()
            return
        widget = make(argv, Path(self._schemes.path()), self._theme, self.view)
        terminal = cast(Terminal, widget)
        self._runs[widget] = run
        terminal.finished.connect(lambda: self._mark_ended(widget))
        self.view.add(widget, self._next_title(run))
        self._offer()
        terminal.start()
        self.terminal_opened.emit(run)

    def _next_title(self, run: RunId) -> str:
        number = sum(1 for other in self._runs.values() if other == run)
        return run if number == 1 else f"{run} \N{MIDDLE DOT} {number}"

    def _mark_ended(self, terminal: QWidget) -> None:
        if terminal in self._runs and not self.view.title(terminal).endswith("(ended)"):
            self.view.rename(terminal, f"{self.view.title(terminal)} (ended)")

    def _close(self, terminal: QWidget) -> None:
        del self._runs[terminal]
        self.view.remove(terminal)

    def _offer(self) -> None:
        self._say(f"No terminal is open for {self._run}.", "Open a terminal", self.open_terminal)

    def _say(self, sentence: str, action: str = "", act: Callable[[], None] | None = None, command: str = "") -> None:
        self._act = act or self.open_terminal
        self.view.show_state(sentence, action, command)

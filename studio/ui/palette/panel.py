"""The palette panel: finds actions in the table and files through the files door."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.files import Place
from studio.ui.actions import Actions
from studio.ui.bridge import Bridge
from studio.ui.palette.matches import best_paths, best_texts, read_query
from studio.ui.palette.palette import Choice, Palette
from studio.ui.theme import Theme


class PalettePanel(QObject):
    """Ctrl+Shift+P and Ctrl+P.

    Signals: `file_requested(Place, str, int)` place, path and line (0 for none).
    """

    file_requested = Signal(object, str, int)

    def __init__(self, bridge: Bridge, theme: Theme, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._actions = actions
        self._place: Place | None = None
        self._paths: tuple[str, ...] = ()
        self.palette = Palette(theme, window)

    def show_place(self, place: Place | None) -> None:
        """Finds the files of another place from now on."""
        self._place, self._paths = place, ()

    def open_actions(self) -> None:
        """Offers every action that can be used now."""
        self.palette.open(self._find_actions, "What do you want to do?")

    def open_files(self) -> None:
        """Offers the files of the place, read anew each time."""
        place = self._place
        self.palette.open(self._find_files, "Name of a file, :line to go to a line, > for actions")
        if place is None:
            return

        def done(paths: tuple[str, ...]) -> None:
            if place == self._place:
                self._paths = paths
                if self.palette.isVisible():
                    self.palette.refresh()

        self._bridge.call(lambda studio: studio.files.all(place), done)

    def _find_actions(self, text: str) -> list[Choice]:
        rows = self._actions.usable()
        best = best_texts(text, tuple(row.text for row in rows))
        return [Choice(rows[n].text, rows[n].shortcut, self._actions.action(rows[n].id).trigger) for n in best]

    def _find_files(self, text: str) -> list[Choice]:
        if text.startswith(">"):
            return self._find_actions(text[1:])
        place, query = self._place, read_query(text)
        if place is None:
            return []
        return [
            Choice(path, "", partial(self.file_requested.emit, place, path, query.line))
            for path in best_paths(query.words, self._paths)
        ]

"""Loading: what makes the first opening of the page long, done without holding the window up."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

from PySide6.QtCore import QObject, QTimer, Signal

LIBRARY = "pyqtgraph"


class Charts(QObject):
    """Loads the library of the charts on a thread of its own: it is half of what the first opening takes.

    No other module of the window or the core loads it or what it brings, so that nobody meets half of one.

    Signals: `loaded()` it is there, or the page's own import of it will say why not.
    """

    loaded = Signal()

    def load(self) -> None:
        """Begins; `loaded` follows on the thread that this lives on."""
        Thread(target=self._load, name="charts").start()

    def _load(self) -> None:
        with suppress(ImportError):
            importlib.import_module(LIBRARY)
        # The window may be gone meanwhile.
        with suppress(RuntimeError):
            self.loaded.emit()


class Steps(QObject):
    """Does work piece by piece, one piece each time that the loop comes round; what is begun later replaces it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Iterator[None] = iter(())
        self._next = QTimer(self, interval=0)
        self._next.timeout.connect(self._go_on)

    def begin(self, work: Iterator[None]) -> None:
        """Does this from now on, in place of what is not done yet."""
        self._work = work
        self._next.start()

    def _go_on(self) -> None:
        if next(self._work, self) is self:
            self._next.stop()
            self._work = iter(())

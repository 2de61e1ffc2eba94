"""The console of a shown page: its entries, told to the core in small numbers."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, QUrl

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.errors import StudioError
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge

MOST_AT_ONCE = 100
_EVERY_MILLISECONDS = 400
_TEXT_CHARACTERS = 1000


class ConsoleReporter(QObject):
    """Collects what the page of one run's app writes; a page that writes more than it may is counted, not heard."""

    def __init__(self, bridge: Bridge, run: RunId, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._run = bridge, run
        self._entries: list[ConsoleEntry] = []
        self._dropped = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.tell)

    def note(self, level: ConsoleLevel, text: str, source: str = "", line: int = 0) -> None:
        """Takes one entry; `source` is an address, of which only the part within the app is told."""
        if len(self._entries) >= MOST_AT_ONCE:
            self._dropped += 1
            return
        path = QUrl(source[:_TEXT_CHARACTERS]).path() if source else ""
        self._entries.append(ConsoleEntry(level, text[:_TEXT_CHARACTERS], f"{path}:{line}" if path else ""))
        if not self._timer.isActive():
            self._timer.start()

    def tell(self) -> None:
        """Tells the core what has come so far; nothing at all says that the page is shown."""
        run, entries, dropped = self._run, tuple(self._entries), self._dropped
        self._entries, self._dropped = [], 0
        self._bridge.call(lambda studio: studio.previews.report(run, entries, dropped), failed=_unheard)


def _unheard(error: StudioError) -> None:
    """A page whose container has gone has nobody who would read its console."""

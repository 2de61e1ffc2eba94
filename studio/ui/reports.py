"""Reports: what the pages of one run's app say, told to the core one report after the other."""

from __future__ import annotations

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.errors import StudioError
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge

MOST_AT_ONCE = 100
"""So many entries go with one report; what is over is counted."""
_FOR_ERRORS = 30
"""Of these so many are kept for errors, which a page that writes much else does not crowd out."""


class Reports:
    """Keeps what is said while a report is on its way: the core may take seconds, and a page does not wait for it."""

    def __init__(self, bridge: Bridge, run: RunId, port: int) -> None:
        self._bridge, self._run, self._port = bridge, run, port
        self._entries: list[ConsoleEntry] = []
        self._dropped = 0
        self._is_on_its_way = self._is_wanted = False

    def take(self, entry: ConsoleEntry) -> bool:
        """Keeps an entry for the next report; False when there is no room for it, and it was counted."""
        grave = entry.level is ConsoleLevel.ERROR
        if len(self._entries) >= (MOST_AT_ONCE if grave else MOST_AT_ONCE - _FOR_ERRORS):
            self._dropped += 1
            return False
        self._entries.append(entry)
        return True

    def drop(self, count: int) -> None:
        """Counts what was left out."""
        self._dropped += count

    def tell(self) -> None:
        """Tells what has come so far, nothing at all too; while a report is on its way, as soon as that was taken."""
        if self._is_on_its_way:
            self._is_wanted = True
            return
        run, port, entries, dropped = self._run, self._port, tuple(self._entries), self._dropped
        self._entries, self._dropped, self._is_wanted, self._is_on_its_way = [], 0, False, True
        self._bridge.call(
            lambda studio: studio.consoles.report(run, entries, dropped, port), self._on_taken, self._on_unheard
        )

    def _on_taken(self, _answer: None) -> None:
        self._is_on_its_way = False
        if self._is_wanted:
            self.tell()

    def _on_unheard(self, error: StudioError) -> None:
        """A page whose container has gone has nobody who would read its console."""
        self._on_taken(None)

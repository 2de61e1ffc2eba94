"""Standing errors: those that nothing has mended yet, as far as can be told, where each page is shown."""

from __future__ import annotations

from collections.abc import Iterable

from studio.domain.console import ConsoleEntry, ConsoleLevel

MOST_VIEWS = 20
"""So many views are told apart; a page in another browser says itself which it is, and may say ever new ones."""
_PROGRAMS, _OTHERS = "", "others"


class StandingErrors:
    """Counts the errors of each view since its page last began anew, and those of programs since any page did."""

    def __init__(self) -> None:
        self._counts = {_PROGRAMS: 0}

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self._counts.values())

    def add(self, error: ConsoleEntry) -> None:
        """Counts an error."""
        view = self._named(error.view)
        self._counts[view] = self._counts.get(view, 0) + error.count

    def begin_anew(self, anew: ConsoleEntry, newest: Iterable[ConsoleEntry]) -> None:
        """A page began anew with this entry: what was heard before it may have been written after, by its time."""
        counts = dict.fromkeys((self._named(anew.view), _PROGRAMS), 0)
        for entry in newest:
            view = self._named(entry.view)
            is_after = entry.time is not None and anew.time is not None and entry.time >= anew.time
            if view in counts and is_after and entry.level is ConsoleLevel.ERROR:
                counts[view] += entry.count
        self._counts.update(counts)

    def clear(self) -> None:
        """Counts from nothing."""
        self._counts = {_PROGRAMS: 0}

    def _named(self, view: str) -> str:
        return view if view in self._counts or len(self._counts) < MOST_VIEWS else _OTHERS

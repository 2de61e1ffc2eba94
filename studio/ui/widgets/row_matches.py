"""Row matches: what the filters of lists have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QSortFilterProxyModel


class RowMatches(QSortFilterProxyModel):
    """The rows that are shown; whoever derives from it says in `filterAcceptsRow` which are, and names the source."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""

    def look_for(self, text: str) -> None:
        """Shows rows that hold this text, however its letters are written."""
        with self._choosing():
            self._text = text.casefold()

    @contextmanager
    def _choosing(self) -> Iterator[None]:
        """What decides of rows changes inside; they are looked at again afterwards."""
        self.beginFilterChange()
        yield
        self.endFilterChange(self.Direction.Rows)

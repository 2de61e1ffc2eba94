"""Sources: the choice of whose entries the console shows, each process and service by its name."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel, ConsoleSource
from studio.ui.widgets.names import shown


@dataclass(frozen=True, slots=True)
class Choice:
    """A source, and who of it, empty for all; with `quiet`, of containers only what is more than a plain line.

    A service can write all the time, and would push what the page says out of sight.
    """

    source: ConsoleSource = ConsoleSource.ALL
    writer: str = ""
    quiet: bool = False

    def covers(self, entry: ConsoleEntry) -> bool:
        """Whether an entry is shown."""
        if self.quiet and entry.kind.is_beside and entry.level is ConsoleLevel.INFO:
            return False
        return self.source.covers(entry.kind) and self.writer in ("", entry.writer)


APP = Choice(quiet=True)
_CHOICES = (
    ("App", APP, "What the page and the processes of the app write, and warnings and errors of services"),
    ("All sources", Choice(), "All that anybody writes"),
    ("Page", Choice(ConsoleSource.PAGE), ""),
    ("Requests", Choice(ConsoleSource.REQUESTS), ""),
    ("Processes", Choice(ConsoleSource.PROCESSES), ""),
    ("Services", Choice(ConsoleSource.SERVICES), ""),
    ("Sandbox", Choice(ConsoleSource.SANDBOX), ""),
)
_SINGLE = {
    ConsoleKind.LOG: ("Process", ConsoleSource.PROCESSES),
    ConsoleKind.SERVICE: ("Service", ConsoleSource.SERVICES),
}


class Sources(QComboBox):
    """Signals: `chosen(Choice)` whose entries are to be shown."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for at, (name, choice, tip) in enumerate(_CHOICES):
            self.addItem(name, choice)
            self.setItemData(at, tip or None, Qt.ItemDataRole.ToolTipRole)
        self.setAccessibleName("Whose entries are shown")
        self.activated.connect(self._on_activated)

    def offer(self, kind: ConsoleKind, writer: str) -> None:
        """Lets a process or service be chosen by its name, below the others; what is chosen stays."""
        name, source = _SINGLE.get(kind, ("", ConsoleSource.ALL))
        choice = Choice(source, writer)
        if name and all(self.itemData(at) != choice for at in range(self.count())):
            self.addItem(shown(f"{name} {writer}"), choice)

    def withdraw(self, kind: ConsoleKind, writer: str) -> None:
        """Offers one no more, unless it is the one that is chosen."""
        _, source = _SINGLE.get(kind, ("", ConsoleSource.ALL))
        for at in range(len(_CHOICES), self.count()):
            if self.itemData(at) == Choice(source, writer) and at != self.currentIndex():
                self.removeItem(at)
                return

    def begin_anew(self) -> None:
        """Offers nobody by name any more, and shows the app."""
        while self.count() > len(_CHOICES):
            self.removeItem(self.count() - 1)
        self.setCurrentIndex(0)
        self.chosen.emit(APP)

    def _on_activated(self, at: int) -> None:
        self.chosen.emit(self.itemData(at))

"""Sources: the choice of whose entries the console shows, each process and service by its name."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from studio.domain.console import ConsoleKind, ConsoleSource
from studio.ui.widgets.names import shown

_NAMES = {
    ConsoleSource.ALL: "All sources",
    ConsoleSource.PAGE: "Page",
    ConsoleSource.REQUESTS: "Requests",
    ConsoleSource.PROCESSES: "Processes",
    ConsoleSource.SERVICES: "Services",
    ConsoleSource.SANDBOX: "Sandbox",
}
_SINGLE = {
    ConsoleKind.LOG: ("Process", ConsoleSource.PROCESSES),
    ConsoleKind.SERVICE: ("Service", ConsoleSource.SERVICES),
}


class Sources(QComboBox):
    """Signals: `chosen(ConsoleSource, str)` a source, and who of it, empty for all."""

    chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for source, name in _NAMES.items():
            self.addItem(name, (source, ""))
        self.setAccessibleName("Whose entries are shown")
        self.activated.connect(self._on_activated)

    def offer(self, kind: ConsoleKind, writer: str) -> None:
        """Lets a process or service be chosen by its name, below the others; what is chosen stays."""
        name, source = _SINGLE.get(kind, ("", ConsoleSource.ALL))
        if name and all(self.itemData(at) != (source, writer) for at in range(self.count())):
            self.addItem(shown(f"{name} {writer}"), (source, writer))

    def withdraw(self, kind: ConsoleKind, writer: str) -> None:
        """Offers one no more, unless it is the one that is chosen."""
        _, source = _SINGLE.get(kind, ("", ConsoleSource.ALL))
        for at in range(len(_NAMES), self.count()):
            if self.itemData(at) == (source, writer) and at != self.currentIndex():
                self.removeItem(at)
                return

    def begin_anew(self) -> None:
        """Offers nobody by name any more, and shows all."""
        while self.count() > len(_NAMES):
            self.removeItem(self.count() - 1)
        self.setCurrentIndex(0)
        self.chosen.emit(ConsoleSource.ALL, "")

    def _on_activated(self, at: int) -> None:
        source, writer = self.itemData(at)
        self.chosen.emit(source, writer)

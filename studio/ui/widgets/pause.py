"""The pause: the moment in which a question that just came up takes no answer yet."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

PAUSE_MS = 1000
"""Longer than a double click, and than a second click of somebody who did not see that the question changed."""


class Pause(QObject):
    """Holds answers back from `begin` until `end`, which comes by itself after `PAUSE_MS`.

    Signals: `changed()` it began or ended.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.changed)

    @property
    def is_on(self) -> bool:
        """Whether answers are held back."""
        return self._timer.isActive()

    def begin(self) -> None:
        """Holds answers back for the whole time, also when that had begun before."""
        self._timer.start()
        self.changed.emit()

    def end(self) -> None:
        """Lets answers through now."""
        self._timer.stop()
        self.changed.emit()

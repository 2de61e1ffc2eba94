"""Keeping: a page that holds what the person typed is not left because of what an agent does in it."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

LATE_MILLISECONDS = 2000
"""So long after an act of the agent's was answered, where its page goes counts as a consequence of it."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Keeping(QObject):
    """Says while it is on that the page may not be left; only the page's scripts know beforehand where a click leads.

    What the person does in the page themselves ends it, a click or Enter: it may be what leads away then. A page that
    asks itself whether it may be left stays too, unless it is Studio that leads away.

    `late` runs out a little after `end_soon`.

    Signals: `kept(QUrl)` the page was to be left for this address, which is empty where the page itself asked.
    """

    kept = Signal(QUrl)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._watched: QWidget | None = None
        self._is_on = self._leads = False
        self.late = QTimer(self)
        self.late.setSingleShot(True)
        self.late.setInterval(LATE_MILLISECONDS)
        self.late.timeout.connect(self.end)

    def begin(self) -> None:
        """Keeps the page until `end`, or for a little after `end_soon`."""
        self.end()
        self._is_on = True
        self._watched = self._view.focusProxy()
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def end_soon(self) -> None:
        """Keeps it a little longer, as a script may lead away only once its server has answered; leads nowhere.

        How much longer counts from the first such word after `begin`: a look at the page is no act in it.
        """
        self.arrive()
        if self._is_on and not self.late.isActive():
            self.late.start()

    def end(self) -> None:
        """Keeps it no more."""
        self.late.stop()
        self._is_on = False
        watched, self._watched = self._watched, None
        if watched is not None and shiboken6.isValid(watched):
            watched.removeEventFilter(self)

    def lead(self) -> None:
        """Lets the page go because Studio leads away from it, at a person's word: it is not asked, until `arrive`."""
        self.end()
        self._leads = True

    def arrive(self) -> None:
        """Another page is there, or none came."""
        self._leads = False

    def lets_go(self, *, tells: bool) -> bool:
        """Whether the page is left though it says that something in it is not saved; where not, `kept` may tell it."""
        if tells and not self._leads:
            self.kept.emit(QUrl())
        return self._leads

    def refuses(self, address: QUrl) -> bool:
        """Whether the page is not to be left for `address`, which is told then."""
        if self._is_on:
            self.kept.emit(address)
        return self._is_on

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees what the person does, and lets all of it through."""
        is_enter = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in _ENTER
        if is_enter or event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin):
            self.end()
        return super().eventFilter(watched, event)

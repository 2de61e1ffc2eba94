"""Garbage: cycles of Python objects are cleared on the window's thread alone."""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

LOOK_MILLISECONDS = 50
WHOLE_SECONDS = 60.0
"""All objects are looked through so often at most: it holds the thread for longer than the younger ones do."""


class Garbage(QObject):
    """Takes over from Python's own collector between `begin` and `end`.

    That one clears cycles on whichever thread happens to make an object. A Qt object that hangs in a cycle, of a dialog
    that was closed for example, is then torn down on the engine's thread: that thread holds Qt's lock and waits for
    the interpreter, the window's holds the interpreter and waits for Qt's lock, and both stand still for ever.
    """

    _at_it = 0
    _found_on = True

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._whole_at = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """From here on only the thread that this lives on collects."""
        if not self._timer.isActive():
            if not Garbage._at_it:
                Garbage._found_on = gc.isenabled()
            Garbage._at_it += 1
            gc.disable()
            self._timer.start()

    def end(self) -> None:
        """Lets Python collect again where it likes, if it did before and once nobody else is at it."""
        if self._timer.isActive():
            self._timer.stop()
            Garbage._at_it -= 1
            if not Garbage._at_it and Garbage._found_on:
                gc.enable()

    def _look(self) -> None:
        if collect_due(whole=time.monotonic() - self._whole_at > WHOLE_SECONDS):
            self._whole_at = time.monotonic()


def collect_due(*, whole: bool) -> bool:
    """Collects what Python itself would have by now, all objects only if `whole`; whether it was all."""
    young, middle, old = (count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True))
    if old and whole:
        gc.collect()
        return True
    if middle:
        gc.collect(1)
    elif young:
        gc.collect(0)
    return False

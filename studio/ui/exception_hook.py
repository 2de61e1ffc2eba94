"""The exception hook: a fault of the program becomes one calm line, and its traceback goes to the log."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal

# Not base.log: its library takes longer to load than the first paint may.
_log = logging.getLogger("studio.window")

SENTENCE = "Something in Studio went wrong. Your work is kept; the log has the details."


class ExceptionHook(QObject):
    """Stands in for Python's own hooks, of all threads, between `install` and `remove`.

    Signals: `fault_met(str, str)` a sentence for the person and the traceback, on the window's thread.
    """

    fault_met = Signal(str, str)
    _met = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._former = (sys.excepthook, threading.excepthook)
        self._met.connect(self.fault_met, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """From now on nothing unexpected passes unseen."""
        self._former = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_fault
        threading.excepthook = self._on_thread_fault

    def remove(self) -> None:
        """Gives Python its former hooks back."""
        sys.excepthook, threading.excepthook = self._former

    def _on_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            self._former[0](kind, error, trace)
            return
        _log.error("fault_met", exc_info=(kind, error, trace))
        self._met.emit(SENTENCE, "".join(traceback.format_exception(kind, error, trace)))

    def _on_thread_fault(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_fault(args.exc_type, args.exc_value, args.exc_traceback)

"""The console of a shown page: its entries, told to the core in small numbers."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel, StackFrame
from studio.domain.console_batches import batch_of
from studio.domain.ids import RunId
from studio.domain.stacks import within_app
from studio.ui.bridge import Bridge
from studio.ui.preview.flood import Flood
from studio.ui.reports import MOST_AT_ONCE, Reports

MOST_BATCHES, MOST_CHARACTERS, MOST_READ = 30, 1 << 19, 2 * MOST_AT_ONCE
"""So many batches, characters and entries are read of what the page's scripts say between two reports: a page can have
any number of frames, and each script bounds only its own. A batch that is not read counts as one that was left out."""
FLOODED = (
    "Studio has stopped the page: its workers, or frames that it made without an address, wrote more than 13,000 lines "
    "or 28 million characters a second to the console, or very long messages again and again."
)
_EVERY_MILLISECONDS = 150
_PATIENCE_SECONDS = 0.5
_TEXT_CHARACTERS = 2000
_SOURCE_CHARACTERS = 1000
_REMEMBERED = 200
_VIEW = "preview"
_OF_SCRIPTS = (ConsoleKind.CONSOLE, ConsoleKind.ERROR, ConsoleKind.REJECTION)
_UNCAUGHT, _NOT_LOADED = "Uncaught ", "Failed to load resource: "


class ConsoleReporter(QObject):
    """Collects what the page of one run's app writes; a page that writes more than it may is counted, not heard.

    The page's own console speaks through scripts of ours, which begin what they say with `mark`. What the engine says
    by itself comes as it is, and is left out where the script has said the same and more. Batches are read one in a
    turn of the window's loop, which goes on with its own between them.

    Signals: `failed(str)` an error that was written or that nothing caught; `flooded()`, once, more comes than can be
    carried, and the page is to be ended: nothing of it is heard any more.
    """

    failed = Signal(str)
    flooded = Signal()

    def __init__(self, bridge: Bridge, run: RunId, parent: QObject | None = None, *, port: int = 0) -> None:
        super().__init__(parent)
        self._reports = Reports(bridge, run, port)
        self.mark = f"studio:{secrets.token_hex(8)}:"
        self._by_engine: list[ConsoleEntry] = []
        self._said: deque[str] = deque(maxlen=_REMEMBERED)
        self._batches = self._characters = self._read = 0
        self._unread: deque[str] = deque()
        self._flood, self._is_flooded = Flood(), False
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._read_one)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.tell)

    def note(self, level: ConsoleLevel, text: str, source: str = "", line: int = 0) -> None:
        """Takes one message of the engine's console; `source` is the address of the script that it names."""
        if self._is_flooded:
            return
        if self._flood.take(len(text)):
            self._end()
        elif text.startswith(self.mark):
            self._take_batch(text)
        elif len(self._by_engine) < MOST_AT_ONCE:
            self._take_from_engine(level, text[:_TEXT_CHARACTERS], source[:_SOURCE_CHARACTERS], line)
        else:
            self._reports.drop(1)
        if not self._timer.isActive():
            self._timer.start()

    def tell(self) -> None:
        """Tells the core what has come so far; nothing at all says that the page is shown."""
        now, waiting = datetime.now(UTC), list[ConsoleEntry]()
        for entry in self._by_engine:
            if self._is_said(entry):
                continue
            # On a busy machine the script is heard after the engine, which knows the line alone.
            if (
                _may_be_said(entry)
                and entry.time is not None
                and (now - entry.time).total_seconds() < _PATIENCE_SECONDS
            ):
                waiting.append(entry)
            else:
                self._take(entry)
        self._by_engine, self._batches, self._characters, self._read = waiting, 0, 0, 0
        self._reports.tell()
        if waiting:
            self._timer.start()

    def _take_batch(self, marked: str) -> None:
        self._batches += 1
        self._characters += len(marked)
        if (
            max(self._batches, len(self._unread) + 1) > MOST_BATCHES
            or self._characters > MOST_CHARACTERS
            or self._read >= MOST_READ
        ):
            self._reports.drop(1)
            return
        self._unread.append(marked)
        self._turn.start()

    def _read_one(self) -> None:
        """Reads the oldest batch that waits."""
        if not self._unread:
            self._turn.stop()
            return
        marked = self._unread.popleft()
        if self._read >= MOST_READ:
            self._reports.drop(1)
            return
        batch = batch_of(marked[len(self.mark) :], datetime.now(UTC))
        self._read += len(batch.entries)
        self._reports.drop(batch.dropped)
        for entry in batch.entries:
            self._said.append(entry.text.partition("\n")[0][:300])
            self._take(entry)

    def _end(self) -> None:
        self._is_flooded = True
        self._reports.drop(len(self._unread))
        self._unread.clear()
        self._by_engine.append(ConsoleEntry(ConsoleLevel.ERROR, FLOODED, time=datetime.now(UTC)))
        self.tell()
        self._timer.stop()
        self.flooded.emit()

    def _take(self, entry: ConsoleEntry) -> None:
        if (
            self._reports.take(replace(entry, view=_VIEW))
            and entry.level is ConsoleLevel.ERROR
            and entry.kind in _OF_SCRIPTS
        ):
            self.failed.emit(entry.text)

    def _take_from_engine(self, level: ConsoleLevel, text: str, source: str, line: int) -> None:
        frame = StackFrame(source=within_app(source), line=line)
        if text.startswith(_NOT_LOADED) and "://" in frame.source:
            # What another server would not give is stopped by the preview, and seldom the app's fault.
            level = ConsoleLevel.WARNING
        kind = ConsoleKind.RESOURCE if text.startswith(_NOT_LOADED) else ConsoleKind.CONSOLE
        stack = (frame,) if source and kind is ConsoleKind.CONSOLE else ()
        entry = ConsoleEntry(level, text, frame.place if source else "", kind, stack=stack, time=datetime.now(UTC))
        self._by_engine.append(entry)

    def _is_said(self, entry: ConsoleEntry) -> bool:
        """Whether the script has told of this already: it knows the stack, or who asked for it."""
        if entry.text.startswith(_UNCAUGHT):
            return any(entry.text.startswith(said) for said in self._said if said.startswith(_UNCAUGHT))
        if entry.kind is ConsoleKind.RESOURCE:
            path = entry.source.partition("?")[0].rpartition(":")[0].strip("/") or entry.source
            return any(path in said for said in self._said)
        return False


def _may_be_said(entry: ConsoleEntry) -> bool:
    return entry.text.startswith(_UNCAUGHT) or entry.kind is ConsoleKind.RESOURCE

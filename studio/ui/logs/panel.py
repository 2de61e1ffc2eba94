"""The logs panel: what the services and processes of the run in front write, as it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.domain.container_logs import LogLine, LogPage
from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded, SandboxStarted, SandboxStopped
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge
from studio.ui.logs.items import LogItems
from studio.ui.logs.view import LogsView, saved_line
from studio.ui.theme import Theme

WAIT_SECONDS = 20.0
"""So long one question waits for something to be written."""
AT_ONCE = 200
"""So many lines are taken in one turn of the loop, so that no frame is late."""
_AGAIN_MS = 3000
_LOADING = ("Loading\N{HORIZONTAL ELLIPSIS}", "", "")
_NO_RUN = (
    "No run is selected",
    "The logs show what the services and processes of a run write: send an agent a message first.",
    "",
)
_NO_SANDBOX = (
    "No sandbox is up",
    "What its services and processes write is shown here while it runs, and ends with it.",
    "Start the sandbox",
)
_STARTING = ("Starting the sandbox\N{HORIZONTAL ELLIPSIS}", "", "")
_QUIET = (
    "Nothing was written yet",
    "Services of a compose file and processes behind write here. The sandbox itself says nothing while all is well.",
    "",
)
_ENDED = "The sandbox has ended"
_FAILED = "The logs could not be read"


class LogsPanel(QObject):
    """Follows the run in front, while it is seen.

    Signals: `said(str)` a line for the status bar.
    """

    said = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._run: RunId | None = None
        self._sandbox = ""
        self._mark = 0
        self._lost = 0
        self._asked = 0
        self._is_reading = False
        self._origins: set[str] = set()
        self._waiting: deque[LogLine] = deque()
        self.items = LogItems(theme)
        self.view = LogsView(self.items, theme)
        self.widget: QWidget = self.view
        self._again = QTimer(self.view, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._read)
        self._soon = QTimer(self.view, singleShot=True, interval=0)
        self._soon.timeout.connect(self._take_some)
        self.view.seen.connect(lambda _on: self._read())
        self.view.clear_requested.connect(self._clear)
        self.view.save_requested.connect(self._ask_where)
        self.view.action_requested.connect(self._act)
        self._begin_anew("")
        self.view.say_nothing(*_NO_RUN)

    def show_run(self, run: RunId | None) -> None:
        """Shows the logs of another run, or none."""
        if run != self._run:
            self._run = run
            self._begin_anew("")
            self.view.say_nothing(*(_LOADING if run else _NO_RUN))
            self._ask_anew()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again when the run's container came or went."""
        if any(
            isinstance(item, Recorded)
            and item.run == self._run
            and isinstance(item.event, SandboxStarted | SandboxStopped)
            for item in events
        ):
            self._ask_anew()

    def save(self, path: Path, lines: tuple[LogLine, ...]) -> None:
        """Writes lines to a file of the person's, each with its time and who wrote it."""
        try:
            path.write_text("".join(f"{saved_line(line)}\n" for line in lines), "utf-8")
        except OSError as error:
            self.said.emit(f"The logs were not saved: {error.strerror or error}.")
        else:
            self.said.emit(f"{len(lines)} lines saved to {path.name}.")

    def _ask_anew(self) -> None:
        """Waits no longer for an answer that was asked for before something changed."""
        self._is_reading = False
        self._read()

    def _read(self) -> None:
        """Asks for what is new, and the core to wait where there is nothing; one answer is waited for at a time."""
        run = self._run
        self._again.stop()
        if run is None or self._is_reading or not self.view.isVisible():
            return
        self._is_reading = True
        self._asked += 1
        asked, mark, sandbox = self._asked, self._mark, self._sandbox

        def done(page: LogPage) -> None:
            if asked == self._asked:
                self._is_reading = False
                self._take(page)

        def failed(error: StudioError) -> None:
            if asked == self._asked:
                self._is_reading = False
                self._on_failed(error)

        self._bridge.call(lambda studio: studio.sandboxes.follow_logs(run, mark, sandbox, WAIT_SECONDS), done, failed)

    def _take(self, page: LogPage) -> None:
        self.view.error.hide()
        if not page.sandbox and self.items.rowCount():
            # The last words of one that ended are what one wants to read.
            self.view.counts.setText(_ENDED)
            return
        if page.sandbox != self._sandbox:
            self._begin_anew(page.sandbox)
        self._mark = page.mark
        self._lost += page.lost
        self._waiting.extend(page.lines)
        self.view.say_nothing(*(_QUIET if page.sandbox else _NO_SANDBOX))
        if self._waiting:
            self._take_some()
        elif page.sandbox:
            self._read()

    def _take_some(self) -> None:
        """Takes in some of what was read, and asks for more when that is done."""
        some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        self.items.add(some)
        if new := {line.origin for line in some} - self._origins:
            self._origins |= new
            self.view.offer(self._origins)
        self.view.counts.setText(f"{self._lost:,} older or passed over" if self._lost else "")
        if self._waiting:
            self._soon.start()
        else:
            self._read()

    def _begin_anew(self, sandbox: str) -> None:
        self._sandbox, self._mark, self._lost = sandbox, 0, 0
        self._waiting.clear()
        self._origins.clear()
        self.view.offer(())
        self.view.counts.clear()
        self.view.error.hide()
        self.items.clear()

    def _clear(self) -> None:
        self._waiting.clear()
        self._lost = 0
        self.view.counts.clear()
        self.items.clear()

    def _on_failed(self, error: StudioError) -> None:
        if self.items.rowCount():
            self.view.error.show_error(error)
        else:
            self.view.say_nothing(_FAILED, f"{error.sentence} {error.action}".strip(), "Try again")
        self._again.start()

    def _act(self) -> None:
        """Does what is offered in place of lines."""
        run = self._run
        if run is None:
            return
        if self.view.empty.title.text() == _FAILED:
            self._read()
            return
        self.view.say_nothing(*_STARTING)

        def failed(error: StudioError) -> None:
            if run == self._run:
                self._on_failed(error)

        self._bridge.call(lambda studio: studio.sandboxes.start(run), lambda _view: self._ask_anew(), failed)

    def _ask_where(self) -> None:
        dialog = QFileDialog(self.view, "Save the logs", f"logs-{self._run}.txt")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        lines = self.view.matches.lines()
        dialog.fileSelected.connect(lambda path: self.save(Path(path), lines))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

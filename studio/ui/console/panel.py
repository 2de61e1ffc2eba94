"""The console panel: what the app of the run in front writes, page, processes and services on one line of time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.console_words import asked_to_fix, line_of, told_to_agent
from studio.domain.errors import StudioError
from studio.domain.events import CONSOLE, Delta, Recorded, SandboxStarted, SandboxStopped
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge
from studio.ui.console.items import ConsoleItems
from studio.ui.console.other_browser import OtherBrowser
from studio.ui.console.view import ConsoleView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.consoles import ConsoleNews

_QUIET = (
    "Nothing was written yet",
    "What the page, the processes and the services of the app write is shown here, once one of them does.",
)
_NO_RUN = ("No run is selected", "The console shows what the app of a run writes: send an agent a message first.")


class ConsolePanel(QObject):
    """Follows the run in front.

    Signals: `source_requested(RunId, str, int)` a file of the run's workspace and a line; `words_offered(RunId, str)`
    for the message to that run that is being written; `asked(RunId)` the agent was asked to fix something;
    `failed(StudioError)`; `errors_changed(int)` how many errors there are since the page last began anew; `said(str)`
    a line for the status bar.
    """

    source_requested = Signal(str, str, int)
    words_offered = Signal(str, str)
    asked = Signal(str)
    failed = Signal(object)
    errors_changed = Signal(int)
    said = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._run: RunId | None = None
        self._sandbox = ""
        self._mark = 0
        self._is_reading = self._has_more = False
        self.items = ConsoleItems(theme)
        self.view = ConsoleView(self.items, theme)
        self.widget: QWidget = self.view
        self._other_browser = OtherBrowser(bridge, self.view)
        self._other_browser.failed.connect(self.failed)
        self.view.outside.clicked.connect(self._hear_elsewhere)
        self.view.source_requested.connect(self._on_source)
        self.view.clear_requested.connect(self._clear)
        self.view.export_requested.connect(self._ask_where)
        self.view.send_requested.connect(self._send)
        self.view.fix_requested.connect(self._fix)

    def show_run(self, run: RunId | None) -> None:
        """Shows the console of another run, or none."""
        if run == self._run:
            return
        self._run = run
        self._begin_anew("")
        self.view.source.begin_anew()
        self.view.outside.setEnabled(run is not None)
        self.view.say_nothing(*(_QUIET if run else _NO_RUN))
        self._read()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads what is new when there is something."""
        for item in events:
            if item.run != self._run or self._run is None:
                continue
            is_news = isinstance(item, Delta) and item.kind == CONSOLE
            if is_news or (isinstance(item, Recorded) and isinstance(item.event, SandboxStarted | SandboxStopped)):
                self._read()

    def release(self) -> None:
        """Hears no other browser any more: also to be called before the window goes."""
        self._other_browser.close()

    def _read(self) -> None:
        """Reads what came since the last time; one answer is waited for before more is asked for."""
        run, mark = self._run, self._mark
        if run is None:
            return
        if self._is_reading:
            self._has_more = True
            return
        self._is_reading, self._has_more = True, False

        def done(news: ConsoleNews) -> None:
            self._is_reading = False
            if run == self._run and mark == self._mark:
                self._take(news)
            if self._has_more or run != self._run:
                self._read()

        def failed(_error: StudioError) -> None:
            self._is_reading = False

        self._bridge.call(lambda studio: studio.consoles.since(run, mark), done, failed)

    def _take(self, news: ConsoleNews) -> None:
        if news.sandbox != self._sandbox:
            # The entries of a container end with it; what another one wrote has marks of its own.
            was, self._sandbox = self._mark, news.sandbox
            self._begin_anew(news.sandbox)
            if was:
                self._has_more = True
                return
        self._mark = news.mark
        self.items.add(news.entries)
        self._count(news.levels or {}, news.dropped, news.standing)

    def _begin_anew(self, sandbox: str) -> None:
        self._sandbox, self._mark = sandbox, 0
        self.items.clear()
        self._count({}, 0, 0)

    def _count(self, levels: dict[str, int], dropped: int, standing: int) -> None:
        errors, warnings = levels.get(ConsoleLevel.ERROR.value, 0), levels.get(ConsoleLevel.WARNING.value, 0)
        every = sum(levels.values())
        since = f", {f'{standing:,}' if standing else 'none'} since it was loaded" if standing < errors else ""
        parts = [
            f"{errors:,} error{'' if errors == 1 else 's'}{since}" if errors else "",
            f"{warnings:,} warning{'' if warnings == 1 else 's'}" if warnings else "",
            f"{every:,} in all" if every else "",
            f"{dropped:,} not heard" if dropped else "",
        ]
        self.view.show_counts(" · ".join(filter(None, parts)))
        self.errors_changed.emit(standing)

    def _clear(self) -> None:
        run = self._run
        if run is None:
            return
        self.items.clear()
        self._bridge.call(lambda studio: studio.consoles.clear(run), lambda _done: self._read())

    def _on_source(self, path: str, line: int) -> None:
        if self._run is not None:
            self.source_requested.emit(self._run, path, line)

    def _hear_elsewhere(self) -> None:
        if self._run is not None:
            self._other_browser.offer(self._run)

    def _send(self) -> None:
        entry, run = self.view.chosen, self._run
        if entry is not None and run is not None:
            self.words_offered.emit(run, told_to_agent(entry))

    def _fix(self) -> None:
        entry, run = self.view.chosen, self._run
        if entry is not None and run is not None:
            self.fix(run, asked_to_fix(entry))

    def fix(self, run: RunId, text: str) -> None:
        """Asks the run's agent to fix what `text` tells of; it waits in the queue while the agent works."""
        self._bridge.call(
            lambda studio: studio.queue.add(run, text), lambda _sent: self.asked.emit(run), self.failed.emit
        )

    def _ask_where(self) -> None:
        dialog = QFileDialog(self.view, "Save the console", f"console-{self._run}.txt")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        entries = self.view.matches.entries()
        dialog.fileSelected.connect(lambda path: self.save(Path(path), entries))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, path: Path, entries: tuple[ConsoleEntry, ...]) -> None:
        """Writes entries to a file of the person's, a line for each with its time."""
        lines = [f"{entry.time.isoformat() if entry.time else ''} {line_of(entry)}".strip() for entry in entries]
        try:
            path.write_text("\n".join(lines) + "\n", "utf-8")
        except OSError as error:
            self.said.emit(f"The console was not saved: {error.strerror or error}.")
        else:
            self.said.emit(f"{len(lines)} entries saved to {path.name}.")

"""Other browser: how a page that a person looks at in a browser of their own comes to be heard."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.domain.errors import StudioError, UserError
from studio.domain.ids import RunId
from studio.domain.previews import PreviewStage
from studio.ui.bridge import Bridge
from studio.ui.reports import Reports
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label

if TYPE_CHECKING:
    from studio.app.studio import Studio
    from studio.domain.console_batches import Batch
    from studio.ui.console.outside import Listener, Ticket

_LISTENER = "studio.ui.console.outside"
_TAG = '<script src="{address}"></script>'
_TYPED = "document.head.append(Object.assign(document.createElement('script'), {{src: '{address}'}}))"


class OtherBrowser(QObject):
    """Listens from the first time somebody asks for it, until the window closes.

    Signals: `failed(StudioError)` the app cannot be heard now.
    """

    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._widget = parent
        self._listener: Listener | None = None
        self._reports: dict[Ticket, Reports] = {}

    def offer(self, run: RunId) -> None:
        """Shows the line that lets the run's app be heard in another browser."""
        self._bridge.call(
            lambda studio: _served(studio, run), lambda served: self._show(run, *served), self.failed.emit
        )

    def admit(self, run: RunId, port: int, url: str) -> str:
        """The address of the script for the app that `url` leads to. Raises OutsideError."""
        outside = importlib.import_module(_LISTENER)
        if self._listener is None:
            self._listener = outside.Listener(self)
            self._listener.heard.connect(self._on_heard)
        base = url.rstrip("/")
        origins = frozenset({base, base.replace("127.0.0.1", "localhost")})
        address: str = self._listener.admit(outside.Ticket(run, port, origins))
        return address

    def close(self) -> None:
        """Hears none any more."""
        if self._listener is not None:
            self._listener.close()

    def _show(self, run: RunId, port: int, url: str) -> None:
        try:
            address = self.admit(run, port, url)
        except StudioError as error:
            self.failed.emit(error)
            return
        dialog = HearDialog(url, address, self._widget)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_heard(self, ticket: Ticket, batch: Batch) -> None:
        if ticket not in self._reports:
            self._reports[ticket] = Reports(self._bridge, ticket.run, ticket.port)
        reports = self._reports[ticket]
        reports.drop(batch.dropped)
        for entry in batch.entries:
            # Of its windows nobody tells: a page that is loaded again there takes the place of the one before.
            reports.take(replace(entry, view=f"browser at {ticket.port}{entry.view}"))
        reports.tell()


class HearDialog(QDialog):
    """Two lines to copy: one for the page, one for the browser's own console."""

    def __init__(self, url: str, address: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Hear this app in another browser")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(
            label(f"Open {url} in your browser. Studio puts nothing into it by itself; one of these does:")
        )
        self.tag = self._line(
            column, "The first line in the page's head, which hears it from the start:", _TAG, address
        )
        self.typed = self._line(column, "Or in the browser's own console, once the page is there:", _TYPED, address)
        note = (
            "Both are of use while this window is open, and for this app alone. "
            "A branch with the first line in a file is not merged: take it out again before."
        )
        column.addWidget(label(note, "muted", wrap=True))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Done", self.accept, "primary"))
        column.addLayout(row)
        self.setMinimumWidth(640)

    def _line(self, column: QVBoxLayout, lead: str, form: str, address: str) -> QLineEdit:
        column.addWidget(label(lead, wrap=True))
        line = QLineEdit(form.format(address=address))
        line.setReadOnly(True)
        line.setCursorPosition(0)
        line.setAccessibleName(lead)
        row = QHBoxLayout()
        row.addWidget(line, 1)
        row.addWidget(button("Copy", lambda: QGuiApplication.clipboard().setText(line.text())))
        column.addLayout(row)
        return line


async def _served(studio: Studio, run: RunId) -> tuple[int, str]:
    """The port of the run's app inside, and where it is on this machine."""
    state = await studio.previews.look(run)
    if state.stage is not PreviewStage.UP:
        raise UserError("The app of this run is not up, so no browser can show it.", "Show it in the preview first.")
    return state.port, (await studio.previews.open(run, state.port)).url

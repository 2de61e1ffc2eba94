"""The page's widgets: what a project's sandboxes may reach, the list of hosts, and what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.domain.network import Attempt, NetworkMode
from studio.ui.network.anew import StartAnew
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines, tooltip
from studio.ui.widgets.states import EmptyState, ErrorBar
from studio.ui.widgets.tables import set_up_table

if TYPE_CHECKING:
    from studio.app.networks import NetworkView

_INTRO = (
    "Programs in a sandbox reach nothing outside it until you say what. They go through a proxy of Studio's, "
    "which lets nothing reach this machine itself; every attempt is listed under Connections."
)
_CHOICES = {
    NetworkMode.NONE: "Nothing",
    NetworkMode.ALLOW: "Listed hosts; any other asks you while the program waits",
    NetworkMode.OPEN: "Every public host, unasked",
}
_LISTED, _OWN = "on the list", "used by this machine's package clients"
_IMAGES = "for images alone"
_HOSTS = ("Host", "Why it counts")
_TRIED = ("Time", "Run", "Host", "Was", "Bytes out / in", "Why")


class NetworkPage(QWidget):
    """All that is shown of one project's network.

    Signals: `project_chosen(str)`; `mode_chosen(str)`; `packages_chosen(bool)`; `host_added(str)`; `host_removed(str)`;
    `restart_requested(str)`, a run.
    """

    project_chosen = Signal(str)
    mode_chosen = Signal(str)
    packages_chosen = Signal(bool)
    host_added = Signal(str)
    host_removed = Signal(str)
    restart_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.project = QComboBox()
        self.project.setAccessibleName("Project")
        self.modes = {mode: QRadioButton(text) for mode, text in _CHOICES.items()}
        self._group = QButtonGroup(self)
        for mode, choice in self.modes.items():
            self._group.addButton(choice)
            choice.clicked.connect(lambda _=False, mode=mode: self.mode_chosen.emit(mode.value))
        self.packages = QCheckBox("The hosts of this machine's pip, npm and apt count as listed")
        self.packages.clicked.connect(self.packages_chosen)
        self.hosts = _table(theme, _HOSTS, "Hosts that may be reached")
        self.tried = _table(theme, _TRIED, "Connections that were tried")
        self.host = QLineEdit()
        self.host.setPlaceholderText("files.example.org, or with a port: files.example.org:8443")
        self.host.setAccessibleName("A host to allow")
        self.add = button("Allow", self._on_add, "primary")
        self.remove = button("Take off the list", self._on_remove)
        self.notes = label("", "muted", wrap=True)
        self.under_way = label("", "muted", wrap=True)
        self.anew = StartAnew()
        self.anew.restart_requested.connect(self.restart_requested)
        self.nothing_tried = EmptyState(
            "Nothing was reached, nor tried.", "What programs in sandboxes try stands here."
        )
        self._tried: tuple[Attempt, ...] = ()
        self._lay_out()
        self.wait_for("")
        self.setFocusProxy(self.project)
        self.project.activated.connect(lambda _row: self.project_chosen.emit(self.project.currentData()))
        self.host.returnPressed.connect(self._on_add)
        self.host.textChanged.connect(lambda text: self.add.setEnabled(bool(text.strip())))
        self.hosts.itemSelectionChanged.connect(self._on_chosen)
        self.add.setEnabled(False)
        self._on_chosen()

    def show_projects(self, projects: list[tuple[str, str]], chosen: str) -> None:
        """Offers these projects, id and name; without any, nothing can be set."""
        self.project.clear()
        for id, name in projects:
            self.project.addItem(shown(name), id)
        self.project.setCurrentIndex(max(self.project.findData(chosen), 0))
        for widget in (self.project, *self.modes.values(), self.packages, self.host):
            widget.setEnabled(bool(projects))

    def wait_for(self, words: str) -> None:
        """Says what is under way, until something is shown; empty for nothing."""
        self.under_way.setText(words)
        self.under_way.setVisible(bool(words))

    def show_network(self, network: NetworkView, start_anew: Sequence[tuple[str, str]]) -> None:
        """Shows what may be reached as it stands; of `start_anew` are the runs, id and name, that know no way out."""
        self.wait_for("")
        self.modes[network.mode].setChecked(True)
        with QSignalBlocker(self.packages):
            self.packages.setChecked(network.packages)
        rows = [
            *((host, _LISTED) for host in network.hosts),
            *((host, _IMAGES) for host in network.registries),
            *((host, _OWN) for host in network.own),
        ]
        _fill(self.hosts, rows)
        self.tabs.setTabText(0, f"Hosts ({len(rows)})" if rows else "Hosts")
        self.anew.setEnabled(True)
        self.anew.show_runs(start_anew)
        self.notes.setText(shown_lines("\n".join(_notes(network))))
        self.notes.setVisible(bool(self.notes.text()))
        self._on_chosen()

    def show_attempts(self, attempts: tuple[Attempt, ...]) -> None:
        """Shows what was tried, the newest first; what is shown already is not touched."""
        self._attempts.setCurrentWidget(self.tried if attempts else self.nothing_tried)
        self.tabs.setTabText(1, f"Connections ({len(attempts)})" if attempts else "Connections")
        if attempts != self._tried:
            self._tried = attempts
            at = self.tried.verticalScrollBar().value()
            _fill(self.tried, [_words(attempt) for attempt in attempts])
            self.tried.verticalScrollBar().setValue(at)

    def clear_host(self) -> None:
        """Lets the next host be written."""
        self.host.clear()

    def _lay_out(self) -> None:
        whose = QHBoxLayout()
        whose.addWidget(self.project)
        whose.addStretch(1)
        adding = QHBoxLayout()
        adding.setSpacing(8)
        for widget, stretch in ((self.host, 1), (self.add, 0), (self.remove, 0)):
            adding.addWidget(widget, stretch)
        listed = QWidget()
        below = QVBoxLayout(listed)
        below.setContentsMargins(0, 8, 0, 0)
        below.setSpacing(8)
        below.addLayout(adding)
        below.addWidget(self.hosts, 1)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(listed, "Hosts")
        self._attempts = QStackedWidget()
        self._attempts.addWidget(self.nothing_tried)
        self._attempts.addWidget(self.tried)
        self.tabs.addTab(self._attempts, "Connections")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label("Network of sandboxes", "title"))
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addLayout(whose)
        for choice in self.modes.values():
            column.addWidget(choice)
        column.addWidget(self.packages)
        column.addWidget(self.under_way)
        column.addWidget(self.notes)
        column.addWidget(self.anew)
        column.addWidget(self.tabs, 1)

    def _on_add(self) -> None:
        if self.host.text().strip():
            self.host_added.emit(self.host.text().strip())

    def _on_remove(self) -> None:
        if (host := self._chosen()) is not None:
            self.host_removed.emit(host)

    def _on_chosen(self) -> None:
        self.remove.setEnabled(self._chosen() is not None)

    def _chosen(self) -> str | None:
        """The chosen host, if it is one that the person allowed."""
        rows = self.hosts.selectionModel().selectedRows()
        if not rows:
            return None
        host, why = (self.hosts.item(rows[0].row(), column) for column in (0, 1))
        return host.text() if host is not None and why is not None and why.text() != _OWN else None


def _notes(network: NetworkView) -> list[str]:
    notes = list(network.left_out)
    if network.mode is NetworkMode.NONE and network.hosts:
        notes.append("For images the list counts at once, for programs once listed hosts may be reached.")
    return notes


def _words(attempt: Attempt) -> tuple[str, ...]:
    moved = f"{attempt.sent:,} / {attempt.received:,}"
    time = f"{attempt.time.astimezone():%Y-%m-%d %H:%M:%S}"
    return time, attempt.run, str(attempt.destination), attempt.passed.value, moved, attempt.reason


def _table(theme: Theme, columns: tuple[str, ...], name: str) -> QTableWidget:
    made = QTableWidget(0, len(columns))
    made.setHorizontalHeaderLabels(list(columns))
    set_up_table(made, theme, name)
    header = made.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(len(columns) - 1, QHeaderView.ResizeMode.Stretch)
    return made


def _fill(table: QTableWidget, rows: Sequence[tuple[str, ...]]) -> None:
    table.setRowCount(len(rows))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            item = QTableWidgetItem(shown(text))
            item.setToolTip(tooltip(text))
            table.setItem(row, column, item)

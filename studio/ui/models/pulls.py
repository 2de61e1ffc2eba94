"""Fetching models in the window: where one is named, and a row for each that is or was fetched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.models import ModelRef
from studio.domain.pulls import Pull, PullState
from studio.ui.bridge import Bridge
from studio.ui.models.pull_row import PullRow
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown_lines

if TYPE_CHECKING:
    from studio.app.studio import Studio

LONGEST_NAME = 300
_MOST_HEIGHT = 190


class PullsView(QWidget):
    """Signals: `wanted(str)` a model is to be fetched; `stop_wanted(ModelRef)`; `dismissed(ModelRef)`."""

    wanted = Signal(str)
    stop_wanted = Signal(object)
    dismissed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: dict[ModelRef, PullRow] = {}
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setPlaceholderText("Fetch a model for Ollama, such as qwen3:4b")
        self.field.setAccessibleName("Name of a model to fetch for Ollama")
        self.fetch = button("Fetch", self._on_wanted)
        self.refusal = label("", "ruleDenied", wrap=True)
        self.refusal.hide()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(8)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setMaximumHeight(_MOST_HEIGHT)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("panelSurface")
        inner.setLayout(self._list)
        self._list.addStretch(1)
        self._scroll.setWidget(inner)
        self._scroll.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.field, 1)
        line.addWidget(self.fetch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.refusal)
        column.addWidget(self._scroll)
        self.field.returnPressed.connect(self._on_wanted)
        self.field.textChanged.connect(self._on_typed)
        self._on_typed("")

    def show_pulls(self, pulls: Iterable[Pull]) -> None:
        """A row for each of these, and for no other."""
        pulls = tuple(pulls)
        for model in [model for model in self.rows if model not in {pull.model for pull in pulls}]:
            row = self.rows.pop(model)
            self._list.removeWidget(row)
            row.deleteLater()
        for pull in pulls:
            if pull.model in self.rows:
                self.rows[pull.model].show_pull(pull)
            else:
                self._list.insertWidget(len(self.rows), self._row(pull))
        self._scroll.setVisible(bool(self.rows))

    def begun(self) -> None:
        """The model that was named last is being fetched."""
        self.field.clear()

    def refuse(self, error: StudioError) -> None:
        """Says why nothing is fetched."""
        self.refusal.setText(shown_lines(f"{error.sentence} {error.action}".strip()))
        self.refusal.show()

    def _row(self, pull: Pull) -> PullRow:
        row = self.rows[pull.model] = PullRow(self._theme, pull)
        row.stop_wanted.connect(lambda: self.stop_wanted.emit(pull.model))
        row.again_wanted.connect(lambda: self.wanted.emit(str(pull.model)))
        row.dismissed.connect(lambda: self.dismissed.emit(pull.model))
        return row

    def _on_typed(self, text: str) -> None:
        self.fetch.setEnabled(bool(text.strip()))
        self.refusal.hide()

    def _on_wanted(self) -> None:
        if self.fetch.isEnabled():
            self.wanted.emit(self.field.text())


class Pulling(QObject):
    """Carries what is wanted to the pulls door, and shows how each gets on for as long as the window is there.

    Signals: `fetched()` a model is there that was not.
    """

    fetched = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._following = False
        self._running: set[ModelRef] = set()
        self.view = PullsView(theme)
        self.view.wanted.connect(self.start)
        self.view.stop_wanted.connect(lambda model: bridge.call(lambda studio: studio.pulls.stop(model)))
        self.view.dismissed.connect(lambda model: bridge.call(lambda studio: studio.pulls.dismiss(model)))

    def start(self, name: str) -> None:
        """Begins to fetch a model, or goes on with it."""

        async def begin(studio: Studio) -> None:
            await studio.pulls.start(studio.pulls.named(name))

        self._bridge.call(begin, lambda _begun: self.view.begun(), self.view.refuse)
        self.follow()

    def follow(self) -> None:
        """Shows all pulls from now on."""
        if not self._following:
            self._following = True
            self._ask(-1)

    def _ask(self, seen: int) -> None:
        self._bridge.call(lambda studio: studio.pulls.news(seen), lambda news: self._show(*news))

    def _show(self, count: int, pulls: tuple[Pull, ...]) -> None:
        self.view.show_pulls(pulls)
        done = {pull.model for pull in pulls if pull.state is PullState.DONE}
        if done & self._running:
            self.fetched.emit()
        self._running = {pull.model for pull in pulls if not pull.state.over}
        self._ask(count)

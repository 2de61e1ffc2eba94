"""The page's widgets: the experiments, below them how the variants of the chosen one did, and how to begin one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.app import experiment_words as words
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines, tooltip
from studio.ui.widgets.states import EmptyState, ErrorBar
from studio.ui.widgets.tables import set_up_table

if TYPE_CHECKING:
    from studio.app.experiments import ExperimentView
    from studio.domain.experiments import ExperimentProblem

_INTRO = (
    "Two prompts or two models for one role's work: each new run draws one, and what came of both is compared. "
    "An experiment is a file of its own; it ends when the file is taken away."
)
_OPEN, _COPY = "Open the folder", "Copy an example"
_COLUMNS = ("Experiment", "Role", "Runs", "Now")
_VERDICT = 4
_LISTED = 6
"""So many experiments stand there without scrolling: the comparison needs the room."""


class ExperimentsView(QWidget):
    """All that is shown of experiments.

    Signals: `folder_requested()`; `example_requested()`; `again_requested()`.
    """

    folder_requested = Signal()
    example_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._views: tuple[ExperimentView, ...] = ()
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.open = button(_OPEN, self.folder_requested.emit)
        self.copy = button(_COPY, self.example_requested.emit)
        self.copy.setToolTip("The text of an experiment, to be saved there as NAME.toml")
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        set_up_table(self.table, theme, "Experiments")
        self.results = QTableWidget(0, _VERDICT + 1)
        set_up_table(self.results, theme, "How both variants did")
        self.results.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.empty = EmptyState("Loading\N{HORIZONTAL ELLIPSIS}")
        self.about = label("", "strong", wrap=True)
        self.taking_part = label("", "muted", wrap=True)
        self.problems = label("", "ruleDenied", wrap=True)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.empty.action_requested.connect(self._on_empty_action)

    @property
    def chosen(self) -> ExperimentView | None:
        """The experiment that is chosen."""
        rows = self.table.selectionModel().selectedRows()
        return self._views[rows[0].row()] if rows and self._views else None

    def show_experiments(self, views: tuple[ExperimentView, ...], problems: tuple[ExperimentProblem, ...]) -> None:
        """Lists these, and says what is wrong with the files of others; the chosen one stays chosen."""
        before = self.chosen
        self._views = views
        self.table.setRowCount(len(views))
        for row, view in enumerate(views):
            count = " · ".join(f"{name} {each}" for name, each in words.drawn(view))
            for column, text in enumerate((view.name, view.role, count, words.state(view))):
                item = QTableWidgetItem(shown(text))
                item.setToolTip(tooltip(text))
                self.table.setItem(row, column, item)
        height = self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + height * min(len(views), _LISTED))
        if views:
            names = [view.name for view in views]
            self.table.selectRow(names.index(before.name) if before and before.name in names else 0)
        self.problems.setText(shown_lines("\n".join(f"{each.sentence} {each.hint}".rstrip() for each in problems)))
        self.problems.setVisible(bool(problems))
        self.empty.say(
            "No experiment yet",
            "Copy an example, change it, and save it in the folder as NAME.toml: the next run of that role takes part.",
            _COPY,
        )
        self._stack.setCurrentWidget(self._found if views else self.empty)
        self._on_chosen()

    def show_failure(self, sentence: str) -> None:
        """Says why nothing is shown, and lets one try again."""
        if not self._views:
            self.empty.say("The experiments could not be read", sentence, "Try again")

    def _on_empty_action(self) -> None:
        (self.example_requested if self.empty.button.text() == _COPY else self.again_requested).emit()

    def _on_chosen(self) -> None:
        view = self.chosen
        if view is None:
            return
        self.about.setText(shown(f"{view.name}: {view.about}" if view.about else view.name))
        self.taking_part.setText(shown_lines(" · ".join(words.taking_part(view))))
        self.results.setHorizontalHeaderLabels(list(map(shown, words.head(view))))
        rows = words.rows(view)
        self.results.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(shown(text))
                item.setToolTip(tooltip(text))
                self.results.setItem(number, column, item)

    def _lay_out(self) -> None:
        for table, wide in ((self.table, (len(_COLUMNS) - 1,)), (self.results, (1, 2))):
            header = table.horizontalHeader()
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            for section in wide:
                header.setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
        self._found = QWidget()
        found = QVBoxLayout(self._found)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(8)
        found.addWidget(self.table)
        for each in (self.about, self.taking_part):
            found.addWidget(each)
        found.addWidget(self.results, 1)
        found.addWidget(label(words.MISLEADING, "small", wrap=True))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._found)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Experiments", "title"), 1)
        head.addWidget(self.copy)
        head.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addWidget(self.problems)
        column.addWidget(self._stack, 1)

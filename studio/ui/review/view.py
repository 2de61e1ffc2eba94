"""The review's widgets: branches, their files, the diff, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.domain.changes import Diff
from studio.domain.runs import Run
from studio.domain.takeovers import begins_with, is_discarded
from studio.ui.review.diff_view import DiffView
from studio.ui.review.items import BranchItems, FileItems, counts, may_discard, may_merge
from studio.ui.review.lists import fit, row_list
from studio.ui.review.rows import BranchRows, FileRows
from studio.ui.review.running import RunningFiles
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown
from studio.ui.widgets.questions import add_danger, question_box
from studio.ui.widgets.states import EmptyState, ErrorBar

BRANCH_ROWS, FILE_ROWS = 4, 5
"""How many rows of each list are seen at once where room is short."""

_UNBOUND = 16_777_215
WIDE = 760
"""From this width on the diff stands beside the lists instead of below them."""


class ReviewView(QWidget):
    """Settings down, signals up.

    Signals:
        branch_chosen: the row of a branch
        merge_requested: the target branch, empty for the one the run started from
        discard_requested: the run whose discarding the person confirmed
        file_requested: a path was double-clicked
        retry_requested: loading failed and the person wants to try again
        branch_requested: the run of which one turn is on show
    """

    branch_chosen = Signal(int)
    merge_requested = Signal(str)
    discard_requested = Signal(object)
    file_requested = Signal(str)
    retry_requested = Signal()
    branch_requested = Signal(object)

    def __init__(self, branches: BranchItems, files: FileItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._files_items = files
        self.branches = row_list(branches, "Branches waiting for review")
        self.branches.setItemDelegate(BranchRows(theme, self.branches))
        self.files = row_list(files, "Changed files")
        self.files.setItemDelegate(FileRows(theme, self.files))
        self.diff = DiffView(theme)
        self.title = ElidedLabel()
        self.about = label("", "small", wrap=True)
        self.running = RunningFiles()
        self.merge = button("Merge", lambda: self.merge_requested.emit(""), "primary")
        self.other = QToolButton()
        self.other.setText("Into…")
        self.other.setAccessibleName("Merge into another branch")
        self.discard = button("Discard…", self._ask_discard, "danger")
        self.whole = button("Show the whole branch", self._on_whole)
        self.error = ErrorBar(theme)
        self.error.details.setText("Try again")
        self.error.details_requested.connect(self.retry_requested)
        self.notice = label("", "notice", wrap=True)
        self.notice.hide()
        self.empty = EmptyState("Nothing to review", "When an agent has changed files, its branch waits here.")
        self.unchosen = EmptyState("No branch is chosen", "Choose one of those that wait to see what it changes.")
        self._head, self._beside = self._made_head(), QStackedWidget()
        self._stack, self._split = QStackedWidget(), QSplitter(Qt.Orientation.Vertical)
        self._run: Run | None = None
        self._has_diff = self._is_turn = False
        self._busy = ""
        self._lay_out()
        self._join()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_run(self, run: Run | None, diff: Diff | None) -> None:
        """Shows a branch; without its diff, while that is on its way, its name alone."""
        if (dialog := self.findChild(QInputDialog)) is not None and run != self._run:
            dialog.reject()  # it asks about the branch that was on show
        self._run, self._has_diff, self._is_turn = run, diff is not None, False
        for widget in (self._head, self.files):
            widget.setVisible(run is not None)
        self._beside.setCurrentWidget(self.diff if run is not None else self.unchosen)
        self._files_items.set_diff(diff)
        self.diff.show_diff(diff)
        self.title.set_text(run.title if run is not None else "")
        self.running.show_files(*((diff.on_machines, diff.on_machines_more) if diff is not None else ((), 0)))
        if run is None:
            self.about.setText("")
        elif diff is None:
            self.about.setText("Loading the changes…")
        else:
            changes = counts(len(diff.files) + diff.left_out, diff.added, diff.removed)
            after = f"; it {begins_with(diff.after)}" if diff.after is not None else ""
            after += ", which you discarded" if diff.after is not None and is_discarded(diff.after) else ""
            source = shown(run.base_branch) or "a detached HEAD"
            self.about.setText(f"{changes} · {shown(run.branch)}, from {source}{shown(after)}")
        self._show_buttons()

    def show_turn(self, run: Run, diff: Diff) -> None:
        """Shows what one turn of a run changed; nothing is merged from there."""
        self.show_run(run, diff)
        self._is_turn = True
        self.about.setText(f"{counts(len(diff.files) + diff.left_out, diff.added, diff.removed)} · in one turn")
        self._show_buttons()

    @property
    def is_asking(self) -> bool:
        """Whether a question about the branch on show is open."""
        return any(dialog.isVisible() for dialog in self.findChildren(QDialog))

    def follow(self, run: Run) -> None:
        """Takes in where the run on show stands by now."""
        self._run = run
        self._show_buttons()

    def show_empty(self, is_empty: bool) -> None:
        """Shows that nothing waits, or the lists."""
        self.empty.say("Nothing to review", "When an agent has changed files, its branch waits here.")
        self._stack.setCurrentWidget(self.empty if is_empty else self._split)

    def show_loading(self) -> None:
        """Says that branches are being looked for."""
        self.empty.say("Looking for changes…")
        self._stack.setCurrentWidget(self.empty)

    def set_busy(self, word: str) -> None:
        """Holds the buttons, whichever branch is on show, while `word` (Merging…) is going on; empty lets them go."""
        self._busy = word
        self._show_buttons()

    def _show_buttons(self) -> None:
        run, word = self._run, self._busy
        for widget in (self.merge, self.other, self.discard):
            widget.setVisible(not self._is_turn)
        self.whole.setVisible(self._is_turn)
        usable = run is not None and not word
        can_merge = usable and self._has_diff and run is not None and may_merge(run.state)
        self.merge.setText(
            word or (f"Merge into {shown(run.base_branch)}" if run is not None and run.base_branch else "Merge")
        )
        self.merge.setEnabled(can_merge)
        self.merge.setToolTip("" if can_merge or word else "Ready when the agent has ended its turn.")
        self.other.setEnabled(can_merge)
        can_discard = usable and run is not None and may_discard(run.state)
        self.discard.setEnabled(can_discard)
        self.discard.setToolTip("" if can_discard or word else "Possible when the agent has ended its turn.")

    def say(self, sentence: str) -> None:
        """A line of good news above the lists; empty takes it away."""
        self.notice.setText(sentence)
        self.notice.setVisible(bool(sentence))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        self._fit_lists()

    def _fit_lists(self) -> None:
        """Lists are as high as their rows; above a diff they leave it most of the room."""
        wide = self._split.orientation() is Qt.Orientation.Horizontal
        fit(self.branches, BRANCH_ROWS)
        if wide:
            self.files.setMaximumHeight(_UNBOUND)
        else:
            fit(self.files, FILE_ROWS)

    def _lay_out(self) -> None:
        lists = QWidget()
        column = QVBoxLayout(lists)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.branches, 2)
        column.addWidget(self._head)
        column.addWidget(self.files, 3)
        column.addStretch()
        self._split.addWidget(lists)
        self._beside.addWidget(self.diff)
        self._beside.addWidget(self.unchosen)
        self._split.addWidget(self._beside)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self._split.setChildrenCollapsible(False)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.error, self.notice):
            layout.addWidget(widget)
        layout.addWidget(self._stack, 1)

    def _made_head(self) -> QWidget:
        head = QFrame()
        head.setObjectName("review_head")
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.merge, self.other):
            row.addWidget(widget)
        row.addWidget(self.whole)
        row.addStretch()
        row.addWidget(self.discard)
        column = QVBoxLayout(head)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addWidget(self.running)
        column.addLayout(row)
        return head

    def _join(self) -> None:
        # A list that gets the keyboard makes its first row the current one: only a selected row was chosen.
        self.branches.selectionModel().selectionChanged.connect(self._on_branches_selected)
        self.files.selectionModel().currentChanged.connect(self._on_file)
        self.files.clicked.connect(self._on_file)
        self.files.activated.connect(lambda index: self.file_requested.emit(self._files_items.file(index.row()).path))
        self.other.clicked.connect(self._ask_target)
        for items in (self.branches.model(), self.files.model()):
            for signal in (items.modelReset, items.rowsInserted, items.rowsRemoved):
                signal.connect(self._fit_lists)

    def _on_branches_selected(self) -> None:
        for index in self.branches.selectedIndexes():
            self.branch_chosen.emit(index.row())

    def _on_file(self, index: QModelIndex) -> None:
        if index.isValid():
            self.diff.go_to_file(self._files_items.file(index.row()).path)

    def ask_without(self, paths: tuple[str, ...], merge: Callable[[], None]) -> None:
        """Asks whether to merge though these files have text that is not saved; returns at once."""
        box = question_box(self, "ask_without", "Merge without what is not saved?")
        names = ", ".join(shown(path) for path in paths[:5])
        more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
        it = "it" if len(paths) == 1 else "them"
        box.setInformativeText(f"What you typed into {names}{more} stays in the editor. The merge will not have {it}.")
        yes = box.addButton(f"Merge without {it}", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(merge)
        box.open()

    def _on_whole(self) -> None:
        if self._run is not None:
            self.branch_requested.emit(self._run.id)

    def _ask_target(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Merge into another branch")
        dialog.setLabelText("Name of the branch:")
        dialog.textValueSelected.connect(lambda name: self.merge_requested.emit(name.strip()) if name.strip() else None)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_discard(self) -> None:
        if self._run is None:
            return
        run = self._run.id
        box = question_box(self, "ask_discard", f"Discard “{shown(self._run.title)}”?")
        box.setInformativeText("Its container and workspace go. Its snapshots stay in Studio's own repository.")
        yes = add_danger(box, "Discard")
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(lambda: self.discard_requested.emit(run))
        box.open()

    def _restyle(self) -> None:
        line, ok = self._theme.color("line").name(), self._theme.color("ok").name()
        self.setStyleSheet(
            f"#review_head {{ border-top: 1px solid {line}; border-bottom: 1px solid {line}; }}"
            f"#notice {{ color: {ok}; padding: 8px 12px; border-bottom: 1px solid {line}; }}"
        )

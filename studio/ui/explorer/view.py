"""The explorer's widgets: the band, the tree and what stands there when there is no tree."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from studio.ui.explorer.band import Band
from studio.ui.explorer.items import ExplorerItems
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown_lines
from studio.ui.widgets.states import EmptyState


class Tree(QTreeView):
    """The tree with its keys: Enter acts on a row, everything else is Qt's own.

    Signals: `chosen(QModelIndex)` by Enter or a double click; `glanced(QModelIndex)` by a single click.
    """

    chosen = Signal(QModelIndex)
    glanced = Signal(QModelIndex)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName("Files")
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.doubleClicked.connect(self.chosen)
        self.clicked.connect(self.glanced)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses the current row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class ExplorerView(QWidget):
    """The band with its buttons, the field for a new file, and the tree or a state in its place.

    Signals: `refresh_requested()`, `new_file_requested()`, `new_file_named(str)`.
    """

    refresh_requested = Signal()
    new_file_requested = Signal()
    new_file_named = Signal(str)

    def __init__(self, items: ExplorerItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("explorerView")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.band = Band(theme, self)
        self.tree = Tree(self)
        self.tree.setModel(items)
        self.field = _NameField(self)
        self.problem = label(name="explorerProblem", wrap=True)
        self._new = IconButton(theme, "new-file", "New file")
        self._refresh = IconButton(theme, "refresh", "Refresh (F5)")
        self._collapse = IconButton(theme, "collapse-all", "Close all folders")
        self.state = EmptyState("")
        self._body = QStackedWidget(self)
        self._body.addWidget(self.state)
        self._body.addWidget(self.tree)
        self._lay_out()
        self._connect()

    def show_tree(self) -> None:
        """Shows the tree."""
        self._body.setCurrentWidget(self.tree)

    def show_state(self, title: str, sentence: str = "", action: str = "") -> None:
        """Shows words in place of the tree, with one button when there is something to do."""
        self.state.say(title, sentence, action)
        self._body.setCurrentWidget(self.state)

    def shows_tree(self) -> bool:
        """Whether the tree is what is seen."""
        return self._body.currentWidget() is self.tree

    def ask_name(self, folder: str) -> None:
        """Opens the field for a new file's path, with the folder in it already."""
        self.show_problem("")
        self.field.setText(f"{folder}/" if folder else "")
        self.field.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.end(False)

    def show_problem(self, sentence: str) -> None:
        """Says below the field why the name cannot be used."""
        self.problem.setText(shown_lines(sentence))
        self.problem.setVisible(bool(sentence))

    def close_field(self) -> None:
        """Puts the field away and, if the keyboard was in it, the keyboard back into the tree."""
        had_keyboard = self.field.hasFocus()
        self.field.hide()
        self.show_problem("")
        if had_keyboard:
            self.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 8, 8, 4)
        head.setSpacing(2)
        head.addWidget(self.band, 1)
        head.addSpacing(4)
        for button in (self._new, self._refresh, self._collapse):
            head.addWidget(button)
        upper = QVBoxLayout()
        upper.setContentsMargins(8, 0, 8, 0)
        for widget in (self.field, self.problem):
            upper.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(upper)
        column.addWidget(self._body, 1)
        for hidden in (self.band, self.field, self.problem):
            hidden.hide()

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_file_requested)
        self._refresh.clicked.connect(self.refresh_requested)
        self._collapse.clicked.connect(self.tree.collapseAll)
        self.state.action_requested.connect(self.refresh_requested)
        self.field.returnPressed.connect(lambda: self.new_file_named.emit(self.field.text().strip().strip("/")))
        self.field.left.connect(self.close_field)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F5 reads the folders again."""
        if event.key() == Qt.Key.Key_F5:
            self.refresh_requested.emit()
            return
        super().keyPressEvent(event)


class _NameField(QLineEdit):
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setPlaceholderText("folder/name of the new file")
        self.setAccessibleName("Path of the new file")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

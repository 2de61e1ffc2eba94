"""The page's widgets: whose rules, the table of them with what the chosen one says, and the policy behind."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.rules.items import COLUMNS, COMMANDS, FoundRules, RuleItems
from studio.ui.rules.lines import Line
from studio.ui.rules.policy import PolicyView
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown
from studio.ui.widgets.states import EmptyState, ErrorBar
from studio.ui.widgets.tables import set_up_table

_ADD = "Add a rule…"
_INTRO = "What agents may do without a question, and what is forbidden. A rule that forbids wins over every approval."
_NO_RULES = ("No rule yet", "Answer a question with “Always in this project”, or write a rule here.", _ADD)
_NO_PROJECT = ("No project yet", "Rules belong to a project: open a repository first.", "")


class RulesView(QWidget):
    """All that is shown of rules.

    Signals: `project_chosen(str)` an id, empty for all; `role_chosen(str)` a name, empty for every;
    `adding_requested()`; `removal_requested(Line)`; `undo_requested()`; `again_requested()` what could not be read
    is to be read again.
    """

    project_chosen = Signal(str)
    role_chosen = Signal(str)
    adding_requested = Signal()
    removal_requested = Signal(object)
    undo_requested = Signal()
    again_requested = Signal()

    def __init__(self, items: RuleItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._without_rows = _NO_RULES
        self._key, self._row = "", 0
        self.found = FoundRules(items, self)
        self.asked = label("", "small")
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.project = _chooser("Project", 18)
        self.role = _chooser("Role", 18)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter rules: a command, a role, any word")
        self.filter.setAccessibleName("Filter rules")
        self.filter.setClearButtonEnabled(True)
        self.add = button(_ADD, self.adding_requested.emit, "primary")
        self.add.setToolTip("Add a rule (Ctrl+N)")
        self.table = QTableView()
        self.empty = EmptyState("")
        self.story = label("", "muted", wrap=True)
        self.remove = button("Remove", self._on_remove, "danger")
        self.remove.setToolTip("Remove the chosen rule (Delete)")
        self.undone = label("", wrap=True)
        self.undo = button("Undo", self.undo_requested.emit)
        self.undo.setToolTip("Put the removed rule back (Ctrl+Z)")
        self.problems = label("", "small", wrap=True)
        self.policy = PolicyView(theme)
        self._lay_out()
        self._join()
        self.show_undo("")
        self.show_problems("")
        self.show_reading()

    def show_projects(self, projects: list[tuple[str, str]], chosen: str) -> None:
        """Offers these projects by id and name."""
        _offer(self.project, projects, chosen)
        has_any = any(id for id, _ in projects)
        self.add.setEnabled(has_any)
        if not has_any:
            self._say(*_NO_PROJECT)

    def show_roles(self, roles: list[tuple[str, str]], chosen: str) -> None:
        """Offers these roles by name and title."""
        _offer(self.role, roles, chosen)

    def show_reading(self) -> None:
        """Says, as long as there is no row, that the rules are being read."""
        self._say("Loading\N{HORIZONTAL ELLIPSIS}", "", "")

    def show_read(self) -> None:
        """Says that there is no rule, unless there is one; the chosen one stays chosen."""
        self._say(*_NO_RULES)
        self.choose(self._key)

    def show_failure(self, sentence: str) -> None:
        """Says, as long as there is no row, why the rules are not shown, and lets one try again."""
        self._say("The rules could not be read", sentence, "Try again")

    def show_undo(self, words: str) -> None:
        """Offers to put back what was removed; nothing for empty words."""
        self.undone.setText(shown(words))
        self._undo_bar.setVisible(bool(words))

    def show_problems(self, words: str) -> None:
        """Says which roles are not among these, as their files cannot be used."""
        self.problems.setText(shown(words))
        self.problems.setVisible(bool(words))

    def choose(self, key: str) -> None:
        """Chooses the line that is known by this, once it is shown; until then the one that stands in its place."""
        row = self.found.row_of(key)
        if self.found.rowCount():
            self.table.selectRow(row if row >= 0 else min(self._row, self.found.rowCount() - 1))
        self._on_chosen()
        self._key = key or self._key

    @property
    def chosen(self) -> Line | None:
        """The line that is chosen."""
        rows = self.table.selectionModel().selectedRows()
        return self.found.line(rows[0]) if rows else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from the filter into the table."""
        is_key = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress
        if watched is self.filter and is_key and event.key() == Qt.Key.Key_Down and self.found.rowCount():  # type: ignore[attr-defined]
            self.table.setFocus()
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Rules", "title"))
        head.addStretch(1)
        head.addWidget(self.asked)
        whose = QHBoxLayout()
        whose.setSpacing(8)
        whose.addWidget(self.project)
        whose.addWidget(self.role)
        whose.addStretch(1)
        whose.addWidget(self.add)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._rules_tab(), "Rules")
        self.tabs.addTab(self.policy, "What becomes of commands")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addLayout(whose)
        column.addWidget(self.problems)
        column.addWidget(self.tabs, 1)
        column.addWidget(self._make_undo_bar())

    def _rules_tab(self) -> QWidget:
        set_up_table(self.table, self._theme, "Rules")
        self.table.setModel(self.found)
        header = self.table.horizontalHeader()
        for section in range(len(COLUMNS)):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(COMMANDS, QHeaderView.ResizeMode.Stretch)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.story, 1)
        below.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        tab = QWidget()
        column = QVBoxLayout(tab)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.filter)
        column.addWidget(self._stack, 1)
        column.addLayout(below)
        return tab

    def _make_undo_bar(self) -> QFrame:
        self._undo_bar = QFrame()
        self._undo_bar.setObjectName("undoBar")
        row = QHBoxLayout(self._undo_bar)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self.undone, 1)
        row.addWidget(self.undo)
        return self._undo_bar

    def _join(self) -> None:
        self.setFocusProxy(self.filter)
        self.project.activated.connect(lambda _row: self.project_chosen.emit(self.project.currentData()))
        self.role.activated.connect(lambda _row: self.role_chosen.emit(self.role.currentData()))
        self.filter.textChanged.connect(self._on_filter)
        self.filter.installEventFilter(self)
        self.empty.action_requested.connect(self._on_empty_action)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._on_chosen())
        for keys, owner, act in (
            ("Delete", self.table, self._on_remove),
            ("Ctrl+F", self, self.filter.setFocus),
            ("Ctrl+N", self, self.add.click),
            ("Ctrl+Z", self, self._on_undo),
        ):
            context = Qt.ShortcutContext.WidgetWithChildrenShortcut
            QShortcut(QKeySequence(keys), owner, act, context=context)

    def _say(self, title: str, text: str, action: str) -> None:
        self._without_rows = (title, text, action)
        self._on_rows()

    def _on_filter(self, text: str) -> None:
        self.found.look_for(text)
        self._on_rows()
        self.choose(self._key)

    def _on_rows(self) -> None:
        rows, all_rows = self.found.rowCount(), self.found.sourceModel().rowCount()
        if rows:
            self._stack.setCurrentWidget(self.table)
        elif all_rows:
            self.empty.say("No rule matches", "Clear the filter to see all of them.", "Clear the filter")
            self._stack.setCurrentWidget(self.empty)
        else:
            self.empty.say(*self._without_rows)
            self._stack.setCurrentWidget(self.empty)
        self.tabs.setTabText(0, f"Rules ({all_rows})" if all_rows else "Rules")

    def _on_empty_action(self) -> None:
        match self.empty.button.text():
            case "Clear the filter":
                self.filter.clear()
            case "Try again":
                self.again_requested.emit()
            case _:
                self.adding_requested.emit()

    def _on_chosen(self) -> None:
        line = self.chosen
        if line is not None:
            self._key, self._row = line.key, self.table.currentIndex().row()
        self.story.setText(line.story if line is not None else "")
        self.remove.setEnabled(line is not None and line.rule is not None)
        self.remove.setVisible(line is not None)

    def _on_remove(self) -> None:
        line = self.chosen
        if line is not None and line.rule is not None:
            self.removal_requested.emit(line)

    def _on_undo(self) -> None:
        if not self._undo_bar.isHidden():
            self.undo_requested.emit()


def _chooser(name: str, characters: int) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(characters)
    return made


def _offer(box: QComboBox, offered: list[tuple[str, str]], chosen: str) -> None:
    box.clear()
    for data, text in offered:
        box.addItem(shown(text), data)
    box.setCurrentIndex(max(box.findData(chosen), 0))

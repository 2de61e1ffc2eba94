"""What stands in place of a page: its state, what the app said, and the command that starts it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from studio.domain.previews import Launch
from studio.ui.preview.words import Words
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines, tooltip
from studio.ui.widgets.states import EmptyState

_OUTPUT_LINES = 200


class StatePage(QWidget):
    """The words of a state with its button; the output below stays scrolled to its end.

    Signals: `action_requested()`; `start_requested(str)` the command that the person chose or typed; `asked(str)` the
    person wants the agent to be told this.
    """

    action_requested = Signal()
    start_requested = Signal(str)
    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = EmptyState("", parent=self)
        self.state.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.state.action_requested.connect(self.action_requested)
        self.ask = button("Ask the agent", lambda: self.asked.emit(self._question))
        self.state.add_below(self.ask)
        self._question = ""
        self.output = QPlainTextEdit(self)
        self.output.setReadOnly(True)
        self.output.setMaximumBlockCount(_OUTPUT_LINES)
        self.output.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.output.setAccessibleName("What the app said")
        self.output.setFont(theme.code_font())
        self.command = QComboBox(self)
        self.command.setEditable(True)
        self.command.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.command.setAccessibleName("Command that starts the app")
        self.command.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.start = button("Start", self._on_start)
        self._lead: QLabel = label("Start it with", "muted")
        self._row = QWidget(self)
        self._lay_out()
        self.show_launches(())

    def say(self, words: Words) -> None:
        """Says this; output that is the same keeps its place."""
        self.state.say(words.title, words.cause, words.action)
        self._question = words.question
        self.ask.setVisible(bool(words.question))
        said = shown_lines(words.output.rstrip())
        self.output.setVisible(bool(said))
        if said != self.output.toPlainText():
            self.output.setPlainText(said)
            self.output.verticalScrollBar().setValue(self.output.verticalScrollBar().maximum())

    def show_launches(self, launches: tuple[Launch, ...], command: str = "") -> None:
        """Offers these ways to start the app, and any other that is typed; `command` is the one that was used last."""
        self.command.clear()
        for launch in launches:
            self.command.addItem(shown(launch.title), launch.title)
            hint = f"{launch.kind}: {launch.reason}\nThe whole line: {launch.command}"
            self.command.setItemData(self.command.count() - 1, tooltip(hint), Qt.ItemDataRole.ToolTipRole)
        if command:
            self.command.setEditText(shown(command))
        field = self.command.lineEdit()
        if field is not None:
            field.setCursorPosition(0)

    def offer_commands(self, *, offered: bool) -> None:
        """Shows or hides the line in which the command is chosen."""
        self._row.setVisible(offered)

    def offers_commands(self) -> bool:
        """Whether that line is shown."""
        return not self._row.isHidden()

    def _on_start(self) -> None:
        text = self.command.currentText().strip()
        at = self.command.findText(text)
        chosen = self.command.itemData(at) if at >= 0 else text
        if chosen:
            self.start_requested.emit(chosen)

    def _lay_out(self) -> None:
        line = QHBoxLayout(self._row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._lead)
        line.addWidget(self.command, 1)
        line.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.state, 1)
        column.addWidget(self.output, 2)
        column.addWidget(self._row)
        field = self.command.lineEdit()
        if field is not None:
            field.returnPressed.connect(self._on_start)
            field.setPlaceholderText("npm run dev, for example")

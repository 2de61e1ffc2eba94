"""What of a branch runs on someone's machine: one line for the gravest, and all of it below where that is not all."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.domain.on_machines import OnMachine, lines_of, words_of
from studio.ui.widgets.act_text import ActText
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

_LINES_SEEN = 5


class RunningFiles(QWidget):
    """Hidden where nothing runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = label("", "caution", wrap=True)
        self.all = ActText("All files that run on someone's machine")
        self.all.give_room(_LINES_SEEN * self.all.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addWidget(self.all)
        self.hide()

    def show_files(self, found: tuple[OnMachine, ...], more: int) -> None:
        """Names these, and counts those that were not kept by name."""
        words = shown(words_of(found, more))
        self.words.setText(words)
        lines = lines_of(found, more)
        self.all.setPlainText("\n".join(map(shown, lines)))
        self.all.setVisible(bool(lines))
        self.setVisible(bool(words))

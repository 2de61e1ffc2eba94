"""The notice bar: one sentence above the text, with the acts that answer it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown_lines

Act = tuple[str, Callable[[], None]]
"""What a button says and what it does."""


class NoticeBar(QWidget):
    """A line that is hidden until there is something to say; pressing one of its buttons hides it again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("noticeBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.sentence = label(wrap=True, parent=self)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 8, 4)
        self._row.setSpacing(8)
        self._row.addWidget(self.sentence, 1)
        theme.changed.connect(self._paint)
        self._paint()
        self.hide()

    def say(self, sentence: str, *acts: Act) -> None:
        """Shows `sentence` with one button for each act, in place of what was said before."""
        self.silence()
        self.sentence.setText(shown_lines(sentence))
        for text, act in acts:
            self._add(text, act)
        self.show()

    def silence(self) -> None:
        """Hides the bar."""
        self.hide()
        self.sentence.clear()
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons.clear()

    def _add(self, text: str, act: Callable[[], None]) -> None:
        button = QPushButton(text, self)
        button.setAccessibleName(text)
        button.clicked.connect(self.silence)
        button.clicked.connect(lambda: act())
        self._row.addWidget(button)
        self.buttons.append(button)

    def _paint(self) -> None:
        surface, line = self._theme.color("raised").name(), self._theme.color("warn").name()
        self.setStyleSheet(f"#noticeBar {{ background: {surface}; border-left: 3px solid {line}; }}")

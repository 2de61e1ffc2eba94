"""The question card: what an agent needs from a person, with the buttons that answer it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from studio.ui.chat.entries import Question
from studio.ui.theme import Theme

ACT_LINES = 8


class QuestionCard(QFrame):
    """An approval with Approve and Deny…, or a choice with its options and free text.

    Signals:
        approved: checkpoint, note
        denied: checkpoint, reason
        answered: checkpoint, words
    """

    approved = Signal(str, str)
    denied = Signal(str, str)
    answered = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question_card")
        self.setAccessibleName("Needs you")
        self._theme = theme
        self._question: Question | None = None
        self._title = _label(self)
        self._act = QPlainTextEdit(self)
        self._act.setReadOnly(True)
        self._act.setFrameShape(QFrame.Shape.NoFrame)
        self._act.setAccessibleName("The exact act")
        self._act.document().setDocumentMargin(0)
        self._act.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._words = QLineEdit(self)
        self._words.returnPressed.connect(self._on_words)
        self._approve, self._deny = QPushButton("Approve", self), QPushButton("Deny…", self)
        self._approve.setProperty("kind", "primary")
        self._deny.setProperty("kind", "danger")
        self._back = QPushButton("Back", self)
        self._approve.clicked.connect(self._on_approve)
        self._deny.clicked.connect(self._on_deny)
        self._back.clicked.connect(self._ask)
        self._options = QVBoxLayout()
        self._options.setSpacing(4)
        self._option_buttons: list[QPushButton] = []
        self._lay_out()
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def show_question(self, question: Question | None) -> None:
        """Asks, or goes away when there is nothing to ask."""
        if question == self._question:
            return
        self._question = question
        self.setVisible(question is not None)
        if question is not None:
            self._words.clear()
            self._ask()

    def set_busy(self, busy: bool) -> None:
        """Holds the buttons while an answer is on its way."""
        self.setEnabled(not busy)

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        theme = self._theme
        self.setStyleSheet(
            f"#question_card {{ border: 1px solid {theme.color('warn').name()};"
            f" border-radius: {theme.size('radius')}px; background: {theme.color('surface').name()}; }}"
            f"#question_card QPlainTextEdit {{ background: transparent; border: none; padding: 0;"
            f" color: {theme.color('text').name()}; }}"
            f"#question_title {{ color: {theme.color('warn').name()}; font-weight: 600; }}"
        )
        self._set_font()

    def _lay_out(self) -> None:
        self._title.setObjectName("question_title")
        buttons = QHBoxLayout()
        for button in (self._approve, self._deny, self._back):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._act)
        layout.addLayout(self._options)
        layout.addWidget(self._words)
        layout.addLayout(buttons)

    def _ask(self) -> None:
        """The card's first face."""
        question = self._question
        if question is None:
            return
        is_choice = question.kind == "choice"
        self._title.setText(f"Needs you · {question.title}")
        self._set_font()
        self._act.setPlainText(question.act)
        lines = min(max(question.act.count("\n") + 1 + len(question.act) // 60, 1), ACT_LINES)
        self._act.setFixedHeight(lines * self._act.fontMetrics().lineSpacing() + 4)
        self._fill_options(question.options if is_choice else ())
        self._words.setVisible(is_choice)
        self._words.setPlaceholderText("Your answer, in your own words")
        self._words.setAccessibleName("Your answer")
        self._approve.setText("Answer" if is_choice else "Approve")
        self._approve.setVisible(True)
        self._deny.setVisible(not is_choice)
        self._deny.setText("Deny…")
        self._back.hide()
        self.set_busy(False)

    def _set_font(self) -> None:
        """A command stands in the font of code, a question in that of words."""
        is_choice = self._question is not None and self._question.kind == "choice"
        self._act.setFont(self._theme.ui_font() if is_choice else self._theme.inline_code_font())

    def _fill_options(self, options: tuple[str, ...]) -> None:
        for old in self._option_buttons:
            old.hide()
            old.deleteLater()
        self._option_buttons = []
        for option in options:
            button = QPushButton(option.replace("&", "&&"), self)
            button.setAccessibleName(option)
            button.clicked.connect(lambda _=False, option=option: self._send_answer(option))
            self._options.addWidget(button)
            self._option_buttons.append(button)

    def _on_approve(self) -> None:
        if self._question is None:
            return
        if self._question.kind == "choice":
            self._send_answer(self._words.text())
        else:
            self.set_busy(True)
            self.approved.emit(self._question.checkpoint, "")

    def _on_deny(self) -> None:
        """The first press asks for a reason, the second denies."""
        if self._question is None:
            return
        if self._words.isHidden():
            self._words.show()
            self._words.setPlaceholderText("Why not? The agent is told (may be empty)")
            self._words.setAccessibleName("Reason")
            self._words.setFocus()
            self._approve.hide()
            self._deny.setText("Deny")
            self._back.show()
        else:
            self.set_busy(True)
            self.denied.emit(self._question.checkpoint, self._words.text())

    def _on_words(self) -> None:
        if self._question is not None and self._question.kind == "choice":
            self._send_answer(self._words.text())
        else:
            self._on_deny()

    def _send_answer(self, words: str) -> None:
        if self._question is not None and words.strip():
            self.set_busy(True)
            self.answered.emit(self._question.checkpoint, words)


def _label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label

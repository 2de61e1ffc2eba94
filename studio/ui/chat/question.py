"""The question card: what an agent needs from a person, with the buttons that answer it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.ui.chat.entries import Question
from studio.ui.chat.left_line import LeftLine
from studio.ui.theme import Theme
from studio.ui.widgets.act_text import ActText
from studio.ui.widgets.labels import label
from studio.ui.widgets.pause import Pause
from studio.ui.widgets.rule_offer import RuleOffer
from studio.ui.widgets.why_text import WhyText


class QuestionCard(QFrame):
    """An approval with Approve and Deny…, a choice with its options and free text, or a host for run or project.

    One that nobody waits for any more is a line, which unfolds.

    A question that just came up takes no answer until its `pause` has ended: a second click or key that was meant for
    the former one must not answer this one. What is typed for one in whose place another comes up is there
    again with it.

    Signals:
        approved: checkpoint, note
        kind_approved: checkpoint, scope
        denied: checkpoint, reason
        answered: checkpoint, words
        rules_requested: all rules are to be shown
    """

    approved = Signal(str, str)
    kind_approved = Signal(str, str)
    denied = Signal(str, str)
    answered = Signal(str, str)
    rules_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question_card")
        self.setAccessibleName("Needs you")
        self._theme = theme
        self._question: Question | None = None
        self._typed: dict[str, str] = {}
        self.line = LeftLine(self)
        self.line.unfolded.connect(self._unfold)
        self.whole = QWidget(self)
        self._title, self._beside = (label("", name, wrap=True) for name in ("question_title", "small"))
        self.why = WhyText()
        self._act = ActText("The exact act")
        self._act.document().setDocumentMargin(0)
        self.offer = RuleOffer()
        self.offer.chosen.connect(self._on_kind)
        self.offer.rules_requested.connect(self.rules_requested)
        self.pause = Pause(self)
        self.pause.changed.connect(self._hold)
        self._words = QLineEdit()
        self._words.returnPressed.connect(self._on_words)
        self._approve, self._deny = QPushButton("Approve"), QPushButton("Deny…")
        self._approve.setProperty("kind", "primary")
        self._deny.setProperty("kind", "danger")
        self._back = QPushButton("Back")
        self.for_project = QPushButton("Allow in this project")
        self.for_project.clicked.connect(lambda: self._on_kind("project"))
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
        former, self._question = self._question, question
        if question is not None and former is not None and former.checkpoint == question.checkpoint:
            # The same one in other words: what the person types, and the pause, stay.
            self._name()
            if question.is_left != former.is_left and not self._is_typed_in:
                self._fold(question.is_left)
        elif question is not None:
            if former is not None:
                self._typed[former.checkpoint] = self._words.text()
            self._words.clear()
            self._ask()
            typed = self._typed.pop(question.checkpoint, "")
            self._take_up(typed)
            self._fold(question.is_left and not typed)
            self.pause.begin()
        else:
            self._typed.clear()
        self.setVisible(question is not None)

    def give_room(self, height: int) -> None:
        """Lets the words of the question be as high as this."""
        self._act.give_room(height)

    def showEvent(self, event: QShowEvent) -> None:
        """A card that comes into view is as new to the person as its question."""
        super().showEvent(event)
        if not event.spontaneous():
            self.pause.begin()

    def set_busy(self, busy: bool) -> None:
        """Holds the buttons while an answer is on its way."""
        self.setEnabled(not busy)

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        theme = self._theme
        border = "line" if self.whole.isHidden() else "warn"
        self.setStyleSheet(
            f"#question_card {{ border: 1px solid {theme.color(border).name()};"
            f" border-radius: {theme.size('radius')}px; background: {theme.color('surface').name()}; }}"
            f"#question_card QPlainTextEdit {{ background: transparent; border: none; padding: 0;"
            f" color: {theme.color('text').name()}; }}"
            f"#question_title {{ color: {theme.color('warn').name()}; font-weight: 600; }}"
        )
        self._set_font()

    @property
    def _is_typed_in(self) -> bool:
        """Whether the person has begun to answer."""
        return not self._words.isHidden() and (self._words.hasFocus() or bool(self._words.text()))

    def _fold(self, folded: bool) -> None:
        """Shows the line alone, or the question with its buttons, which are new to the person then."""
        self.line.setVisible(folded)
        self.whole.setVisible(not folded)
        self.restyle()
        if not folded:
            self.pause.begin()

    def _unfold(self) -> None:
        self._fold(False)
        self._act.setFocus()

    def _name(self) -> None:
        """Says what is asked, and beside that what it means."""
        if self._question is not None:
            asked, beside = self._question.parts
            number = f" (1 of {1 + self._question.more})" if self._question.more else ""
            self._title.setText(f"Needs you{number} · {asked}")
            until = f"It waits {self._question.until}." if self._question.until else ""
            self._beside.setText(f"{beside} {until}".strip())
            self._beside.setVisible(bool(self._beside.text()))
            self.line.say(asked, self._question.title)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self._approve, self.for_project, self._deny, self._back):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        buttons.addStretch()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.line)
        outer.addWidget(self.whole)
        layout = QVBoxLayout(self.whole)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._beside)
        layout.addWidget(self.why)
        layout.addWidget(self._act)
        layout.addWidget(self.offer)
        layout.addLayout(self._options)
        layout.addWidget(self._words)
        layout.addLayout(buttons)

    def _ask(self) -> None:
        """The card's first face."""
        question = self._question
        if question is None:
            return
        is_choice, is_host = question.kind == "choice", question.kind == "network"
        self._name()
        self._set_font()
        self.why.say(question.why)
        self._act.setPlainText(question.act)
        self._fill_options(question.options if is_choice else ())
        self.offer.offer(question.kinds, question.denied_before)
        self.offer.setVisible(not is_choice and not is_host)
        self.for_project.setVisible(is_host)
        self._words.setVisible(is_choice)
        self._words.setPlaceholderText("Your answer, in your own words")
        self._words.setAccessibleName("Your answer")
        self._approve.setText("Answer" if is_choice else "Allow in this run" if is_host else "Approve")
        self._approve.setAccessibleName(self._approve.text())
        self._approve.setVisible(True)
        self._deny.setVisible(not is_choice)
        self._deny.setText("Deny…")
        self._back.hide()
        self.set_busy(False)

    def _take_up(self, typed: str) -> None:
        """Goes on with what was typed for this question before another came up in its place."""
        if typed and self._question is not None and self._question.kind != "choice":
            self._ask_why_not()
        self._words.setText(typed)

    def _hold(self) -> None:
        """No button can be pressed during the pause, and none of them has the keyboard afterwards."""
        buttons = (self._approve, self.for_project, self._deny, self._back, *self._option_buttons, *self.offer.buttons)
        if self.pause.is_on and any(button.hasFocus() for button in buttons):
            self._act.setFocus()
        for button in buttons:
            button.setEnabled(not self.pause.is_on)

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

    def _on_kind(self, scope: str) -> None:
        if self._question is not None:
            self.set_busy(True)
            self.kind_approved.emit(self._question.checkpoint, scope)

    def _on_deny(self) -> None:
        """The first press asks for a reason, the second denies."""
        if self._question is None:
            return
        if self._words.isHidden():
            self._ask_why_not()
            self._words.setFocus()
        else:
            self.set_busy(True)
            self.denied.emit(self._question.checkpoint, self._words.text())

    def _ask_why_not(self) -> None:
        """The card's second face, with room for a reason."""
        self._words.show()
        self._words.setPlaceholderText("Why not? The agent is told (may be empty)")
        self._words.setAccessibleName("Reason")
        self._approve.hide()
        self.for_project.hide()
        self.offer.hide()
        self._deny.setText("Deny")
        self._back.show()

    def _on_words(self) -> None:
        if self.pause.is_on:
            return
        if self._question is not None and self._question.kind == "choice":
            self._send_answer(self._words.text())
        else:
            self._on_deny()

    def _send_answer(self, words: str) -> None:
        if self._question is not None and words.strip():
            self.set_busy(True)
            self.answered.emit(self._question.checkpoint, words)

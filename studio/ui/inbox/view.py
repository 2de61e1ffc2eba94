"""The inbox's widgets: the list, and below it the one question in full with its answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.domain.checkpoints import Checkpoint, CheckpointKind
from studio.ui.inbox.items import InboxItems
from studio.ui.inbox.parked import ParkedList
from studio.ui.theme import Theme
from studio.ui.widgets.act_text import ActText
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown
from studio.ui.widgets.pause import Pause
from studio.ui.widgets.rule_offer import RuleOffer
from studio.ui.widgets.states import EmptyState
from studio.ui.widgets.why_text import WhyText


class InboxView(QWidget):
    """What waits for a person.

    A question that just came up takes no answer until its `pause` has ended: a second click or key that was meant for
    the former one must not answer this one.

    Signals: `approved(id, note)`, `kind_approved(id, note, scope)`, `denied(id, note)`, `answered(id, text)`,
    `run_requested(run)`, `rules_requested(project)`.
    """

    approved = Signal(str, str)
    kind_approved = Signal(str, str, str)
    denied = Signal(str, str)
    answered = Signal(str, str)
    run_requested = Signal(str)
    rules_requested = Signal(str)

    def __init__(self, items: InboxItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self._items = items
        self._theme = theme
        self._shown: Checkpoint | None = None
        self.list = QListView()
        self.list.setObjectName("inboxList")
        self.list.setModel(items)
        self.list.setAccessibleName("Questions that wait for you")
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.empty = EmptyState("Nothing waits for you.", "When an agent needs a decision, it is asked here.")
        self.title = label("", "strong", wrap=True)
        self.beside = label("", "small", wrap=True)
        self.why = WhyText()
        self.act = ActText("What exactly is asked")
        self.offer = RuleOffer()
        self.offer.chosen.connect(self._on_kind)
        self.offer.rules_requested.connect(self._on_rules)
        self.asked = label("", "small")
        self.parked = ParkedList()
        self.parked.run_requested.connect(self.run_requested)
        self.words = QLineEdit()
        self.words.returnPressed.connect(self._on_return)
        self.approve = button("Approve", lambda: self._say(self.approved), "primary")
        self.for_project = button("Allow in this project", lambda: self._on_kind("project"))
        self.deny = button("Deny", lambda: self._say(self.denied), "danger")
        self.answer = button("Answer", lambda: self._say(self.answered), "primary")
        self.open_run = button("Show the run", self._on_open_run, "flat")
        self._options = QVBoxLayout()
        self._option_buttons: list[QPushButton] = []
        self.pause = Pause(self)
        self.pause.changed.connect(self._hold)
        self._lay_out()
        keys = (("Y", self.approve), ("N", self.deny), ("R", self.offer.run), ("P", self.offer.project))
        for key, pressed in keys:
            press = partial(_press, pressed)
            QShortcut(QKeySequence(key), self.list, press, context=Qt.ShortcutContext.WidgetShortcut)
        theme.changed.connect(self._dress)
        items.modelReset.connect(self._on_reset)
        self._dress()
        self._on_reset()

    def select(self, id: str) -> None:
        """Shows one checkpoint, if it still waits."""
        for row, checkpoint in enumerate(self._items.rows):
            if checkpoint.id == id:
                self.list.setCurrentIndex(self._items.index(row))

    def show_asked(self, questions: int) -> None:
        """Says how often people were asked in the last hour."""
        self.asked.setText(f"Asked in the last hour: {questions}")

    def set_busy(self, busy: bool) -> None:
        """Holds the answers while one is on its way."""
        self._question.setEnabled(not busy)

    def let_go(self) -> None:
        """Lets the next question come up in place of the one that was answered here."""
        self._shown = None
        self.words.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """A question that comes into view is new to the person."""
        super().showEvent(event)
        if not event.spontaneous():
            self.pause.begin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words of a question may fill a third."""
        super().resizeEvent(event)
        self.act.give_room(self.height() // 3)

    def _hold(self) -> None:
        """No button can be pressed during the pause, and none of them has the keyboard afterwards."""
        answers = (self.approve, self.for_project, self.deny, self.answer, *self._option_buttons, *self.offer.buttons)
        if self.pause.is_on and any(answer.hasFocus() for answer in answers):
            self.list.setFocus()
        for answer in answers:
            answer.setEnabled(not self.pause.is_on)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for widget in (self.approve, self.answer, self.deny):
            row.addWidget(widget)
        row.addStretch(1)
        self._question = QWidget()
        self._question.setObjectName("inboxQuestion")
        below = QVBoxLayout(self._question)
        below.setContentsMargins(12, 12, 12, 12)
        below.setSpacing(8)
        below.addWidget(self.title)
        below.addWidget(self.beside)
        below.addWidget(self.why)
        below.addWidget(self.act)
        below.addWidget(self.offer)
        below.addLayout(self._options)
        below.addWidget(self.words)
        below.addLayout(row)
        # In a line of its own: the panel is as narrow as a person makes it.
        below.addWidget(self.for_project, 0, Qt.AlignmentFlag.AlignLeft)
        below.addWidget(self.open_run, 0, Qt.AlignmentFlag.AlignLeft)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        self.asked.setContentsMargins(12, 4, 12, 4)
        column.addWidget(self.asked)
        column.addWidget(self._question)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack, 1)
        outer.addWidget(self.parked)

    def _on_reset(self) -> None:
        rows = self._items.rows
        self.stack.setCurrentIndex(1 if rows else 0)
        wanted = self._shown.id if self._shown is not None else next((item.id for item in rows), None)
        known = next((row for row, item in enumerate(rows) if item.id == wanted), -1)
        if known >= 0:
            self.list.setCurrentIndex(self._items.index(known))
        else:
            # It was decided elsewhere. A key or click that is on its way to it must not answer another one.
            self._shown = None
            self._question.hide()

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not current.isValid():
            return
        checkpoint = self._items.rows[current.row()]
        is_new = self._shown is None or checkpoint.id != self._shown.id
        if is_new:
            self.words.clear()
        self._shown = checkpoint
        self._question.show()
        approval = checkpoint.kind is not CheckpointKind.CHOICE
        is_host = checkpoint.kind is CheckpointKind.NETWORK
        asked, beside = checkpoint.parts
        self.title.setText(shown(asked))
        self.beside.setText(shown(beside))
        self.beside.setVisible(bool(beside))
        self.why.say(checkpoint.why)
        self.act.setPlainText("\n".join(shown(line) for line in checkpoint.act.split("\n")))
        self.act.setVisible(bool(checkpoint.act))
        for widget in (self.approve, self.deny):
            widget.setVisible(approval)
        self.approve.setText("Allow in this run" if is_host else "Approve")
        self.for_project.setVisible(is_host)
        self.answer.setVisible(not approval)
        self.offer.offer(checkpoint.kinds, checkpoint.denied_before)
        self.offer.setVisible(approval and not is_host)
        self.words.setPlaceholderText("A word to the agent" if approval else "Your answer")
        self.words.setAccessibleName("A word to the agent (may be empty)" if approval else "Your answer")
        self._show_options(checkpoint.options)
        if is_new:
            self.pause.begin()
        else:
            self._hold()

    def _show_options(self, options: tuple[str, ...]) -> None:
        while (item := self._options.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._option_buttons = [_option(option, partial(self._choose, option)) for option in options]
        for made in self._option_buttons:
            self._options.addWidget(made)

    def _choose(self, option: str) -> None:
        self.words.setText(option)
        self._say(self.answered)

    def _say(self, signal: SignalInstance) -> None:
        if self._shown is not None:
            signal.emit(self._shown.id, self.words.text())

    def _on_kind(self, scope: str) -> None:
        if self._shown is not None:
            self.kind_approved.emit(self._shown.id, self.words.text(), scope)

    def _on_return(self) -> None:
        if self._shown is not None and self._shown.kind is CheckpointKind.CHOICE and not self.pause.is_on:
            self._say(self.answered)

    def _on_open_run(self) -> None:
        if self._shown is not None:
            self.run_requested.emit(self._shown.run)

    def _on_rules(self) -> None:
        if self._shown is not None:
            self.rules_requested.emit(self._shown.project)

    def _dress(self) -> None:
        self.act.setFont(self._theme.inline_code_font())


def _option(text: str, act: Callable[[], object]) -> QPushButton:
    """A button that says what an agent offers; a sign of & in it is text, not the mark of a key."""
    made = button(shown(text).replace("&", "&&"), act)
    made.setAccessibleName(shown(text))
    return made


def _press(button: QPushButton) -> None:
    # A button that is hidden could be clicked all the same.
    if button.isVisible():
        button.click()

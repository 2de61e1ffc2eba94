"""Queue cards: the messages that wait until the agent has stopped, above the composer."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.domain.queue import HELD_WORDS, Hold, Queue, QueuedMessage
from studio.ui.chat.input import Input
from studio.ui.theme import Theme
from studio.ui.widgets.labels import ElidedLabel, label

MOST_CARDS = 5
"""How many cards are shown; of the rest only the number."""


class QueueCards(QFrame):
    """One small card a message, in the order in which they are sent.

    Signals:
        changed: turn, text: the person wrote the message anew
        taken_back: turn: the message is not to be sent
        send_requested: the next one is to be sent although the queue is held
        field_made: the field of a card, in which a message can be written anew
        left_over: text, whether the keyboard is in it: what the person made of a message that was just sent as it was
    """

    changed = Signal(str, str)
    taken_back = Signal(str)
    send_requested = Signal()
    field_made = Signal(object)
    left_over = Signal(str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue_cards")
        self.setAccessibleName("Queued messages")
        self._theme = theme
        self._queue = Queue()
        self.cards: list[QueueCard] = []
        self._head = label("", "queue_head", wrap=True, parent=self)
        self.send_now = QPushButton("Send now", self)
        self.send_now.setAccessibleName("Send the next queued message now")
        self.send_now.clicked.connect(self.send_requested)
        top = QHBoxLayout()
        top.addWidget(self._head, 1)
        top.addWidget(self.send_now)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(self._list)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def show_queue(self, queue: Queue, *, working: bool) -> None:
        """Shows what waits; `working` tells whether the agent is at work, so that it goes by itself."""
        held = queue.held is not Hold.NONE and not working
        self._head.setText(_head(queue, held=held))
        self.send_now.setVisible(held)
        self.setVisible(bool(queue.waiting))
        if queue.waiting == self._queue.waiting:
            return
        self._queue = queue
        self._fill()

    def restyle(self) -> None:
        """Takes colours from the theme again."""
        theme = self._theme
        color = {name: theme.color(name).name() for name in ("surface", "line", "text", "text_muted", "selected")}
        self.setStyleSheet(
            f"#queue_head {{ color: {color['text_muted']}; }}"
            f"#queue_card {{ background: {color['surface']}; border: 1px solid {color['line']};"
            f" border-radius: {theme.size('radius')}px; }}"
            f"#queue_card QPlainTextEdit {{ background: transparent; border: none; padding: 0;"
            f" color: {color['text']}; }}"
            "#queue_card QPushButton { border: none; background: transparent; padding: 3px 6px;"
            f" color: {color['text_muted']}; border-radius: 4px; }}"
            f"#queue_card QPushButton:hover, #queue_card QPushButton:focus {{ color: {color['text']};"
            f" background: {color['selected']}; }}"
        )

    def _fill(self) -> None:
        """Keeps the cards of messages that still wait, so that what is written in one stays, and the keyboard too."""
        kept = {card.turn: card for card in self.cards}
        waiting = self._queue.waiting[:MOST_CARDS]
        self.cards = [self._card(at, item, kept.pop(item.turn, None)) for at, item in enumerate(waiting, 1)]
        for at, card in enumerate(self.cards):
            if self._list.indexOf(card) != at:
                self._list.insertWidget(at, card)
        for gone in kept.values():
            if gone.typed is not None:
                self.left_over.emit(gone.typed, gone.field.hasFocus())
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()

    def _card(self, number: int, item: QueuedMessage, kept: QueueCard | None) -> QueueCard:
        if kept is not None:
            kept.show_message(number, item)
            return kept
        card = QueueCard(number, item, self)
        card.changed.connect(partial(self.changed.emit, item.turn))
        card.taken_back.connect(partial(self.taken_back.emit, item.turn))
        self.field_made.emit(card.field)
        return card


class QueueCard(QFrame):
    """One message that waits: its first words, and buttons to change it or take it back.

    Signals:
        changed: text: the person wrote it anew
        taken_back: it is not to be sent
    """

    changed = Signal(str)
    taken_back = Signal()

    def __init__(self, number: int, item: QueuedMessage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue_card")
        self.turn = item.turn
        self._text = ""
        self.words = ElidedLabel("", parent=self)
        self.field = Input(self)
        self.field.submitted.connect(self._on_save)
        self.field.hide()
        self.edit_button = QPushButton("Edit", self)
        self.edit_button.clicked.connect(self.edit)
        self.save_button = QPushButton("Save ⏎", self)
        self.save_button.clicked.connect(self._on_save)
        self.back_button = QPushButton("Take back", self)
        self.back_button.clicked.connect(self._on_back)
        self.save_button.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 6, 4)
        row.setSpacing(2)
        row.addWidget(self.words, 1)
        row.addWidget(self.field, 1)
        for button in (self.edit_button, self.save_button, self.back_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.show_message(number, item)

    def show_message(self, number: int, item: QueuedMessage) -> None:
        """Shows the message as it is now, in this place of the queue; what is written in the field stays."""
        self._text = item.text
        self.words.set_text(" ".join(item.text.split()))
        self.setAccessibleName(f"Queued message {number}")
        self.field.setAccessibleName(f"Text of queued message {number}")
        self.edit_button.setAccessibleName(f"Edit queued message {number}")
        self.save_button.setAccessibleName(f"Save queued message {number}")
        self.back_button.setAccessibleName(f"Take queued message {number} back")

    @property
    def typed(self) -> str | None:
        """What the person has made of the message so far, while they change it."""
        text = self.field.toPlainText()
        return text if self._is_edited and text != self._text else None

    def edit(self) -> None:
        """Opens the text for changes."""
        self.field.restore(self._text)
        self._show_field(True)
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the text as it was."""
        if event.key() == Qt.Key.Key_Escape and self._is_edited:
            self._leave()
        else:
            super().keyPressEvent(event)

    @property
    def _is_edited(self) -> bool:
        return not self.field.isHidden()

    def _show_field(self, shown: bool) -> None:
        self.field.setVisible(shown)
        self.save_button.setVisible(shown)
        self.words.setVisible(not shown)
        self.edit_button.setVisible(not shown)
        self.back_button.setText("Cancel" if shown else "Take back")

    def _leave(self) -> None:
        self._show_field(False)

    def _on_back(self) -> None:
        if self._is_edited:
            self._leave()
        else:
            self.taken_back.emit()

    def _on_save(self) -> None:
        text = self.field.toPlainText()
        self._leave()
        if text.strip() and text != self._text:
            self.changed.emit(text)


def _head(queue: Queue, *, held: bool) -> str:
    count = len(queue.waiting)
    what = "1 message is queued." if count == 1 else f"{count} messages are queued."
    more = f" The first {MOST_CARDS} are shown." if count > MOST_CARDS else ""
    if held:
        return f"{what}{more} {HELD_WORDS[queue.held]}"
    return f"{what}{more} {'It is' if count == 1 else 'They are'} sent when the agent stops."

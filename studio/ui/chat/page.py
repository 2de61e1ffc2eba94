"""A page: one chat from its messages down to the composer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.ids import ProjectId
from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import Attachments
from studio.ui.chat.completing import Completing
from studio.ui.chat.composer import Composer
from studio.ui.chat.estimating import EstimateLine
from studio.ui.chat.for_task import ForTask
from studio.ui.chat.items import ChatItems
from studio.ui.chat.list import ChatList
from studio.ui.chat.mentions import Mentions
from studio.ui.chat.parked_card import ParkedCard
from studio.ui.chat.question import QuestionCard
from studio.ui.chat.queue_cards import QueueCards
from studio.ui.chat.search_bar import SearchBar
from studio.ui.chat.taking_over import TakingOver
from studio.ui.theme import Theme
from studio.ui.widgets.states import EmptyState, ErrorBar


class ChatPage(QWidget):
    """The widgets of one chat, joined to its items.

    Signals:
        retry_requested: loading failed and the person wants to try again
    """

    retry_requested = Signal()

    def __init__(self, items: ChatItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items = items
        self._empty = EmptyState("What is to be done?", parent=self)
        self.list = ChatList(items, theme, self)
        self.search = SearchBar(items, self.list, theme, self)
        self.search.closed.connect(self._on_search_closed)
        self.question = QuestionCard(theme, self)
        self.parked = ParkedCard(theme, self)
        self.queue = QueueCards(theme, self)
        self.composer = Composer(theme, self)
        self.attachments = Attachments(self.composer)
        self.attachments.changed.connect(lambda: self.composer.set_pictures(len(self.attachments.images)))
        self.attachments.emptied.connect(self.composer.input.setFocus)
        self.taking_over = TakingOver(self.composer)
        self.composer.role_chosen.connect(self.taking_over.set_role)
        self.estimate = EstimateLine(self.composer)
        self.for_task = ForTask(self.composer, theme)
        for above in (self.for_task, self.taking_over, self.estimate, self.attachments):
            self.composer.show_above_text(above)
        self.completing = Completing(self.composer.input, self.composer, theme, self)
        self._mentions = Mentions(self.composer.input.document(), theme)
        self.error = ErrorBar(theme, self)
        self.error.details.setText("Try again")
        self.error.details_requested.connect(self.retry_requested)
        self._to_end = QToolButton(self.list)
        self._to_end.setObjectName("to_newest")
        self._to_end.setText("↓ Newest")
        self._to_end.setAccessibleName("Go to the newest message")
        self._to_end.clicked.connect(self.list.go_to_end)
        self._to_end.hide()
        self.list.end_left.connect(self._on_end_left)
        items.question_changed.connect(self._on_question)
        items.filling_changed.connect(self._on_filling)
        for signal in (items.rowsInserted, items.modelReset):
            signal.connect(self._on_rows)
        self.setAcceptDrops(True)
        self._lay_out()
        self._on_rows()
        self._on_question()

    def offer_beginnings(self, bridge: Bridge, project: ProjectId) -> None:
        """Says what a new chat can be for, what it can go on with, and what it will cost."""
        for line in (self.for_task, self.taking_over, self.estimate):
            line.look(bridge, project)

    @property
    def beginning(self) -> dict[str, Any]:
        """What a new chat goes on with and what it is for, as the core is told."""
        return {"work": self.taking_over.work, "purpose": self.for_task.purpose}

    def leave_beginnings(self) -> None:
        """Says none of it any more: the chat has begun."""
        self.for_task.leave()
        self.taking_over.show_waiting(())
        self.estimate.leave()

    def show_error(self, error: StudioError, *, can_retry: bool = False) -> None:
        """Says what went wrong above the composer, until `clear_error`."""
        self.error.say(f"{error.sentence} {error.action}".strip(), details=can_retry)
        if can_retry and self._items.rowCount() == 0:
            self._empty.say("The messages could not be read.")

    def clear_error(self) -> None:
        """Takes the error away."""
        self.error.hide()

    def show_loading(self) -> None:
        """Says that older messages are on their way."""
        self._empty.say("Loading…")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._place_button()
        self.question.give_room(self.height() // 3)
        self.completing.place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape stops the agent, unless whatever has the keyboard has a use for it."""
        if event.key() == Qt.Key.Key_Escape and not event.modifiers() and self.composer.is_working:
            self.composer.stop_requested.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """What can be dropped on the message field can be dropped anywhere in its chat."""
        if self.composer.input.canInsertFromMimeData(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """It goes into the message."""
        self.composer.input.insertFromMimeData(event.mimeData())
        self.composer.input.setFocus()
        event.acceptProposedAction()

    def _lay_out(self) -> None:
        lower = QVBoxLayout()
        lower.setContentsMargins(12, 6, 12, 12)
        lower.setSpacing(8)
        for widget in (self.error, self.question, self.parked, self.queue, self.composer):
            lower.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.search)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self.list, 1)
        layout.addLayout(lower)

    def _on_rows(self) -> None:
        is_empty = self._items.rowCount() == 0
        self._empty.say(
            "What is to be done?",
            "An agent works on it in a container, on a branch of its own. Your files stay as they are until you merge.",
        )
        self._empty.setVisible(is_empty)
        self.list.setVisible(not is_empty)

    def _on_search_closed(self) -> None:
        self.composer.input.setFocus()

    def _on_question(self) -> None:
        self.question.show_question(self._items.question)

    def _on_filling(self) -> None:
        self.composer.gauge.show_filling(self._items.filling)

    def _on_end_left(self, left: bool) -> None:
        self._to_end.setVisible(left)
        self._place_button()

    def _place_button(self) -> None:
        size = self._to_end.sizeHint()
        self._to_end.setGeometry(
            (self.list.width() - size.width()) // 2, self.list.height() - size.height() - 8, size.width(), size.height()
        )
        self._to_end.raise_()

"""The list of a chat: rows by the delegate, with the live message standing in its own row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QMenu, QWidget

from studio.ui.chat.delegate import ChatDelegate
from studio.ui.chat.entries import AgentSaid, CallMade, Note, Streaming, TurnFooter
from studio.ui.chat.items import ChatItems, plain_text
from studio.ui.chat.live import LiveMessage
from studio.ui.chat.paint_text import MARGIN
from studio.ui.chat.row_menu import row_menu, spots_of
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.theme import Theme

NEAR_END = 8


class ChatList(QListView):
    """Shows a chat, stays at its end while the reader is there, and stays put while they read above.

    Signals:
        spot_clicked: a link, file or turn footer was clicked
        end_left: the reader left the end (True) or came back to it (False)
    """

    spot_clicked = Signal(object)
    end_left = Signal(bool)

    def __init__(self, items: ChatItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._at_end = True
        self._placing = False
        self._laying_out = False
        # The first row in view and where its top is. Kept, because Qt forgets all places before it lays out anew.
        self._anchor = QPersistentModelIndex()
        self._anchor_top = 0
        self._anchoring = QTimer(self)
        self._anchoring.setSingleShot(True)
        self._anchoring.timeout.connect(self._note_anchor)
        self._pressed: Spot | None = None
        self._folds = False
        self.fillers: list[Callable[[QMenu, int], None]] = []
        self.setModel(items)
        self._rows = ChatDelegate(items, theme, self)
        self.setItemDelegate(self._rows)
        self.live = LiveMessage(theme, self.viewport())
        self.live.hide()
        self._set_up()
        self._join(theme)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAutoScroll(False)
        self.setAccessibleName("Messages")
        self.verticalScrollBar().setSingleStep(24)

    def _join(self, theme: Theme) -> None:
        self._rows.heights_changed.connect(self.doItemsLayout)
        self.live.height_changed.connect(self._on_live_height)
        self.live.spot_clicked.connect(self._click)
        self._items.stream_changed.connect(self._on_stream)
        self._items.rowsInserted.connect(self._on_rows)
        self._items.rowsRemoved.connect(self._on_rows)
        self._items.modelReset.connect(self._on_rows)
        for signal in (self._items.folds_changed, self._items.modelReset):
            signal.connect(self._fold)
        self._items.rowsInserted.connect(self._on_inserted)
        self._items.completed.connect(self._on_scroll)
        theme.changed.connect(self._on_theme)
        bar = self.verticalScrollBar()
        bar.setEnabled(False)
        bar.rangeChanged.connect(self._on_range)
        bar.valueChanged.connect(self._on_scroll)

    @property
    def at_end(self) -> bool:
        """Whether the newest row is in view, so that new ones scroll into it."""
        return self._at_end

    def go_to_end(self) -> None:
        """Scrolls to the newest row and stays there."""
        self._at_end = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self.end_left.emit(False)

    def mark_words(self, words: str) -> None:
        """Marks these words wherever they are in view; none for an empty text."""
        self._rows.documents.marked = words
        self.viewport().update()

    def show_row(self, row: int) -> None:
        """Brings a row into view and makes it the current one."""
        self._at_end = False
        index = self._items.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
        self._note_end()

    def copy_current(self) -> None:
        """Puts the current row's text on the clipboard."""
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText(plain_text(self._items.entry(self.currentIndex().row())))

    def doItemsLayout(self) -> None:
        """Lays the rows out with what is read where it was: rows above it may have got other heights."""
        anchor, top = self._anchor, self._anchor_top
        self._laying_out = True
        super().doItemsLayout()
        self._laying_out = False
        bar = self.verticalScrollBar()
        if self._at_end:
            bar.setValue(bar.maximum())
        elif anchor.isValid():
            bar.setValue(bar.value() + self.visualRect(self._items.index(anchor.row())).top() - top)
        self._note_anchor()

    def updateGeometries(self) -> None:  # noqa: D102
        super().updateGeometries()
        self._place_live()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: D102
        super().scrollContentsBy(dx, dy)
        if not self._laying_out:
            self._anchor_top += dy
            self._anchoring.start()
        self._place_live()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        self._rows.set_width(self.viewport().width())
        super().resizeEvent(event)
        self._place_live()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        self._pressed = self._spot_at(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        super().mouseReleaseEvent(event)
        position = event.position().toPoint()
        spot = self._spot_at(position)
        if event.button() == Qt.MouseButton.LeftButton and spot is not None and spot == self._pressed:
            self._click(spot, self.indexAt(position))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        super().mouseMoveEvent(event)
        over = self._spot_at(event.position().toPoint()) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self._activate(index)
        elif event.key() == Qt.Key.Key_C and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.copy_current()
        elif event.key() == Qt.Key.Key_End:
            self.go_to_end()
        else:
            super().keyPressEvent(event)

    def _activate(self, index: QModelIndex) -> None:
        entry = self._items.entry(index.row())
        is_folder = isinstance(entry, Note) and entry.folds
        if is_folder or isinstance(entry, CallMade) or (isinstance(entry, AgentSaid) and entry.thinking):
            self._click(Spot(SpotKind.FOLD), index)
        elif isinstance(entry, TurnFooter) and entry.files:
            self._click(Spot(SpotKind.REVIEW, entry.turn), index)
        else:
            self._open_menu(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: D102
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._open_menu(self.currentIndex())
        else:
            self._open_menu(self.indexAt(event.pos()), event.globalPos())

    def _spot_at(self, position: QPoint) -> Spot | None:
        index = self.indexAt(position)
        return self._rows.spot(index.row(), self.visualRect(index), position) if index.isValid() else None

    def _click(self, spot: Spot, index: QModelIndex | None = None) -> None:
        match spot.kind:
            case SpotKind.FOLD if index is not None:
                self._at_end = False
                self._items.toggle(index.row())
                QTimer.singleShot(0, self, self._note_end)
            case SpotKind.COPY:
                QGuiApplication.clipboard().setText(spot.value)
            case _:
                self.spot_clicked.emit(spot)

    def _open_menu(self, index: QModelIndex, place: QPoint | None = None) -> None:
        """Opens a row's menu where the pointer is, or for the keyboard at the row itself."""
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        entry = self._items.entry(index.row())
        menu = row_menu(self.copy_current, spots_of(entry, self._rows.documents, self.live.growing), self._click, self)
        if isinstance(entry, TurnFooter):
            menu.addAction("Copy the whole turn", partial(self._copy_turn, index.row()))
        for fill in self.fillers:
            fill(menu, index.row())
        if place is None:
            self.scrollTo(index)
            row = self.visualRect(index).intersected(self.viewport().rect())
            place = self.viewport().mapToGlobal(row.topLeft() + QPoint(MARGIN, MARGIN))
            menu.setActiveAction(menu.actions()[0])
        menu.popup(place)

    def _copy_turn(self, row: int) -> None:
        QGuiApplication.clipboard().setText(self._items.turn_text(row))

    def _on_stream(self) -> None:
        self.live.show_text(self._items.streaming_text, self._items.streaming_thinking, self._items.setup)

    def _on_rows(self) -> None:
        """Shows the live message in the last row while one is arriving, and only then."""
        last = self._items.rowCount() - 1
        entry = self._items.entry(last) if last >= 0 else None
        if isinstance(entry, Streaming) and self.live.isHidden():
            self.live.clear(entry.header)
            self.live.show()
        elif not isinstance(entry, Streaming):
            self.live.hide()

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        # Asking all rows about each new one would hold up a long chat.
        if any(self._items.is_left_out(row) for row in range(first, last + 1)):
            self._fold()

    def _fold(self) -> None:
        """Hides the rows that a restore left out of the chat, until they are asked for."""
        folded = self._items.folded_rows()
        if not folded and not self._folds:
            return
        self._folds = bool(folded)
        for row in range(self._items.rowCount()):
            if self.isRowHidden(row) != (row in folded):
                self.setRowHidden(row, row in folded)

    def _on_live_height(self, height: int) -> None:
        self._rows.set_live_height(height)
        self.scheduleDelayedItemsLayout()

    def _place_live(self) -> None:
        """Puts the live message over its row; asking where that is may lay out the list, which comes here again."""
        last = self._items.rowCount() - 1
        if self._placing or self.live.isHidden() or last < 0:
            return
        self._placing = True
        self.live.setGeometry(self.visualRect(self._items.index(last)))
        self._placing = False

    def _note_anchor(self) -> None:
        first = self.indexAt(QPoint(4, 4))
        self._anchor = QPersistentModelIndex(first)
        self._anchor_top = self.visualRect(first).top()

    def _on_range(self, _minimum: int, maximum: int) -> None:
        # The bar keeps its place, so that rows keep their width, but shows no handle when all is in view.
        self.verticalScrollBar().setEnabled(maximum > 0)
        if self._at_end:
            self.verticalScrollBar().setValue(maximum)

    def _on_scroll(self) -> None:
        self._note_end()
        if self.verticalScrollBar().value() == 0 and self._items.has_earlier and not self._at_end:
            QTimer.singleShot(0, self, self._show_earlier)

    def _show_earlier(self) -> None:
        first = QPersistentModelIndex(self._items.index(0))
        self._items.show_earlier()
        self.doItemsLayout()
        self.scrollTo(self._items.index(first.row()), QListView.ScrollHint.PositionAtTop)

    def _note_end(self) -> None:
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - NEAR_END
        if at_end != self._at_end:
            self._at_end = at_end
            self.end_left.emit(not at_end)

    def _on_theme(self) -> None:
        self._rows.forget()
        self.live.restyle()
        self.viewport().update()

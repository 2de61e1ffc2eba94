"""The delegate: sizes and paints the rows of a chat."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import assert_never

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.chat.documents import Documents
from studio.ui.chat.entries import AgentSaid, CallMade, Entry, HumanSaid, Note, Streaming, TurnFooter
from studio.ui.chat.items import ChatItems
from studio.ui.chat.paint_call import CallPainter
from studio.ui.chat.paint_text import GAP, TextPainter
from studio.ui.chat.spots import Spot
from studio.ui.theme import Theme

LEFT_OUT = 0.55
"""How clearly a row is painted that a restore left out of the chat."""

SLICE_SECONDS = 0.008
"""How long one pass may measure rows before it lets the window breathe."""


@dataclass(slots=True)
class _Measured:
    entry: Entry
    opened: bool
    width: int
    height: int


class ChatDelegate(QStyledItemDelegate):
    """Exact heights, measured in slices and kept; a row not measured yet gets its last known or a guessed height.

    Signals:
        heights_changed: rows were measured, so the list must be laid out again
    """

    heights_changed = Signal()

    def __init__(self, items: ChatItems, theme: Theme, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._view = view
        self._theme = theme
        self._items = items
        self._documents = Documents(theme)
        self._documents.colouring.advanced.connect(view.viewport().update)
        self._texts = TextPainter(theme, self._documents)
        self._calls = CallPainter(theme, self._documents)
        self._heights: dict[str, _Measured] = {}
        self._width = 400
        self._live_height = 60
        self._spent = 0.0
        self._slices = QTimer(self)
        self._slices.setSingleShot(True)
        self._slices.setInterval(0)
        self._slices.timeout.connect(self._measure_slice)

    @property
    def documents(self) -> Documents:
        """The texts as they are laid out."""
        return self._documents

    def set_width(self, width: int) -> None:
        """The width of a row; heights follow in slices, newest rows first."""
        if width != self._width:
            self._width = width
            self._slices.start()

    def set_live_height(self, height: int) -> None:
        """The height of the row in which the arriving message stands."""
        self._live_height = height

    def forget(self) -> None:
        """Measures everything again, after fonts or colours changed."""
        self._documents.clear()
        self._heights.clear()
        self._slices.start()

    def exact(self, row: int) -> int:
        """The exact height of a row, measured now if need be."""
        entry, opened = self._items.entry(row), self._items.is_opened(row)
        known = self._heights.get(entry.key)
        if known is None or known.entry is not entry or known.opened != opened or known.width != self._width:
            known = _Measured(entry, opened, self._width, self._measure(entry, opened))
            self._heights[entry.key] = known
        return known.height

    def is_exact(self, row: int) -> bool:
        """Whether a row's height is known for the present width."""
        known = self._heights.get(self._items.entry(row).key)
        return (
            known is not None
            and known.entry is self._items.entry(row)
            and known.opened == self._items.is_opened(row)
            and known.width == self._width
        )

    def spot(self, row: int, rect: QRect, position: QPoint) -> Spot | None:
        """What lies under the pointer, if it can be clicked."""
        entry, opened = self._items.entry(row), self._items.is_opened(row)
        if isinstance(entry, CallMade):
            return self._calls.spot(entry, opened, rect, position)
        if isinstance(entry, Streaming):
            return None
        return self._texts.spot(entry, opened, rect, position)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: D102
        row = index.row()
        entry = self._items.entry(row)
        if isinstance(entry, Streaming):
            return QSize(self._width, self._live_height)
        if self._spent < SLICE_SECONDS or self.is_exact(row):
            began = time.perf_counter()
            height = self.exact(row)
            self._spent += time.perf_counter() - began
            return QSize(self._width, height)
        self._slices.start()
        known = self._heights.get(entry.key)
        return QSize(self._width, known.height if known is not None else _guess(entry, self._width))

    def paint(  # noqa: D102
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.row()
        entry, opened, rect = self._items.entry(row), self._items.is_opened(row), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A row may be many windows high; only what can be seen of it is painted.
        painter.setClipRect(rect.intersected(self._view.viewport().rect()))
        if self._items.is_left_out(row):
            painter.setOpacity(LEFT_OUT)
        if isinstance(entry, CallMade):
            self._calls.paint(painter, rect, entry, opened)
        elif not isinstance(entry, Streaming):
            self._texts.paint(painter, rect, entry, opened)
        if self._is_current(row):
            # The row that the keyboard is on, or that a search came to.
            bar = QRect(rect.left() + 4, rect.top() + GAP, 3, rect.height() - 2 * GAP)
            painter.fillRect(bar, self._theme.color("accent"))
        painter.restore()

    def _is_current(self, row: int) -> bool:
        view = self._view
        if not isinstance(view, QAbstractItemView) or view.currentIndex().row() != row:
            return False
        return view.hasFocus() or bool(self._documents.marked)

    def _measure(self, entry: Entry, opened: bool) -> int:
        match entry:
            case CallMade():
                return self._calls.height(entry, opened, self._width)
            case Streaming():
                return self._live_height
            case HumanSaid() | AgentSaid() | Note() | TurnFooter():
                return self._texts.height(entry, opened, self._width)
            case _:
                assert_never(entry)

    def _measure_slice(self) -> None:
        """Measures rows from the newest back until the time is up, then asks for a layout."""
        began = time.perf_counter()
        left = False
        for row in range(self._items.rowCount() - 1, -1, -1):
            if self.is_exact(row) or isinstance(self._items.entry(row), Streaming):
                continue
            if time.perf_counter() - began > SLICE_SECONDS:
                left = True
                break
            self.exact(row)
        self._spent = SLICE_SECONDS if left else 0.0
        if left:
            self._slices.start()
        self.heights_changed.emit()


def _guess(entry: Entry, width: int) -> int:
    match entry:
        case HumanSaid() | AgentSaid() | Note():
            return 40 + 18 * (1 + len(entry.text) * 7 // max(width, 100))
        case _:
            return 36

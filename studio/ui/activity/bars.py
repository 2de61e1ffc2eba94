"""Bars: how long each line took, as a length beside the figure."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.activity.items import Role
from studio.ui.theme import Theme

FIGURE = 68
"""Pixels that the figure takes; the bar stands right of it."""

HEIGHT = 6
LEAST = 2


class Bars(QStyledItemDelegate):
    """Paints the figure and beside it a bar as long as the root of the time, so that short ones stay visible."""

    def __init__(self, theme: Theme, longest: Callable[[], float], parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._longest = longest

    def paint(  # noqa: D102
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        milliseconds, longest = index.data(Role.MILLISECONDS), self._longest()
        if not milliseconds or longest <= 0:
            return
        room = option.rect.width() - FIGURE - 8
        length = max(room * math.sqrt(min(milliseconds / longest, 1.0)), LEAST)
        top = option.rect.top() + (option.rect.height() - HEIGHT) / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(QRectF(option.rect.left() + FIGURE, top, length, HEIGHT), 2, 2)
        painter.restore()

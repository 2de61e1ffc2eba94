"""Small marks of state: a dot, a count."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.labels import label

_DOT = 8


class StatusDot(QWidget):
    """A dot in a theme colour; hollow ones stand for what is off, so that colour alone never tells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._color = "text_faint"
        self._hollow = True
        theme.changed.connect(self.update)
        self.setFixedSize(self.sizeHint())

    def show_state(self, color: str, words: str, *, hollow: bool = False) -> None:
        """Takes the theme colour `color`; `words` say the same to people who do not see it."""
        self._color, self._hollow = color, hollow
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the dot."""
        return QSize(_DOT + 4, _DOT + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws the dot or ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color(self._color)
        if self._hollow:
            painter.setPen(QPen(color, 1.5))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
        painter.drawEllipse(QRectF(2.5, 2.5, _DOT - 1, _DOT - 1))


def count_badge(parent: QWidget) -> QLabel:
    """A small number in the accent colour, hidden until `show_count` has one to show."""
    made = label("", "countBadge", parent=parent)
    made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setFixedHeight(14)
    made.hide()
    return made


def show_count(badge: QLabel, count: int) -> None:
    """Shows `count`, 99+ at most; nothing for 0."""
    badge.setText(str(count) if count < 100 else "99+")
    badge.adjustSize()
    badge.setFixedWidth(max(14, badge.sizeHint().width()))
    badge.setVisible(count > 0)

"""Shades: how the parts of a picture are told apart, by colour and by pattern, so that neither is needed alone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme

_PATTERNS = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense4Pattern,
    Qt.BrushStyle.CrossPattern,
    Qt.BrushStyle.FDiagPattern,
    Qt.BrushStyle.Dense6Pattern,
)
SHADES = len(_PATTERNS)


def color(theme: Theme, at: int) -> QColor:
    """The colour of a part by its place."""
    return theme.color(f"chart_{at % SHADES + 1}")


def brush(theme: Theme, at: int) -> QBrush:
    """The fill of a part by its place."""
    return QBrush(color(theme, at), _PATTERNS[at % SHADES])


class Swatch(QWidget):
    """A small square in the shade of a part, for a legend."""

    def __init__(self, theme: Theme, at: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._at = at
        self.setFixedSize(14, 14)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws the square."""
        painter = QPainter(self)
        painter.setPen(QPen(color(self._theme, self._at)))
        painter.setBrush(brush(self._theme, self._at))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

"""Bars: a short list of names, each with a bar and its figure in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown, tooltip

_HEIGHT = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One row; `solid` and, following it, `hatched` are parts of the whole width, `color` a name of the theme's."""

    name: str
    figure: str
    solid: float
    hatched: float = 0.0
    hint: str = ""
    color: str = "chart_1"
    act: Callable[[], object] | None = None


class Bars(QWidget):
    """A list of bars that is shown anew as a whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 2)

    def show_bars(self, bars: Sequence[Bar], nothing: str) -> None:
        """Shows these, or what to say when there is none."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not bars:
            self._grid.addWidget(label(nothing, "muted", wrap=True), 0, 0, 1, 3)
        for at, bar in enumerate(bars):
            strip = _Strip(self._theme, bar)
            figure = label(shown(bar.figure), "small")
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate((_name(bar), strip, figure)):
                widget.setToolTip(tooltip(bar.hint or bar.name))
                self._grid.addWidget(widget, at, column)

    def texts(self) -> list[tuple[str, str]]:
        """Names and figures as they are shown."""
        cells = [[self._grid.itemAtPosition(row, column) for column in (0, 2)] for row in range(self._grid.rowCount())]
        widgets = [[cell.widget() if cell else None for cell in row] for row in cells]
        return [
            (name.text(), figure.text())
            for name, figure in widgets
            if isinstance(name, QLabel | QPushButton) and isinstance(figure, QLabel)
        ]


class _Strip(QWidget):
    def __init__(self, theme: Theme, bar: Bar) -> None:
        super().__init__()
        self._theme = theme
        self._bar = bar
        self.setAccessibleName(f"{shown(bar.name)}: {shown(bar.figure)}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(60, _HEIGHT + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -0.5)
        shade = self._theme.color(self._bar.color)
        painter.setPen(QPen(self._theme.color("line")))
        painter.drawRect(room)
        solid = min(max(self._bar.solid, 0.0), 1.0)
        hatched = min(max(self._bar.hatched, 0.0), 1.0 - solid)
        painter.fillRect(QRectF(room.left(), room.top(), room.width() * solid, room.height()), shade)
        if hatched:
            part = QRectF(room.left() + room.width() * solid, room.top(), room.width() * hatched, room.height())
            painter.setPen(QPen(shade))
            painter.setBrush(QBrush(shade, Qt.BrushStyle.BDiagPattern))
            painter.drawRect(part)


def _name(bar: Bar) -> QWidget:
    if bar.act is None:
        # Names of one list often begin alike.
        return ElidedLabel(bar.name, Qt.TextElideMode.ElideMiddle)
    made = button(shown(bar.name).replace("&", "&&"), bar.act, "flat")
    made.setStyleSheet("text-align: left; padding: 0 2px; min-height: 0")
    return made

"""Charts over days: stacked bars and lines, of which one day is marked and read out, by pointer or by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from math import nan
from typing import Any

import pyqtgraph
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme
from studio.ui.usage.shades import brush, color
from studio.ui.usage.stack import Part

_MOST_TICKS = 8
_HEIGHT = 170
_DENSITY = 0.6
_BAR = 0.7
_HEADROOM = 1.08


class DayChart(pyqtgraph.PlotWidget):  # type: ignore[misc]  # the library has no types
    """One picture with a place for each day; nothing of it is dragged or zoomed, and the wheel scrolls the page.

    `mark` writes a value of the axis, told how far its marks stand apart.

    Signals: `current_changed(int)` another day is marked, -1 for none.
    """

    current_changed = Signal(int)

    def __init__(
        self, theme: Theme, name: str, mark: Callable[[float, float], str], parent: QWidget | None = None
    ) -> None:
        self._marks = _Axis(mark)
        super().__init__(parent, axisItems={"left": self._marks})
        self._theme = theme
        self._draw: Callable[[], None] = lambda: None
        self._days: tuple[date, ...] = ()
        self._top = 1.0
        self._cursor: Any = None
        self.current = -1
        self.setObjectName("chart")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFixedHeight(_HEIGHT)
        self.scene().sigMouseMoved.connect(self._on_moved)
        theme.changed.connect(self._dress)
        self._dress()

    def show_parts(self, days: tuple[date, ...], parts: Sequence[Part]) -> None:
        """Stacks the parts of each day."""
        self._take(days, max((sum(values) for values in zip(*(part.values for part in parts), strict=True)), default=0))
        self._draw = lambda: self._draw_parts(parts)
        self._dress()

    def show_line(self, days: tuple[date, ...], values: Sequence[float | None], top: float) -> None:
        """Draws one value of each day up to `top`, with a gap where there is none."""
        self._take(days, top)
        self._draw = lambda: self._draw_line(values)
        self._dress()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, Right, Home and End mark another day."""
        last = len(self._days) - 1
        wanted = {
            Qt.Key.Key_Left: last if self.current < 0 else max(self.current - 1, 0),
            Qt.Key.Key_Right: min(self.current + 1, last),
            Qt.Key.Key_Home: min(0, last),
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
        else:
            self.mark(wanted)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaves the wheel to the page."""
        event.ignore()

    def leaveEvent(self, event: Any) -> None:
        """Marks no day any more, unless it is walked through by key."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self.mark(-1)

    def mark(self, at: int) -> None:
        """Marks a day by its place, or none."""
        if at != self.current:
            self.current = at
            self._show_cursor()
            self.current_changed.emit(at)

    def _take(self, days: tuple[date, ...], top: float) -> None:
        self._days = days
        self._top = (top or 1.0) * _HEADROOM
        self.current = -1

    def _on_moved(self, where: QPointF) -> None:
        spot = self.getViewBox().mapSceneToView(where)
        at = round(spot.x())
        self.mark(at if 0 <= at < len(self._days) and self._holds(where) else -1)

    def _holds(self, where: QPointF) -> bool:
        return bool(self.getViewBox().sceneBoundingRect().contains(where))

    def _dress(self) -> None:
        theme = self._theme
        self.setBackground(theme.color("surface"))
        self.clear()
        self._cursor = None
        bottom = self.getAxis("bottom")
        font = theme.ui_font()
        font.setPixelSize(theme.size("font_small") - 1)
        for axis in (bottom, self._marks):
            axis.setPen(QPen(theme.color("line")))
            axis.setTextPen(theme.color("text_muted"))
            axis.setTickFont(font)
        step = max(1, -(-len(self._days) // _MOST_TICKS))
        bottom.setTicks([[(at, _tick(day)) for at, day in enumerate(self._days) if at % step == 0]])
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.15)
        self.setXRange(-0.6, max(len(self._days), 1) - 0.4, padding=0)
        self.setYRange(0, self._top, padding=0)
        self._draw()
        self._show_cursor()

    def _draw_parts(self, parts: Sequence[Part]) -> None:
        places = list(range(len(self._days)))
        floor = [0.0] * len(places)
        for at, part in enumerate(parts):
            self.addItem(
                pyqtgraph.BarGraphItem(
                    x=places,
                    y0=list(floor),
                    height=list(part.values),
                    width=_BAR,
                    brush=brush(self._theme, at),
                    pen=QPen(color(self._theme, at), 0),
                )
            )
            floor = [low + value for low, value in zip(floor, part.values, strict=True)]

    def _draw_line(self, values: Sequence[float | None]) -> None:
        line = color(self._theme, 0)
        self.plot(
            list(range(len(values))),
            [nan if value is None else value for value in values],
            pen=pyqtgraph.mkPen(line, width=2),
            symbol="o",
            symbolSize=6,
            symbolBrush=line,
            symbolPen=None,
            connect="finite",
        )

    def _show_cursor(self) -> None:
        if self._cursor is not None:
            self.removeItem(self._cursor)
            self._cursor = None
        if 0 <= self.current < len(self._days):
            ground = self._theme.color("text")
            ground.setAlpha(28)
            self._cursor = pyqtgraph.BarGraphItem(
                x=[self.current], y0=[0], height=[self._top], width=1.0, brush=ground, pen=None
            )
            self._cursor.setZValue(-10)
            self.addItem(self._cursor)


class _Axis(pyqtgraph.AxisItem):  # type: ignore[misc]  # the library has no types
    """An axis that writes its marks as it is told."""

    def __init__(self, mark: Callable[[float, float], str]) -> None:
        super().__init__("left")
        self.mark = mark
        self.setTickDensity(_DENSITY)
        # The library would else put a factor into the axis's title and divide the marks by it.
        self.enableAutoSIPrefix(False)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The marks in words."""
        return [self.mark(value, spacing) for value in values]


def _tick(day: date) -> str:
    return f"{day.day} {day:%b}"

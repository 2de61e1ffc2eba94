"""The tab bar: names in italics for previews, a dot for unsaved text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QStyle,
    QStyleOptionTab,
    QStylePainter,
    QTabBar,
    QWidget,
)

from studio.ui.theme import Theme
from studio.ui.widgets.names import shown, tooltip

_CROSS = 3.5


class TabBar(QTabBar):
    """Tabs that can be moved, closed and, when they are previews, kept.

    Signals: `close_requested(int)`, `keep_requested(int)` after a double click.
    """

    close_requested = Signal(int)
    keep_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName("Open files")
        self.tabBarDoubleClicked.connect(self.keep_requested)

    def add(self, title: str, path: str, *, preview: bool) -> int:
        """Adds a tab at the end and returns where it is."""
        index = self.addTab("")
        self.rename(index, title)
        self.setTabToolTip(index, tooltip(path))
        self.setTabData(index, preview)
        button = _CloseButton(self._theme, title, self)
        button.clicked.connect(lambda: self.close_requested.emit(self._index_of(button)))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)
        return index

    def rename(self, index: int, title: str) -> None:
        """Gives a tab another name."""
        self.setTabText(index, shown(title).replace("&", "&&"))

    def is_preview(self, index: int) -> bool:
        """Whether the next previewed file may take this tab's place."""
        return bool(self.tabData(index))

    def keep(self, index: int) -> None:
        """Makes a preview an ordinary tab."""
        self.setTabData(index, False)
        self.update()

    def is_dirty(self, index: int) -> bool:
        """Whether the tab shows the dot."""
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        return isinstance(button, _CloseButton) and button.dirty

    def set_dirty(self, index: int, dirty: bool) -> None:
        """Shows or hides the dot of unsaved text."""
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        if isinstance(button, _CloseButton):
            button.dirty = dirty
            button.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws each tab with its own font."""
        painter = QStylePainter(self)
        for index in (*(i for i in range(self.count()) if i != self.currentIndex()), self.currentIndex()):
            if index < 0:
                continue
            option = QStyleOptionTab()
            self.initStyleOption(option, index)
            font = self.font()
            font.setItalic(self.is_preview(index))
            painter.setFont(font)
            painter.drawControl(QStyle.ControlElement.CE_TabBarTab, option)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The middle button closes."""
        if event.button() is Qt.MouseButton.MiddleButton:
            index = self.tabAt(event.position().toPoint())
            if index >= 0:
                self.close_requested.emit(index)
        super().mouseReleaseEvent(event)

    def _index_of(self, button: QAbstractButton) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next(index for index in range(self.count()) if self.tabButton(index, side) is button)


class _CloseButton(QAbstractButton):
    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.dirty = False
        self.setAccessibleName(f"Close {title}")
        self.setToolTip("Close (Ctrl+W)")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(18, 18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(self.rect()).center()
        if self.underMouse():
            self._draw_hover(painter)
        if self.dirty and not self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("warn"))
            painter.drawEllipse(middle, 4.5, 4.5)
            return
        painter.setPen(QPen(self._theme.color("text_muted"), 1.2))
        painter.drawLine(middle + QPointF(-_CROSS, -_CROSS), middle + QPointF(_CROSS, _CROSS))
        painter.drawLine(middle + QPointF(-_CROSS, _CROSS), middle + QPointF(_CROSS, -_CROSS))

    def _draw_hover(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("selected"))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)

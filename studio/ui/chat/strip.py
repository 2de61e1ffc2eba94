"""The strip: a chip for every run of the project, one for a new chat, and the button that begins one."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QToolButton, QWidget

from studio.base.text import shorten
from studio.domain.ids import RunId
from studio.domain.parked import until_words
from studio.domain.runs import Outcome, RunState
from studio.ui.chat.runs import RunRow
from studio.ui.chat.words import model_title, role_title, state_title
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.names import shown, tooltip

SHOWN = 12
"""Older runs are in the menu at the end of the strip."""

TITLE_CHARACTERS = 20
DOT = 12


class Strip(QWidget):
    """Chips in the order of the runs given, newest first.

    Signals:
        chosen: a run's id, or None for the new chat
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[RunRow, ...] = ()
        self._current: RunId | None = None
        self.bar = QTabBar(self)
        self.bar.setObjectName("agents")
        self.bar.setAccessibleName("Agents")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(True)
        self.bar.setIconSize(QSize(DOT, DOT))
        self.bar.currentChanged.connect(self._on_current)
        self.new = IconButton(theme, "add", "New chat")
        self.new.clicked.connect(lambda: self.chosen.emit(None))
        self.more = QToolButton(self)
        self.more.setObjectName("more_runs")
        self.more.setText("All ▾")
        self.more.setAccessibleName("All chats")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        self.more.menu().aboutToShow.connect(self._fill_menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self.new)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.more)
        theme.changed.connect(self.restyle)
        self.restyle()

    def show_rows(self, rows: tuple[RunRow, ...], current: RunId | None) -> None:
        """Shows the runs with `current` chosen; emits nothing."""
        self._rows, self._current = rows, current
        visible = self._visible()
        self.bar.blockSignals(True)
        is_new = all(row.id != current for row in visible)
        while self.bar.count() > len(visible) + is_new:
            self.bar.removeTab(self.bar.count() - 1)
        while self.bar.count() < len(visible) + is_new:
            self.bar.addTab("")
        if is_new:
            self._dress(0, "New chat", QIcon(), "New chat", None)
        for index, row in enumerate(visible, int(is_new)):
            self._dress(index, _chip(row), self._dot(row), _describe(row), row.id)
        self.bar.setCurrentIndex(next((index for index, row in enumerate(visible) if row.id == current), 0))
        self.bar.blockSignals(False)
        self.more.setVisible(len(rows) > SHOWN)

    def restyle(self) -> None:
        """Takes colours from the theme again."""
        color = {name: self._theme.color(name).name() for name in ("line", "text", "text_muted", "selected", "accent")}
        self.setStyleSheet(
            f"QTabBar#agents::tab {{ border: 1px solid {color['line']}; border-radius: 6px; padding: 2px 9px;"
            f" height: 20px; margin-right: 6px; color: {color['text_muted']}; background: transparent; }}"
            f"QTabBar#agents {{ background: transparent; }}"
            f"QTabBar#agents::tab:selected {{ border-color: {color['line']};"
            f" background: {color['selected']}; color: {color['text']}; }}"
            f"QTabBar#agents::tab:focus {{ border-color: {color['accent']}; }}"
            f"#more_runs {{ border: none; color: {color['text_muted']}; padding: 4px; }}"
            "#more_runs::menu-indicator { image: none; }"
        )
        self.show_rows(self._rows, self._current)

    def _visible(self) -> list[RunRow]:
        first = list(self._rows[:SHOWN])
        if self._current is not None and all(row.id != self._current for row in first):
            first += [row for row in self._rows if row.id == self._current]
        return first

    def _dress(self, index: int, text: str, icon: QIcon, about: str, run: RunId | None) -> None:
        text = text.replace("&", "&&")
        if self.bar.tabText(index) != text:
            self.bar.setTabText(index, text)
        self.bar.setTabIcon(index, icon)
        self.bar.setTabToolTip(index, tooltip(about))
        self.bar.setAccessibleTabName(index, about)
        self.bar.setTabData(index, run)

    def _on_current(self, index: int) -> None:
        if index >= 0:
            self._current = self.bar.tabData(index)
            self.chosen.emit(self._current)

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for row in self._rows:
            menu.addAction(self._dot(row), _describe(row).replace("&", "&&"), lambda run=row.id: self.chosen.emit(run))

    def _dot(self, row: RunRow) -> QIcon:
        """Status by shape and colour."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(int(DOT * ratio), int(DOT * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_dot(painter, row, self._theme)
        painter.end()
        return QIcon(pixmap)


def _paint_dot(painter: QPainter, row: RunRow, theme: Theme) -> None:
    box = QRectF(2, 2, DOT - 4, DOT - 4)
    failed = row.outcome in (Outcome.FAILED, Outcome.REFUSED)

    def fill(color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)

    match row.state:
        case RunState.WORKING:
            fill(theme.color("accent"))
            painter.drawEllipse(box)
        case RunState.WAITING:
            fill(theme.color("warn"))
            middle = box.center()
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(middle.x(), 1),
                        QPointF(DOT - 1, middle.y()),
                        QPointF(middle.x(), DOT - 1),
                        QPointF(1, middle.y()),
                    ]
                )
            )
        case RunState.PARKED:
            fill(theme.color("text_muted"))
            for left in (3.0, 7.0):
                painter.drawRect(QRectF(left, 2, 2, DOT - 4))
        case RunState.MERGED:
            painter.setPen(QPen(theme.color("ok"), 2))
            painter.drawPolyline(QPolygonF([QPointF(2, 6), QPointF(5, 9), QPointF(10, 3)]))
        case RunState.IDLE if failed:
            fill(theme.color("error"))
            painter.drawRect(box)
        case RunState.IDLE if row.outcome is not None:
            fill(theme.color("ok"))
            painter.drawEllipse(box)
        case _:
            painter.setPen(QPen(theme.color("text_muted"), 1.5))
            painter.drawEllipse(box)


def _chip(row: RunRow) -> str:
    """What the run is about: its state stands in the dot before it, so that chips keep their width."""
    return shown(shorten(row.title, TITLE_CHARACTERS)) or role_title(row.role, row.role_title)


def _describe(row: RunRow) -> str:
    title = shown(shorten(row.title, 80))
    who = role_title(row.role, row.role_title)
    return f"{who} · {model_title(row.model)} · {_standing(row)}: {title}"


def _standing(row: RunRow) -> str:
    if row.state is RunState.PARKED and row.until is not None:
        return f"parked {until_words(row.until, datetime.now(UTC))}"
    return state_title(row.state, row.outcome)

"""The gauge: a small ring that fills with the model's context, and what fills it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.ui.chat.filling import Filling
from studio.ui.chat.words import amount
from studio.ui.theme import Theme
from studio.ui.widgets.labels import label

FULL_PERCENT = 70
"""From here on the ring warns: older steps will soon be told in one line each."""

_SIZE = 26
_RING = 13
_COLORS = {
    "rules": "info",
    "role": "text_faint",
    "goal": "ok",
    "plan": "warn",
    "notes": "code_string",
    "conversation": "accent",
    "outputs": "code_number",
}


class ContextGauge(QToolButton):
    """Shows how full the context is; hovered it says so in words, pressed it opens what fills it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._filling = Filling()
        self.details = GaugeDetails(theme, self)
        # They stand on the window, so that nothing of the chat covers them, and yet go with this.
        self.destroyed.connect(self.details.deleteLater)
        self.setObjectName("context_gauge")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)
        theme.changed.connect(self.update)
        self.hide()

    def show_filling(self, filling: Filling) -> None:
        """Shows another state; while nothing is known the gauge is not there."""
        self._filling = filling
        self.setVisible(filling.window > 0)
        self.setAccessibleName(filling.sentence)
        parts = [f"{title}: {amount(tokens)}" for _, title, tokens in filling.shown]
        self.setToolTip("\n".join([filling.sentence, *parts]))
        self.details.show_filling(filling)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(_SIZE, _SIZE)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        self.details.hide()
        super().hideEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("selected"))
            painter.drawRoundedRect(self.rect(), 4, 4)
        ring = QRectF(0, 0, _RING, _RING)
        ring.moveCenter(QRectF(self.rect()).center())
        # The part that is not filled has to be seen by itself, too.
        self._arc(painter, ring, self.theme.color("text_faint"), 360, 1.2)
        color = "warn" if self._filling.percent >= FULL_PERCENT else "accent"
        self._arc(painter, ring, self.theme.color(color), 3.6 * self._filling.percent, 3.0)

    @staticmethod
    def _arc(painter: QPainter, ring: QRectF, color: QColor, degrees: float, width: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawArc(ring, 90 * 16, -round(16 * degrees))

    def _open(self) -> None:
        if self.details.isVisible():
            self.details.hide()
            return
        window = self.window()
        self.details.setParent(window)
        self.details.adjustSize()
        corner = self.mapTo(window, QPoint(self.width() - self.details.width(), -self.details.height() - 4))
        self.details.move(max(corner.x(), 0), max(corner.y(), 0))
        self.details.show()
        self.details.raise_()
        self.details.setFocus(Qt.FocusReason.PopupFocusReason)


class GaugeDetails(QFrame):
    """What fills the context: a bar of its parts, and each with its tokens; Escape or going elsewhere closes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._opener = parent
        self.setObjectName("gauge_details")
        self.setAccessibleName("What fills the context")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = label("", "gauge_title", wrap=True, parent=self)
        self._bar = _Bar(theme, self)
        self._parts: list[QWidget] = []
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(3)
        self._rows.setColumnStretch(1, 1)
        self._note = label("", "gauge_note", wrap=True, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._bar)
        layout.addLayout(self._rows)
        layout.addWidget(self._note)
        self.setFixedWidth(290)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space):
            self._opener.setFocus(Qt.FocusReason.PopupFocusReason)
            self.hide()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102
        # A press on the ring itself closes it there.
        if not self._opener.underMouse():
            self.hide()
        super().focusOutEvent(event)

    @property
    def note(self) -> str:
        """What is said below them."""
        return self._note.text()

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The parts as they are shown, each with its tokens."""
        texts = [each.text() for each in self.findChildren(QLabel, "gauge_part")]
        return list(zip(texts[::2], texts[1::2], strict=True))

    def show_filling(self, filling: Filling) -> None:
        """Shows another state."""
        self._title.setText(filling.sentence)
        self._bar.show_filling(filling)
        for old in self._parts:
            old.setParent(None)
            old.deleteLater()
        self._parts = []
        for row, (key, title, tokens) in enumerate(filling.shown):
            square = _Square(self._theme, _COLORS[key], self)
            name, count = label(title, "gauge_part", parent=self), label(amount(tokens), "gauge_part", parent=self)
            count.setAlignment(Qt.AlignmentFlag.AlignRight)
            for column, part in enumerate((square, name, count)):
                self._rows.addWidget(part, row, column)
                self._parts.append(part)
        told = f"{filling.compacted} older steps are told in one line each. " if filling.compacted else ""
        self._note.setText(f"{told}Your newest messages, the plan and the rules are never shortened.")

    def _restyle(self) -> None:
        color = {name: self._theme.color(name).name() for name in ("raised", "line", "text", "text_muted")}
        self.setStyleSheet(
            f"#gauge_details {{ background: {color['raised']}; border: 1px solid {color['line']}; }}"
            f"QLabel {{ color: {color['text']}; }}"
            f"#gauge_note {{ color: {color['text_muted']}; }}"
        )


class _Bar(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._filling = Filling()
        self.setFixedHeight(8)

    def show_filling(self, filling: Filling) -> None:
        self._filling = filling
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("line"))
        at = 0.0
        whole = max(self._filling.window, self._filling.total, 1)
        for key, _title, tokens in self._filling.shown:
            wide = self.width() * tokens / whole
            painter.fillRect(QRectF(at, 0, wide, self.height()), self._theme.color(_COLORS[key]))
            at += wide


class _Square(QWidget):
    def __init__(self, theme: Theme, color: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._color = theme, color
        self.setFixedSize(10, 10)

    def paintEvent(self, _: QPaintEvent) -> None:
        QPainter(self).fillRect(QRect(0, 0, 10, 10), self._theme.color(self._color))

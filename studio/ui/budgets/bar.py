"""A budget as a bar: what is paid, what is held, and what is left of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.domain.budgets import Balance
from studio.ui.theme import Theme

HEIGHT = 10


class BudgetBar(QWidget):
    """Paid is solid, held is an outline, the alert a thin line: colour alone never tells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._balance: Balance | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_balance(self, balance: Balance, words: str) -> None:
        """Shows where a budget stands; `words` say the same to people who do not see it."""
        self._balance = balance
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    @property
    def parts(self) -> tuple[float, float]:
        """The shares of the bar that are paid and held, together one at most."""
        balance = self._balance
        if balance is None:
            return 0.0, 0.0
        ceiling = balance.budget.ceiling_nusd
        paid = min(balance.paid_nusd / ceiling, 1.0) if ceiling else 1.0
        held = min(balance.held_nusd / ceiling, 1.0 - paid) if ceiling else 0.0
        return paid, held

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(120, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws the ground, then what is gone."""
        if self._balance is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = QPainterPath()
        ground.addRoundedRect(room, HEIGHT / 2, HEIGHT / 2)
        painter.fillPath(ground, self._theme.color("selected"))
        painter.setClipPath(ground)
        paid, held = self.parts
        color = self._theme.color(_color(self._balance))
        painter.fillRect(QRectF(room.left(), room.top(), room.width() * paid, room.height()), color)
        if held:
            part = QRectF(room.left() + room.width() * paid, room.top(), room.width() * held, room.height())
            pale = self._theme.color(_color(self._balance))
            pale.setAlphaF(0.35)
            painter.fillRect(part, pale)
            painter.setPen(QPen(color, 1, Qt.PenStyle.DotLine))
            painter.drawLine(part.topRight(), part.bottomRight())
        alert = room.left() + room.width() * self._balance.budget.alert_percent / 100
        painter.setPen(QPen(self._theme.color("text_faint"), 1))
        painter.drawLine(QPointF(alert, room.top()), QPointF(alert, room.bottom()))


def _color(balance: Balance) -> str:
    if balance.left_nusd <= 0:
        return "error"
    return "warn" if balance.used * 100 >= balance.budget.alert_percent else "accent"

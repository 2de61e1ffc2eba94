"""The budget in the status bar: how much is gone of the one that ends first, all the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton

from studio.domain.budgets import Balance, in_words
from studio.domain.events import (
    BudgetAlerted,
    BudgetRemoved,
    BudgetSet,
    Delta,
    ModelFailed,
    Recorded,
    ReservationReleased,
    UsageRecorded,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.money import NanoUsd, show
from studio.ui.bridge import Bridge
from studio.ui.status.view import StatusView
from studio.ui.theme import Theme

_CHANGES = (UsageRecorded, ModelFailed, BudgetSet, BudgetRemoved, BudgetAlerted, ReservationReleased)
_SETTLE_MILLISECONDS = 500
_AGAIN_MILLISECONDS = 600_000
"""Days and months end without an event."""

_PICTURE, _WIDE = QSize(42, 6), 36
"""The bar, and the gap between it and its words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget is shown: its words, what they mean, how much of the bar is full, and its colour."""

    text: str
    hint: str
    part: float
    color: str


class BudgetItem(QObject):
    """Keeps one item of the status bar at the budget, of those that pay for what is shown, that ends first."""

    def __init__(self, bridge: Bridge, theme: Theme, view: StatusView) -> None:
        super().__init__(view)
        self._bridge = bridge
        self._theme = theme
        self._view = view
        self._project: ProjectId | None = None
        self._run: RunId | None = None
        self._standing: Standing | None = None
        self._due = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._due.timeout.connect(self.read)
        again = QTimer(self, interval=_AGAIN_MILLISECONDS, timerType=Qt.TimerType.VeryCoarseTimer)
        again.timeout.connect(self.read)
        again.start()
        theme.changed.connect(self._draw)
        bridge.ready.connect(self.read)

    @property
    def _button(self) -> QPushButton:
        return self._view.items["budget"]

    def follow(self, project: ProjectId | None, run: RunId | None) -> None:
        """Shows what pays for another run, or for another project where none is shown."""
        self._project, self._run = project, run
        self._due.start()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after something was paid or a budget was changed."""
        # Not put off by what follows: agents that work for long would never let it be read.
        if not self._due.isActive() and any(
            isinstance(item, Recorded) and isinstance(item.event, _CHANGES) for item in events
        ):
            self._due.start()

    def read(self) -> None:
        """Asks where the budgets stand."""
        asked = self._project, self._run

        def done(balance: Balance | None) -> None:
            if asked == (self._project, self._run):
                self._standing = standing(balance) if balance is not None else None
                self._draw()

        self._bridge.call(lambda studio: studio.budgets.nearest(*asked), done)

    def _draw(self) -> None:
        found = self._standing
        self._view.say("budget", found.text if found else "", found.hint if found else "")
        if found is not None:
            self._button.setIconSize(_PICTURE)
            self._button.setIcon(self._bar(found))
            self._button.setAccessibleName(found.hint)

    def _bar(self, found: Standing) -> QIcon:
        ratio = self._view.devicePixelRatioF()
        picture = QPixmap(_PICTURE * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, 0, _WIDE, _PICTURE.height())
        for part, color in ((1.0, "line"), (found.part, found.color)):
            painter.setBrush(self._theme.color(color))
            # Never shorter than its round ends: a little that is gone is seen.
            width = max(whole.width() * part, whole.height()) if part else 0.0
            painter.drawRoundedRect(QRectF(0, 0, width, whole.height()), 3, 3)
        painter.end()
        return QIcon(picture)


def standing(balance: Balance) -> Standing:
    """How a budget is shown: calm, until a person is told that it runs out; then its colour and its words say so."""
    budget = balance.budget
    percent = f"{int(balance.gone * 100)}%"
    gone = show(NanoUsd(balance.paid_nusd + balance.kept_nusd))
    held = NanoUsd(max(0, balance.held_nusd - balance.kept_nusd))
    under_way = f" {show(held)} more is held for calls under way." if held else ""
    hint = f"{gone} of the budget of {in_words(budget)} is used.{under_way} Show usage"
    part = min(balance.gone, 1.0)
    if balance.gone >= 1:
        return Standing("budget used up", hint, part, "error")
    words = f"{percent} of {show(budget.ceiling_nusd)}"
    if balance.runs_out:
        return Standing(f"! {words}", hint, part, "warn")
    return Standing(words, hint, part, "accent")

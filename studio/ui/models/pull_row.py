"""One model that is fetched: how far it is, how it ended, and the one thing that can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.base.text import sized
from studio.domain.pulls import Pull, PullState, PullStep
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton, button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown_lines

HEIGHT = 6

_STEPS = {
    PullStep.ASKING: "Asking what it consists of\N{HORIZONTAL ELLIPSIS}",
    PullStep.FETCHING: "Fetching\N{HORIZONTAL ELLIPSIS}",
    PullStep.CHECKING: "Checking what came\N{HORIZONTAL ELLIPSIS}",
    PullStep.SAVING: "Saving\N{HORIZONTAL ELLIPSIS}",
}


class PullRow(QWidget):
    """Signals: `stop_wanted()`; `again_wanted()`; `dismissed()`."""

    stop_wanted = Signal()
    again_wanted = Signal()
    dismissed = Signal()

    def __init__(self, theme: Theme, pull: Pull, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pull = pull
        self.name = ElidedLabel(str(pull.model))
        self.name.setObjectName("strong")
        self.said = label("", "small", wrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = ShareBar(theme)
        self.stop = button("Stop", self.stop_wanted.emit)
        self.again = button("Go on", self.again_wanted.emit)
        self.dismiss = IconButton(theme, "close", f"Close the message about {self.name.text()}")
        self.dismiss.clicked.connect(self.dismissed)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name, 1)
        for each in (self.stop, self.again, self.dismiss):
            head.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        self.show_pull(pull)

    def show_pull(self, pull: Pull) -> None:
        """Says how the pull stands now."""
        self.pull = pull
        running = not pull.state.over
        self.said.setText(shown_lines(in_words(pull)))
        self.bar.setVisible(pull.state is not PullState.DONE)
        self.bar.show_share(pull.progress.done / pull.progress.total if pull.progress.total else 0.0, at_work=running)
        self.stop.setVisible(running)
        self.stop.setEnabled(running)
        self.again.setVisible(pull.state in (PullState.STOPPED, PullState.FAILED))
        self.dismiss.setVisible(not running)
        for each, what in ((self.stop, "Stop fetching"), (self.again, "Go on fetching")):
            each.setAccessibleName(f"{what} {self.name.text()}")
        self.bar.setAccessibleName(f"{self.name.text()}: {self.said.text()}")


class ShareBar(QWidget):
    """A thin bar that is filled from the left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.share = 0.0
        self._at_work = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_share(self, share: float, *, at_work: bool) -> None:
        """Fills a part of it, from 0 to 1; paler where nothing is at work any more."""
        self.share, self._at_work = max(0.0, min(share, 1.0)), at_work
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(120, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws the ground, then the part that came."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect())
        ground = QPainterPath()
        ground.addRoundedRect(room, HEIGHT / 2, HEIGHT / 2)
        painter.fillPath(ground, self._theme.color("selected"))
        painter.setClipPath(ground)
        color = self._theme.color("accent" if self._at_work else "text_faint")
        painter.fillRect(QRectF(0, 0, room.width() * self.share, room.height()), color)


def in_words(pull: Pull) -> str:
    """How a pull stands, in a line or two."""
    progress = pull.progress
    came = f"{sized(progress.done)} of {sized(progress.total)}" if progress.total else ""
    match pull.state:
        case PullState.DONE:
            return f"It is there{f', {sized(progress.total)}' if progress.total else ''}."
        case PullState.STOPPED:
            return f"Stopped{f'; {came} came and are kept' if came else ''}."
        case PullState.FAILED:
            return f"{pull.sentence} {pull.action}".strip()
        case PullState.RUNNING if progress.step is PullStep.FETCHING and came:
            return f"{100 * progress.done // progress.total} %, {came}"
        case PullState.RUNNING:
            return _STEPS[progress.step]

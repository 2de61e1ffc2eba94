"""Home's widgets: recent projects as cards, ways to get one, and what is missing to work."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.ui.home.checks import CheckLines
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown
from studio.ui.widgets.states import Card

_COLUMN_WIDTH = 720
_CARDS_A_ROW = 2


class HomeView(QScrollArea):
    """A page in the middle of the window.

    Signals: `project_chosen(Project)`; `open_requested()`; `new_requested()`; `demo_requested()`;
    `again_requested()` the projects are to be read again.
    """

    project_chosen = Signal(object)
    open_requested = Signal()
    new_requested = Signal()
    demo_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Projects")
        self.checks = CheckLines(theme)
        self.cards: list[Card] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        for column in range(_CARDS_A_ROW):
            self._grid.setColumnStretch(column, 1)
        self._heading = label("RECENT PROJECTS", "heading")
        self._empty = label("Loading…", "muted", wrap=True)
        self.again = button("Try again", self.again_requested.emit)
        self.again.hide()
        self.open = button("Open a repository…", self.open_requested.emit, "primary")
        self.new = button("New project…", self.new_requested.emit)
        self.demo = button("Look around with a demo", self.demo_requested.emit)
        self._lay_out()

    def show_projects(self, projects: tuple[Project, ...], working: dict[ProjectId, tuple[int, int]]) -> None:
        """One card for each project; `working` has, by project, how many runs work and how many wait."""
        for card in self.cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._card(project, *working.get(project.id, (0, 0))) for project in projects]
        for index, card in enumerate(self.cards):
            self._grid.addWidget(card, index // _CARDS_A_ROW, index % _CARDS_A_ROW)
        self._empty.setText("None yet. Open a Git repository on this machine, or look around with the demo first.")
        self._empty.setVisible(not projects)
        self.again.hide()

    def show_unread(self, sentence: str) -> None:
        """Says, unless projects are shown already, that they are not known, and lets one try again."""
        self._empty.setText(sentence)
        self._empty.setVisible(not self.cards)
        self.again.setVisible(not self.cards)

    def show_failure(self, sentence: str) -> None:
        """Says why nothing can be opened at all."""
        self.set_busy(True)
        self._empty.setText(sentence)
        self._empty.show()
        self.again.hide()

    def set_busy(self, busy: bool, sentence: str = "") -> None:
        """Holds the buttons while something is being opened, and says what."""
        for widget in (self.open, self.new, self.demo, *self.cards):
            widget.setEnabled(not busy)
        self._busy.setText(sentence)

    def _lay_out(self) -> None:
        self._busy = label("", "muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.open, self.new, self.demo, self._busy):
            row.addWidget(widget)
        row.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(_COLUMN_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 48, 24, 24)
        column.setSpacing(16)
        column.addWidget(label("Studio", "title"))
        column.addWidget(label("Agents work in sandboxes, on branches that you review and merge.", "muted", wrap=True))
        column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(self._heading)
        column.addWidget(self._empty)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._grid)
        column.addWidget(self.checks)
        column.addStretch(1)
        ground = QWidget()
        ground.setObjectName("panelSurface")
        middle = QHBoxLayout(ground)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(1)
        middle.addWidget(page, 8)
        middle.addStretch(1)
        self.setWidget(ground)

    def _card(self, project: Project, working: int, waiting: int) -> Card:
        card = Card(f"Open {shown(project.name)}", clickable=True)
        card.pressed.connect(lambda: self.project_chosen.emit(project))
        card.column.setSpacing(4)
        name = ElidedLabel(project.name)
        font = name.font()
        font.setWeight(font.Weight.DemiBold)
        name.setFont(font)
        path = ElidedLabel(str(project.path), Qt.TextElideMode.ElideMiddle)
        path.setObjectName("small")
        card.column.addWidget(name)
        card.column.addWidget(path)
        card.column.addWidget(label(_state(working, waiting), "small"))
        return card


def _state(working: int, waiting: int) -> str:
    words = [f"{working} working"] if working else []
    words += [f"{waiting} waiting for you"] if waiting else []
    return " · ".join(words) or "nothing running"

"""The strip of agents: a line for each one that is at work in any project, whoever needs a person first."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.base.text import shorten
from studio.domain.ids import RunId
from studio.domain.runs import RunState
from studio.ui.chat.agents import Agent, Agents
from studio.ui.chat.words import state_title
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, tooltip

LINES = 4
"""How many lines stand at once; the others are reached by scrolling."""

ACT_CHARACTERS = 90
TITLE_CHARACTERS = 40
_RUN = Qt.ItemDataRole.UserRole
_ICONS = {
    RunState.WORKING: ("sync", "accent"),
    RunState.WAITING: ("question", "warn"),
    RunState.PARKED: ("debug-pause", "text_muted"),
}


class AgentsView(QWidget):
    """Takes no room while nobody is at work.

    Signals:
        chosen: the id of the run whose chat is wanted
        again_requested: the agents are to be read again
    """

    chosen = Signal(object)
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._agents: tuple[Agent, ...] = ()
        self._names: tuple[str, ...] = ()
        self.head = label("", "muted")
        self.again = button("Try again", self.again_requested.emit)
        self.again.hide()
        self.list = QListWidget(self)
        self.list.setObjectName("liveAgents")
        self.list.setAccessibleName("Agents at work")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(14, 14))
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 0)
        layout.setSpacing(2)
        layout.addWidget(self.head)
        layout.addWidget(self.list)
        layout.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        theme.changed.connect(self._restyle)
        self.show_agents(Agents())

    def show_agents(self, agents: Agents) -> None:
        """Shows who is at work; the line that is marked stays with its agent."""
        alive = agents.alive()
        names = tuple(agents.project(agent) for agent in alive)
        self.again.hide()
        self.head.setText(_head(alive))
        marked = self.list.currentItem()
        run = marked.data(_RUN) if marked is not None else None
        self._agents, self._names = alive, names
        while self.list.count() > len(alive):
            self.list.takeItem(self.list.count() - 1)
        while self.list.count() < len(alive):
            self.list.addItem(QListWidgetItem())
        for row, (agent, name) in enumerate(zip(alive, names, strict=True)):
            self._dress(self.list.item(row), agent, name)
            if agent.run == run:
                self.list.setCurrentRow(row)
        self._fit()
        self.setVisible(bool(alive))

    def show_failure(self, sentence: str) -> None:
        """Says why it cannot be told who is at work, and lets one try again."""
        self.head.setText(shown(sentence))
        self.list.hide()
        self.again.show()
        self.show()

    def _dress(self, item: QListWidgetItem, agent: Agent, project: str) -> None:
        line, about = _line(agent, project), _about(agent, project)
        item.setText(line)
        item.setToolTip(tooltip(about))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, about)
        item.setData(_RUN, agent.run)
        name, color = _ICONS[agent.state]
        item.setIcon(icon(name, self._theme.color(color)))

    def _fit(self) -> None:
        """As high as its lines, up to so many."""
        self.list.setVisible(bool(self._agents))
        rows = min(len(self._agents), LINES)
        self.list.setFixedHeight(rows * max(self.list.sizeHintForRow(0), 18) + 2)

    def _restyle(self) -> None:
        for row, (agent, name) in enumerate(zip(self._agents, self._names, strict=True)):
            self._dress(self.list.item(row), agent, name)
        self._fit()

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(RunId(item.data(_RUN)))


def _head(alive: tuple[Agent, ...]) -> str:
    """How many need a person, and how many are at work."""
    waiting = sum(agent.needs_person for agent in alive)
    parked = sum(agent.state is RunState.PARKED for agent in alive)
    working = len(alive) - waiting - parked
    needs = f"{waiting} need{'s' if waiting == 1 else ''} you" if waiting else ""
    at_work, later = f"{working} at work" if working else "", f"{parked} parked" if parked else ""
    return " · ".join(part for part in (needs, at_work, later) if part)


def _line(agent: Agent, project: str) -> str:
    doing = agent.act or state_title(agent.state, None)
    if agent.state is RunState.WAITING and agent.act:
        doing = f"needs you: {agent.act}"
    return " · ".join(part for part in (shown(project), agent.role, shown(shorten(doing, ACT_CHARACTERS))) if part)


def _about(agent: Agent, project: str) -> str:
    where = f" in {shown(project)}" if project else ""
    doing = shown(shorten(agent.act, 300)) or state_title(agent.state, None)
    state = {RunState.WAITING: "needs you", RunState.PARKED: "is parked"}.get(agent.state, "is at work")
    return f"{agent.role}{where} {state}: {doing}. About: {shown(shorten(agent.title, TITLE_CHARACTERS))}"

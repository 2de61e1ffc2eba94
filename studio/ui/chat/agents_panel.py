"""The agents panel: the strip of all agents at work, joined to the core through the bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.ui.bridge import Bridge
from studio.ui.chat.agents import Agents
from studio.ui.chat.agents_view import AgentsView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.studio import Studio


class AgentsPanel(QObject):
    """Shows who is at work in every project; it changes nothing.

    Signals: `chosen(object)` the run whose chat is wanted, of whatever project.
    """

    chosen = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.agents = Agents()
        self.view = AgentsView(theme)
        self.widget = self.view
        self.view.chosen.connect(self.chosen)
        self.view.again_requested.connect(self._read)
        bridge.events_arrived.connect(self._on_events)
        bridge.ready.connect(self._read)
        if bridge.is_ready:
            self._read()

    def _read(self) -> None:
        self._bridge.call(_saved, self._on_saved, self._on_failed)

    def _on_saved(self, saved: tuple[tuple[Run, ...], tuple[Project, ...]]) -> None:
        self.agents.load(*saved)
        self.view.show_agents(self.agents)

    def _on_failed(self, error: StudioError) -> None:
        self.view.show_failure(f"Who is at work cannot be told. {error.sentence} {error.action}".strip())

    def _on_events(self, items: list[Recorded | Delta]) -> None:
        if self.agents.apply(item for item in items if isinstance(item, Recorded)):
            self.view.show_agents(self.agents)


async def _saved(studio: Studio) -> tuple[tuple[Run, ...], tuple[Project, ...]]:
    """Every run, because one that rests now may begin another turn, and every project."""
    return await studio.chats.runs(), await studio.projects.list()

"""The activity panel: the event log of one project as it grows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from studio.domain.errors import StudioError
from studio.domain.events import AgentHeard, AgentTold, Delta, HandedOff, Recorded, RunDiscarded, RunStarted
from studio.domain.ids import ProjectId
from studio.domain.mail import AgentMessage
from studio.ui.activity.items import ActivityItems
from studio.ui.activity.view import ActivityView
from studio.ui.activity.words import lost_messages
from studio.ui.bridge import Bridge
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.studio import Studio

LOOK_BACK = 2000
"""How far back in the log, in events of all projects, the list begins."""


_CHANGES_MAIL = (AgentTold, AgentHeard, HandedOff, RunStarted, RunDiscarded)
"""What changes who can get which message."""


class ActivityPanel(QObject):
    """Shows events; it asks for nothing and changes nothing."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._project: ProjectId | None = None
        self.items = ActivityItems()
        self.view = ActivityView(self.items, theme)
        self.widget = self.view
        self.view.again_requested.connect(self._read)
        self.view.between_agents_chosen.connect(self._read_messages)
        bridge.events_arrived.connect(self._on_events)

    def set_project(self, project: ProjectId | None) -> None:
        """Shows another project's events."""
        self._project = project
        self.items.set_project(project)
        if project is None:
            self.view.show_read()
        else:
            self._read()

    def _read(self) -> None:
        project = self._project
        self.view.show_reading()

        def done(log: tuple[Recorded, ...]) -> None:
            if project == self._project:
                self.items.load(log)
                self.view.show_read()

        def failed(error: StudioError) -> None:
            if project == self._project:
                self.view.show_failure(f"{error.sentence} {error.action}".strip())

        self._bridge.call(recent, done, failed)

    def _on_events(self, items: list[Recorded | Delta]) -> None:
        recorded = [item for item in items if isinstance(item, Recorded)]
        self.items.apply(recorded)
        if self.view.shows_between_agents and any(isinstance(item.event, _CHANGES_MAIL) for item in recorded):
            self._read_messages()

    def _read_messages(self) -> None:
        project = self._project

        def done(messages: tuple[AgentMessage, ...]) -> None:
            if project == self._project:
                self.view.show_lost(lost_messages(messages))

        self._bridge.call(lambda studio: studio.board.messages(project), done)


async def recent(studio: Studio) -> tuple[Recorded, ...]:
    """The newest events that are in the log now, oldest first."""
    last = await studio.feed.last()
    found: list[Recorded] = []
    if not last:
        return ()
    # Leaving a generator unfinished would keep its place at the hub until it is collected.
    follow = cast(AsyncGenerator[Recorded | Delta, None], studio.feed.follow(max(0, last - LOOK_BACK)))
    async with aclosing(follow) as feed:
        async for item in feed:
            if isinstance(item, Recorded):
                found.append(item)
                if item.seq >= last:
                    break
    return tuple(found)

"""Chat joins: what the chat asks of other panels, and the strip of all agents above it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout

from studio.domain.ids import RunId
from studio.ui.bridge import Bridge
from studio.ui.chat.agents_panel import AgentsPanel
from studio.ui.editor.inserting import insert
from studio.ui.frame import Frame
from studio.ui.panels import Panels
from studio.ui.preview_joins import join_preview
from studio.ui.status.panel import StatusPanel
from studio.ui.theme import Theme


def join_chat(panels: Panels, frame: Frame, status: StatusPanel) -> None:
    """Lets code of a chat be opened and applied, and what is taken from a previewed page come into a message."""
    join_preview(panels, frame)

    def show_text(title: str, text: str, language: str) -> None:
        frame.show_panel("editor")
        panels.editor.show_text(title, text, language)

    def apply(code: str) -> None:
        frame.show_panel("editor")
        status.say(insert(panels.editor.view.current, code))

    panels.chat.text_open_requested.connect(show_text)
    panels.chat.apply_requested.connect(apply)


def join_agents(panels: Panels, bridge: Bridge, theme: Theme, show_chat: Callable[[RunId], None]) -> AgentsPanel:
    """Puts the strip of all agents above the chats; one that is chosen comes to the front with its project."""
    agents = AgentsPanel(bridge, theme, panels.chat)
    column = panels.chat.widget.layout()
    assert isinstance(column, QVBoxLayout)
    column.insertWidget(0, agents.widget)
    agents.chosen.connect(show_chat)
    return agents

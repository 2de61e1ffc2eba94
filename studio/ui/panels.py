"""The panels of the window: one table, loaded after the first paint."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.ui.docks import Area
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.ui.activity.panel import ActivityPanel
    from studio.ui.bridge import Bridge
    from studio.ui.chat.panel import ChatPanel
    from studio.ui.console.panel import ConsolePanel
    from studio.ui.editor.panel import EditorPanel
    from studio.ui.explorer.panel import ExplorerPanel
    from studio.ui.home.panel import HomePanel
    from studio.ui.inbox.panel import InboxPanel
    from studio.ui.logs.panel import LogsPanel
    from studio.ui.palette.panel import PalettePanel
    from studio.ui.preview.panel import PreviewPanel
    from studio.ui.review.panel import ReviewPanel
    from studio.ui.terminal.panel import TerminalPanel
    from studio.ui.usage.panel import UsagePanel


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A panel: its dock's title and area (none for the middle), and the class that makes it."""

    id: str
    title: str
    area: Area | None
    class_name: str

    @property
    def module(self) -> str:
        """Where the class is."""
        return f"studio.ui.{self.id}.panel"


PANELS: tuple[PanelRow, ...] = (
    PanelRow("home", "Projects", None, "HomePanel"),
    PanelRow("explorer", "Explorer", Area.SIDE, "ExplorerPanel"),
    PanelRow("editor", "Files", None, "EditorPanel"),
    PanelRow("chat", "Agents", Area.RIGHT, "ChatPanel"),
    PanelRow("review", "Review", None, "ReviewPanel"),
    PanelRow("inbox", "Inbox", Area.SIDE, "InboxPanel"),
    PanelRow("terminal", "Terminal", Area.BOTTOM, "TerminalPanel"),
    PanelRow("console", "Console", Area.BOTTOM, "ConsolePanel"),
    PanelRow("logs", "Logs", Area.BOTTOM, "LogsPanel"),
    PanelRow("activity", "Activity", Area.BOTTOM, "ActivityPanel"),
    PanelRow("preview", "Preview", Area.RIGHT, "PreviewPanel"),
    PanelRow("usage", "Usage", None, "UsagePanel"),
)
"""Every panel, in the order they are made: what is seen first comes first."""


NEED_A_PROJECT = frozenset(
    {"explorer", "editor", "chat", "review", "terminal", "console", "logs", "activity", "preview"}
)
"""Panels that show something of a project."""


@dataclass(slots=True)
class Panels:
    """The panels once they stand."""

    home: HomePanel
    explorer: ExplorerPanel
    editor: EditorPanel
    chat: ChatPanel
    review: ReviewPanel
    inbox: InboxPanel
    terminal: TerminalPanel
    console: ConsolePanel
    logs: LogsPanel
    activity: ActivityPanel
    preview: PreviewPanel
    usage: UsagePanel
    palette: PalettePanel


def make_panel(row: PanelRow, bridge: Bridge, theme: Theme, parent: QObject) -> Any:
    """Loads a panel's code and makes it."""
    return getattr(importlib.import_module(row.module), row.class_name)(bridge, theme, parent)


def make_palette(bridge: Bridge, theme: Theme, actions: QObject, window: QWidget) -> Any:
    """Loads the palette's code and makes it."""
    return importlib.import_module("studio.ui.palette.panel").PalettePanel(bridge, theme, actions, window)

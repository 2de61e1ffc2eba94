"""Settings joins: the settings window with its pages, made when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.ui.bridge import Bridge
from studio.ui.panels import Panels
from studio.ui.theme import Theme
from studio.ui.title_bar import TitleBar

if TYPE_CHECKING:
    from studio.ui.rules.panel import RulesPanel
    from studio.ui.settings.window import SettingsWindow


class SettingsDesk(QObject):
    """Opens the settings of one main window; `project` is the one that is open there."""

    def __init__(self, bridge: Bridge, theme: Theme, project: Callable[[], Project | None], window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._theme = theme
        self._project = project
        self._owner = window
        self.window: SettingsWindow | None = None
        self.rules: RulesPanel | None = None

    def join(self, panels: Panels, title: TitleBar) -> None:
        """Opens the rules from wherever something is said of them."""
        title.rules_requested.connect(self.open_rules)
        panels.chat.rules_requested.connect(self.open_rules)
        panels.inbox.rules_requested.connect(self.open_rules)

    def open_settings(self) -> None:
        """Shows the page that was shown last."""
        if self.window is None:
            self.open_rules()
        else:
            self._refresh()
            self.window.open_page(self.window.current_page)

    def open_rules(self, project: str = "") -> None:
        """Shows the rules of a project, else of the one that is open, else of all."""
        window, rules = self._made()
        current = self._project()
        rules.show_project(ProjectId(project) if project else current.id if current else None)
        window.open_page("rules")

    def _refresh(self) -> None:
        if self.rules is not None:
            self.rules.refresh()

    def _made(self) -> tuple[SettingsWindow, RulesPanel]:
        if self.window is None or self.rules is None:
            # Loaded only now: most windows are opened to work with agents.
            window = importlib.import_module("studio.ui.settings.window").SettingsWindow(self._theme, self._owner)
            self.rules = importlib.import_module("studio.ui.rules.panel").RulesPanel(self._bridge, self._theme, self)
            self.window = window
            self.window.add_page("rules", "Rules", "law", self.rules.widget)
            self._bridge.events_arrived.connect(self.rules.apply)
        return self.window, self.rules

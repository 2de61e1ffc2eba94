"""Settings joins: the settings window with its pages, made when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.events import (
    Delta,
    ProviderRemoved,
    ProviderSet,
    Recorded,
    RoutingTableChanged,
    SecretRemoved,
    SecretSaved,
)
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.ui.bridge import Bridge
from studio.ui.panels import Panels
from studio.ui.status.panel import StatusPanel
from studio.ui.theme import Theme
from studio.ui.title_bar import TitleBar

if TYPE_CHECKING:
    from studio.ui.budgets.panel import BudgetsPanel
    from studio.ui.providers.panel import ProvidersPanel
    from studio.ui.rules.panel import RulesPanel
    from studio.ui.settings.window import SettingsWindow


_PAGES = (
    ("providers", "Providers & keys", "key", "studio.ui.providers.panel", "ProvidersPanel"),
    ("models", "Models", "hubot", "studio.ui.models.panel", "ModelsPanel"),
    ("tiers", "Tiers", "layers", "studio.ui.tiers.panel", "TiersPanel"),
    ("experiments", "Experiments", "beaker", "studio.ui.experiments.panel", "ExperimentsPanel"),
    ("budgets", "Budgets", "credit-card", "studio.ui.budgets.panel", "BudgetsPanel"),
    ("rules", "Rules", "law", "studio.ui.rules.panel", "RulesPanel"),
    ("network", "Network", "globe", "studio.ui.network.panel", "NetworkPanel"),
    ("sandboxes", "Sandboxes", "server-environment", "studio.ui.sandboxes.panel", "SandboxesPanel"),
)
"""The pages from top to bottom: id, title, icon, and what is loaded for it."""


_OF_MODELS = (SecretSaved, SecretRemoved, ProviderSet, ProviderRemoved, RoutingTableChanged)
"""After these a chat may have other models to choose from."""


class SettingsDesk(QObject):
    """Opens the settings of one main window; `project` is the one that is open there.

    Signals: `models_changed()` a key, a provider or the routing table changed, or new chats use another model;
    `logs_requested(RunId)`.
    """

    models_changed = Signal()
    logs_requested = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, project: Callable[[], Project | None], window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._theme = theme
        self._project = project
        self._owner = window
        bridge.events_arrived.connect(self._on_events)
        self._pages: dict[str, Any] = {}
        self.window: SettingsWindow | None = None
        self.rules: RulesPanel | None = None
        self.providers: ProvidersPanel | None = None
        self.budgets: BudgetsPanel | None = None

    def join(self, panels: Panels, title: TitleBar, status: StatusPanel) -> None:
        """Opens the pages from wherever something is said of them; what is changed there counts at once."""
        self.models_changed.connect(panels.chat.refresh_models)
        self.models_changed.connect(panels.home.look)
        panels.home.key_requested.connect(self.open_providers)
        title.rules_requested.connect(self.open_rules)
        panels.chat.rules_requested.connect(self.open_rules)
        panels.inbox.rules_requested.connect(self.open_rules)
        panels.usage.budgets_requested.connect(self.open_budgets)
        status.sandboxes_requested.connect(self.open_sandboxes)

    def open_settings(self) -> None:
        """Shows the page that was shown last, at first the providers."""
        window = self._made()
        window.open_page(window.current_page)
        self._refresh()

    def open_providers(self) -> None:
        """Shows the providers and their keys."""
        self._open("providers")

    def open_budgets(self) -> None:
        """Shows the budgets."""
        self._open("budgets")

    def open_sandboxes(self) -> None:
        """Shows the sandboxes."""
        self._open("sandboxes")

    def open_rules(self, project: str = "") -> None:
        """Shows the rules of a project, else of the one that is open, else of all."""
        window = self._made()
        if self.rules is not None:
            self.rules.show_project(ProjectId(project) if project else self._open_project())
        window.open_page("rules")

    def _open(self, page: str) -> None:
        self._made().open_page(page)
        self._refresh()

    def _open_project(self) -> ProjectId | None:
        current = self._project()
        return current.id if current else None

    def _show_logs(self, run: str) -> None:
        if self.window is not None:
            self.window.hide()
        self.logs_requested.emit(run)

    def _refresh(self) -> None:
        """Reads the page again that is shown."""
        if self.window is not None:
            self._pages[self.window.current_page].refresh()

    def _on_events(self, events: list[Recorded | Delta]) -> None:
        if any(isinstance(item, Recorded) and isinstance(item.event, _OF_MODELS) for item in events):
            self.models_changed.emit()

    def _made(self) -> SettingsWindow:
        if self.window is None:
            # Loaded only now: most windows are opened to work with agents.
            window: SettingsWindow = importlib.import_module("studio.ui.settings.window").SettingsWindow(
                self._theme, self._owner
            )
            for id, title, icon, module, kind in _PAGES:
                page = getattr(importlib.import_module(module), kind)(self._bridge, self._theme, self)
                self._pages[id] = page
                window.add_page(id, title, icon, page.widget)
                self._bridge.events_arrived.connect(page.apply)
            self.providers, self.budgets, self.rules = (self._pages[id] for id in ("providers", "budgets", "rules"))
            self._pages["models"].default_changed.connect(self.models_changed)
            self._pages["sandboxes"].logs_requested.connect(self._show_logs)
            self._pages["rules"].show_project(self._open_project())
            self._pages["network"].show_project(self._open_project())
            window.list.currentRowChanged.connect(lambda _row: self._refresh())
            self.window = window
        return self.window

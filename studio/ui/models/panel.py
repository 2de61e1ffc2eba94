"""The models panel: reads which models are on offer, and carries the choice for new chats to the preferences door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded, SecretRemoved, SecretSaved
from studio.domain.models import ModelCard
from studio.ui.bridge import Bridge
from studio.ui.models.view import ModelsView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.studio import Studio


class ModelsPanel(QObject):
    """The page of models.

    Signals: `default_changed()` new chats use another model.
    """

    default_changed = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.view = ModelsView(theme)
        self.view.again_requested.connect(self.refresh)
        self.view.default_wanted.connect(self._use)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Asks every provider again; what is shown stays until they have answered."""
        self.view.again.setEnabled(False)
        self._bridge.call(_read, lambda found: self._show(*found), self._on_failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Asks again after a key was saved or removed."""
        recorded = (each.event for each in events if isinstance(each, Recorded))
        if self.view.isVisible() and any(isinstance(event, SecretSaved | SecretRemoved) for event in recorded):
            self.refresh()

    def _show(self, cards: tuple[ModelCard, ...], default: str) -> None:
        self.view.again.setEnabled(True)
        self.view.show_models(cards, default)

    def _use(self, name: str) -> None:
        def done(_done: None) -> None:
            self.default_changed.emit()
            self.refresh()

        self._bridge.call(lambda studio: studio.preferences.set_default_model(name), done, self._on_failed)

    def _on_failed(self, error: StudioError) -> None:
        self.view.again.setEnabled(True)
        self.view.error.show_error(error)


async def _read(studio: Studio) -> tuple[tuple[ModelCard, ...], str]:
    return await studio.models.choices(), studio.models.default() or ""

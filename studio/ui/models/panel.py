"""The models panel: reads which models are on offer, and carries the choice for new chats to the preferences door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.domain.events import (
    Delta,
    ModelMeasured,
    ProviderRemoved,
    ProviderSet,
    Recorded,
    SecretRemoved,
    SecretSaved,
)
from studio.domain.fitness import RoleFit
from studio.domain.models import ModelCard, ModelRef
from studio.domain.routing import is_auto
from studio.ui.bridge import Bridge
from studio.ui.measuring import Measuring
from studio.ui.models.pulls import Pulling
from studio.ui.models.view import ModelsView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.studio import Studio


_MATTERS = (SecretSaved, SecretRemoved, ModelMeasured, ProviderSet, ProviderRemoved)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows, as it is at one moment."""

    cards: tuple[ModelCard, ...]
    silence: str
    default: str
    judged: Mapping[str, tuple[RoleFit, ...]]
    measurable: frozenset[str]


class ModelsPanel(QObject):
    """The page of models.

    Signals: `default_changed()` new chats use another model, or may use one more.
    """

    default_changed = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.view = ModelsView(theme)
        self.pulling = Pulling(bridge, theme, self)
        self.view.put_pulls(self.pulling.view)
        self.pulling.fetched.connect(self._on_fetched)
        self.view.again_requested.connect(self.refresh)
        self.view.default_wanted.connect(self._use)
        self.measuring = Measuring(bridge, self)
        self.measuring.told.connect(
            lambda words: self.view.show_measuring(words, going_on=self.measuring.model is not None)
        )
        self.measuring.ended.connect(self.refresh)
        self.view.measure_requested.connect(lambda: self.measuring.begin(ModelRef.parse(self.view.chosen)))
        self.view.stop_requested.connect(self.measuring.stop)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Asks every provider again; what is shown stays until they have answered."""
        self.view.again.setEnabled(False)
        self.pulling.follow()
        self._bridge.call(_read, self._show, self._on_failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Asks again after a key was saved or removed, or a model was measured."""
        recorded = (each.event for each in events if isinstance(each, Recorded))
        if self.view.isVisible() and any(isinstance(event, _MATTERS) for event in recorded):
            self.refresh()

    def _show(self, sheet: Sheet) -> None:
        self.view.again.setEnabled(True)
        self.view.show_fitness(sheet.judged, sheet.measurable)
        self.view.show_models(sheet.cards, sheet.default)
        self.view.show_silence(sheet.silence)

    def _use(self, name: str) -> None:
        def done(_done: None) -> None:
            self.default_changed.emit()
            self.refresh()

        self._bridge.call(lambda studio: studio.preferences.set_default_model(name), done, self._on_failed)

    def _on_fetched(self) -> None:
        self.default_changed.emit()
        self.refresh()

    def _on_failed(self, error: StudioError) -> None:
        self.view.again.setEnabled(True)
        self.view.error.show_error(error)


async def _read(studio: Studio) -> Sheet:
    offer = await studio.models.on_offer()
    cards = offer.cards
    return Sheet(
        cards,
        offer.silence,
        studio.models.default() or "",
        {str(found.model): await studio.fitness.judge(found) for found in await studio.fitness.list()},
        frozenset(str(card.ref) for card in cards if not is_auto(card.ref) and studio.fitness.measurable(card.ref)),
    )

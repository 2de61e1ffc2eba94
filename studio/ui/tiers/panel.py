"""The tiers panel: reads the routing table and what is known of its models, and carries changes to the routing door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError, UserError
from studio.domain.events import (
    Delta,
    ModelMeasured,
    ProviderRemoved,
    ProviderSet,
    Recorded,
    RoutingTableChanged,
    SecretRemoved,
    SecretSaved,
)
from studio.domain.fitness import Fitness, unfit
from studio.domain.models import ModelRef
from studio.domain.offers import Offer
from studio.domain.roles import Role, Tier
from studio.domain.routing import Preference, Routed, RoutingTable, is_auto
from studio.ui.bridge import Bridge
from studio.ui.measuring import Measuring
from studio.ui.theme import Theme
from studio.ui.tiers.adding import AddModelDialog
from studio.ui.tiers.lines import Lines, ModelRow, joined, moved, names, parted, removed, rows_of
from studio.ui.tiers.table import key_of
from studio.ui.tiers.view import TiersView

if TYPE_CHECKING:
    from studio.app.studio import Studio

SETTLE_MS = 200

_MATTERS = (RoutingTableChanged, ModelMeasured, SecretSaved, SecretRemoved, ProviderSet, ProviderRemoved)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows, as it is at one moment."""

    table: RoutingTable
    routed: dict[Tier, Routed]
    roles: tuple[Role, ...]
    fitness: Mapping[ModelRef, Fitness]
    trouble: Mapping[ModelRef, str]
    measurable: frozenset[str]


class TiersPanel(QObject):
    """The page of tiers."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._sheet: Sheet | None = None
        self._choose: tuple[Tier, str] | None = None
        self._writing = False
        self._offer_now = Offer()
        self._cautions: Mapping[ModelRef, str] = {}
        self._before: list[tuple[Tier, Lines, str]] = []
        self.view = TiersView(theme)
        self.dialog: AddModelDialog | None = None
        self.measuring = Measuring(bridge, self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._join()

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Reads everything again."""
        self._bridge.call(read, self._show, self._on_unread)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after the table, a key or what is known of a model changed, here or elsewhere."""
        recorded = [each.event for each in events if isinstance(each, Recorded)]
        if self.view.isVisible() and any(isinstance(event, _MATTERS) for event in recorded):
            self._settle.start()

    def add(self) -> None:
        """Lets the person put a model into a tier."""
        row = self.view.table.chosen
        dialog = AddModelDialog(row.tier if row else Tier.STRONG, self._caution, self.view)
        dialog.model_given.connect(lambda tier, name: self._put_in(dialog, tier, name))
        dialog.finished.connect(lambda _result: self._forget_dialog())
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        self._bridge.call(
            lambda studio: studio.models.on_offer(), lambda offer: self._offer(dialog, offer), dialog.show_error
        )
        dialog.open()

    def _join(self) -> None:
        view = self.view
        view.adding_requested.connect(self.add)
        view.move_requested.connect(self._move)
        view.beside_requested.connect(self._beside)
        view.removal_requested.connect(self._remove)
        view.undo_requested.connect(self._undo)
        view.preference_chosen.connect(self._prefer)
        view.again_requested.connect(self.refresh)
        view.roles.tier_chosen.connect(self._set_role)
        view.measure_requested.connect(self._measure)
        view.stop_requested.connect(self.measuring.stop)
        self.measuring.told.connect(lambda words: view.show_measuring(words, going_on=self.measuring.model is not None))
        self.measuring.ended.connect(self.refresh)

    def _show(self, sheet: Sheet) -> None:
        self._sheet, self._writing = sheet, False
        self.view.measurable = sheet.measurable
        self._show_table(sheet)
        self.view.show_roles(sheet.roles, sheet.table)
        # What providers list comes when they have answered: the page does not wait for them.
        self._bridge.call(lambda studio: studio.models.cautions(sheet.table.models), self._show_cautions)

    def _show_table(self, sheet: Sheet) -> None:
        rows = rows_of(sheet.table, sheet.roles, sheet.fitness, sheet.trouble, self._cautions)
        # What was read before the model was put in does not hold it yet.
        is_there = any(key_of(row) == self._choose for row in rows)
        self.view.show_table(sheet.table, rows, sheet.routed, self._choose if is_there else None)
        self._choose = None if is_there else self._choose

    def _show_cautions(self, cautions: Mapping[ModelRef, str]) -> None:
        changed, self._cautions = cautions != self._cautions, cautions
        if changed and self._sheet is not None:
            self._show_table(self._sheet)

    def _caution(self, name: str, tier: Tier) -> str:
        try:
            model = ModelRef.parse(name)
        except UserError:
            return ""
        found = self._sheet.fitness.get(model) if self._sheet else None
        lacks = unfit(found, tier) if found else ""
        against = (self._offer_now.caution(model), f"Measured as unfit for {tier}: {lacks}" if lacks else "")
        said = " ".join(filter(None, against))
        return f"{said} It is tried all the same." if said else ""

    def _offer(self, dialog: AddModelDialog, offer: Offer) -> None:
        if dialog is self.dialog:
            self._offer_now = offer
            dialog.offer(tuple(str(card.ref) for card in offer.cards if not is_auto(card.ref)))

    def _put_in(self, dialog: AddModelDialog, tier: Tier, name: str) -> None:
        lines = self._lines(tier)
        self._save(tier, (*lines, (name,)), f"Added {name} to {tier}.", name, dialog)

    def _move(self, by: int) -> None:
        if (row := self._chosen()) is not None:
            lines = self._lines(row.tier)
            self._save(row.tier, moved(lines, row.place, by), f"Moved {row.model} {'up' if by < 0 else 'down'}.")

    def _beside(self) -> None:
        if (row := self._chosen()) is not None:
            lines, name = self._lines(row.tier), str(row.model)
            if row.shared:
                self._save(row.tier, parted(lines, row.place, name), f"{name} stands on a line of its own.")
            else:
                self._save(row.tier, joined(lines, row.place), f"{name} stands beside the one above.")

    def _remove(self) -> None:
        if (row := self._chosen()) is not None:
            name = str(row.model)
            self._save(row.tier, removed(self._lines(row.tier), name), f"Removed {name} from {row.tier}.")

    def _undo(self) -> None:
        if self._before and not self._writing:
            tier, lines, _words = self._before.pop()
            self._write(tier, lines, self._lines(tier))
            self._offer_undo()

    def _chosen(self) -> ModelRow | None:
        row = self.view.table.chosen
        return row if isinstance(row, ModelRow) else None

    def _lines(self, tier: Tier) -> Lines:
        return names(self._sheet.table, tier) if self._sheet else ()

    def _save(self, tier: Tier, lines: Lines, words: str, name: str = "", dialog: AddModelDialog | None = None) -> None:
        before = self._lines(tier)
        # What is shown is older than what is being written: a key that repeats waits for that.
        if lines == before or self._writing:
            return
        if name:
            self._choose = (tier, name)
        self._write(tier, lines, before, (tier, before, words), dialog)

    def _write(
        self,
        tier: Tier,
        lines: Lines,
        seen: Lines,
        undo: tuple[Tier, Lines, str] | None = None,
        dialog: AddModelDialog | None = None,
    ) -> None:
        def done(_done: None) -> None:
            if undo is not None:
                self._before.append(undo)
            if dialog is not None:
                dialog.accept()
            self._offer_undo()
            self.refresh()

        def failed(error: StudioError) -> None:
            self._writing, self._choose = False, None
            if dialog is not None:
                dialog.show_error(error)
            else:
                self._on_failed(error)

        self._writing = True
        self._bridge.call(lambda studio: studio.routing.set_tier(tier, lines, seen), done, failed)

    def _offer_undo(self) -> None:
        self.view.show_undo(self._before[-1][2] if self._before else "")

    def _prefer(self, prefer: Preference) -> None:
        self._bridge.call(
            lambda studio: studio.routing.set_preference(prefer), lambda _done: self.refresh(), self._on_failed
        )

    def _set_role(self, role: str, tier: Tier | None) -> None:
        self._bridge.call(
            lambda studio: studio.routing.set_role(role, tier), lambda _done: self.refresh(), self._on_failed
        )

    def _measure(self) -> None:
        if (row := self._chosen()) is not None:
            self.measuring.begin(row.model)

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_unread(self, error: StudioError) -> None:
        self._sheet, self._writing = None, False
        self.view.show_failure(f"{error.sentence} {error.action}".strip())

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)
        self.refresh()


async def read(studio: Studio) -> Sheet:
    """Everything the page shows. Raises UserError for a table with a mistake."""
    table = await studio.routing.show()
    roles = await studio.roles.list()
    return Sheet(
        table=table,
        routed={tier: await studio.models.routed(tier) for tier in Tier} if table.models else {},
        roles=roles.roles,
        fitness={found.model: found for found in await studio.fitness.list()},
        trouble={model: trouble for model in table.models if (trouble := _trouble(studio, model))},
        measurable=frozenset(str(model) for model in table.models if studio.fitness.measurable(model)),
    )


def _trouble(studio: Studio, model: ModelRef) -> str:
    try:
        studio.models.require_usable(model)
    except UserError as error:
        return f"{error.sentence} {error.action}".strip()
    return ""

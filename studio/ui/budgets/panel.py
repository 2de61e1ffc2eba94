"""The budgets panel: reads where budgets stand, and carries what a person changes to the budgets door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.base.text import shorten
from studio.domain.budgets import Period, Reservation
from studio.domain.errors import StudioError
from studio.domain.events import (
    BriefWritten,
    BudgetAlerted,
    BudgetRemoved,
    BudgetSet,
    Delta,
    ModelFailed,
    ProjectAdded,
    ProjectArchived,
    ProjectRemoved,
    Recorded,
    ReservationReleased,
    TaskCreated,
    TaskMoved,
    UsageRecorded,
)
from studio.domain.tasks import ENDED
from studio.ui.bridge import Bridge
from studio.ui.budgets.dialog import BudgetDialog
from studio.ui.budgets.view import BudgetsView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.budgets import BudgetView
    from studio.app.studio import Studio

SETTLE_MS = 300
TITLE_CHARACTERS = 50
COMPANY = ("company", "Company")

_MATTERS = (
    BudgetSet,
    BudgetRemoved,
    BudgetAlerted,
    ReservationReleased,
    UsageRecorded,
    ModelFailed,
    ProjectAdded,
    ProjectArchived,
    ProjectRemoved,
    BriefWritten,
    TaskCreated,
    TaskMoved,
)


class BudgetsPanel(QObject):
    """The page of budgets; what it shows is read again whenever money was paid or a ceiling moved while it is seen."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.scopes = [COMPANY]
        self.view = BudgetsView(theme)
        self.dialog: BudgetDialog | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.view.adding_requested.connect(lambda: self._ask(None))
        self.view.change_requested.connect(self._ask)
        self.view.removal_requested.connect(self._remove)
        self.view.release_requested.connect(self._release)
        self.view.again_requested.connect(self.refresh)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Reads everything again."""
        self._bridge.call(_read, lambda found: self._show(*found), self._on_unread)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after money was paid or released, or a budget changed, here or elsewhere."""
        if self.view.isVisible() and any(
            isinstance(each, Recorded) and isinstance(each.event, _MATTERS) for each in events
        ):
            self._settle.start()

    def _show(
        self, budgets: tuple[BudgetView, ...], kept: tuple[Reservation, ...], scopes: list[tuple[str, str]]
    ) -> None:
        self.scopes = [COMPANY, *scopes]
        self.view.show_budgets(budgets)
        self.view.show_reservations(kept)

    def _ask(self, changed: BudgetView | None) -> None:
        dialog = BudgetDialog(self.scopes, changed, self.view)
        dialog.budget_given.connect(lambda *given: self._save(dialog, *given))
        dialog.finished.connect(lambda _result: self._forget_dialog())
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _save(self, dialog: BudgetDialog, scope: str, ceiling: int, period: Period, alert: int) -> None:
        def done(_view: BudgetView) -> None:
            dialog.accept()
            self.refresh()

        self._bridge.call(lambda studio: studio.budgets.set(scope, ceiling, period, alert), done, dialog.show_error)

    def _remove(self, view: BudgetView) -> None:
        budget = view.budget
        self._bridge.call(
            lambda studio: studio.budgets.remove(str(budget.scope), budget.period),
            lambda _gone: self.refresh(),
            self._on_failed,
        )

    def _release(self, kept: Reservation) -> None:
        self._bridge.call(lambda studio: studio.budgets.release(kept.id), lambda _gone: self.refresh(), self._on_failed)

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_unread(self, error: StudioError) -> None:
        self.view.show_failure(f"{error.sentence} {error.action}".strip())

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)
        self.refresh()


async def _read(studio: Studio) -> tuple[tuple[BudgetView, ...], tuple[Reservation, ...], list[tuple[str, str]]]:
    kept = tuple(each for each in await studio.budgets.reservations() if each.kept)
    return await studio.budgets.list(), kept, await _scopes(studio)


async def _scopes(studio: Studio) -> list[tuple[str, str]]:
    """What a budget can be for besides the company: projects, briefs, and tasks that are to be done."""
    projects = [each for each in await studio.projects.list() if not each.archived]
    there = {each.id for each in projects}
    briefs = [each for each in await studio.briefs.list() if each.project in there]
    tasks = [each for each in await studio.board.tasks() if each.project in there and each.state not in ENDED]
    return [
        *((f"project:{each.name}", f"Project {each.name}") for each in projects),
        *((f"brief:{each.id}", f"Brief “{shorten(each.title, TITLE_CHARACTERS)}”") for each in briefs),
        *((f"task:{each.id}", f"Task “{shorten(each.title, TITLE_CHARACTERS)}”") for each in tasks),
    ]

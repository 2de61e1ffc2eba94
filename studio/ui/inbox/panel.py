"""The inbox panel: reads what waits and carries decisions to the checkpoints door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.checkpoints import Checkpoint
from studio.domain.errors import StudioError
from studio.domain.events import (
    ChatRestored,
    CheckpointDecided,
    CheckpointOpened,
    CheckpointReworded,
    Delta,
    FilesRestored,
    Recorded,
    RunDiscarded,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.rules import Scope
from studio.domain.runs import Outcome
from studio.ui.bridge import Bridge
from studio.ui.inbox.items import InboxItems
from studio.ui.inbox.view import InboxView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.studio import Studio


class InboxPanel(QObject):
    """Questions to the person, of all projects.

    Signals: `count_changed(int)` how many wait; `run_requested(RunId)`; `rules_requested(str)` of a project;
    `deciding_failed(StudioError)`.
    """

    count_changed = Signal(int)
    run_requested = Signal(str)
    rules_requested = Signal(str)
    deciding_failed = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.items = InboxItems(self)
        self.view = InboxView(self.items, theme)
        self.view.approved.connect(lambda id, note: self._decide(lambda s: s.checkpoints.approve(id, note)))
        self.view.kind_approved.connect(
            lambda id, note, scope: self._decide(lambda s: s.checkpoints.approve(id, note, Scope(scope)))
        )
        self.view.denied.connect(lambda id, note: self._decide(lambda s: s.checkpoints.deny(id, note)))
        self.view.answered.connect(lambda id, text: self._decide(lambda s: s.checkpoints.answer(id, text)))
        self.view.run_requested.connect(lambda run: self.run_requested.emit(RunId(run)))
        self.view.rules_requested.connect(self.rules_requested)
        bridge.ready.connect(self.refresh)
        if bridge.is_ready:
            self.refresh()

    @property
    def widget(self) -> QWidget:
        """What the main window docks."""
        return self.view

    def refresh(self) -> None:
        """Reads what waits."""
        self._bridge.call(lambda studio: studio.checkpoints.waiting(), self._show)
        self._refresh_parked()

    def name_projects(self, projects: Iterable[Project]) -> None:
        """Takes in what projects are called."""
        names = {project.id: project.name for project in projects}
        self.items.name_projects(names)
        self.view.parked.name_projects(names)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again when a checkpoint was opened or decided, or a run was parked or is so no more."""
        relevant = CheckpointOpened | CheckpointReworded | CheckpointDecided | RunDiscarded
        happened = [item for item in events if isinstance(item, Recorded)]
        if any(isinstance(item.event, relevant) for item in happened):
            self.refresh()
        elif any(self._is_of_parked(item) for item in happened):
            self._refresh_parked()

    def _is_of_parked(self, item: Recorded) -> bool:
        if isinstance(item.event, TurnEnded) and item.event.outcome is Outcome.PARKED:
            return True
        left = isinstance(item.event, TurnStarted | TurnEnded | ChatRestored | FilesRestored)
        return left and any(parked.run.id == item.run for parked in self.view.parked.parked)

    def _refresh_parked(self) -> None:
        self._bridge.call(lambda studio: studio.parkings.parked(), self.view.parked.show_parked)

    def _show(self, waiting: tuple[Checkpoint, ...]) -> None:
        self.items.show(waiting)
        self._bridge.call(lambda studio: studio.policies.asked_lately(), self.view.show_asked)
        self.count_changed.emit(len(waiting))

    def _decide(self, make: Callable[[Studio], Awaitable[Any]]) -> None:
        self.view.set_busy(True)

        def done(_sent: object) -> None:
            self.view.let_go()
            self._bridge.call(lambda studio: studio.checkpoints.waiting(), shown, failed)

        def shown(waiting: tuple[Checkpoint, ...]) -> None:
            # Only now, so that a second press does not meet the question that was just answered.
            self.view.set_busy(False)
            self._show(waiting)

        def failed(error: StudioError) -> None:
            self.view.set_busy(False)
            self.refresh()
            self.deciding_failed.emit(error)

        self._bridge.call(make, done, failed)

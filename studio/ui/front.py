"""The run in front: what panels show that follow the chat one looks at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.domain.events import Delta, Recorded, RunDiscarded, StepStarted, TurnEnded, TurnResumed, TurnStarted
from studio.domain.files import Place
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import STOPPABLE, Run, RunState, state_after
from studio.ui.actions import Actions
from studio.ui.bridge import Bridge
from studio.ui.panels import Panels
from studio.ui.status.panel import StatusPanel

if TYPE_CHECKING:
    from studio.app.studio import Studio


class Front(QObject):
    """Leads the panels of one window to the workspace of a run, or to the checkout where there is none."""

    def __init__(self, panels: Panels, status: StatusPanel, actions: Actions, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._panels = panels
        self._status = status
        self._actions = actions
        self._bridge = bridge
        self._project: Project | None = None
        self.run: RunId | None = None
        self._let_stop(False)

    def show_project(self, project: Project | None, run: RunId | None) -> None:
        """Shows a project, or nothing for None, with this run of it in front, if any."""
        self._project = project
        self.show_run(run)

    def show_run(self, run: RunId | None) -> None:
        """Shows a run of the project, or its checkout for None."""
        if run != self.run:
            # Until the new run is known, and where it cannot be, nothing is taken of the former one's page.
            self._panels.preview.show_run(None, None)
        self.run = run
        self._let_stop(False)
        self._status.show_run(run)
        self._panels.terminal.show_run(run)
        self._panels.console.show_run(run)
        self._panels.logs.show_run(run)
        if run is None:
            self._show_checkout()
        else:
            self._bridge.call(lambda studio: _known(studio, run), self._on_known)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Takes in what happened to the run."""
        for item in events:
            if self.run is None or not isinstance(item, Recorded) or item.run != self.run:
                continue
            match item.event:
                case StepStarted():
                    # The workspace of a new run is filled once its container is up, and before its first step.
                    self._panels.explorer.refresh()
                case TurnStarted() | TurnResumed():
                    self._let_stop(True)
                case TurnEnded(outcome=outcome):
                    self._let_stop(state_after(outcome) in STOPPABLE)
                case RunDiscarded():
                    self._let_stop(False)
                case _:
                    pass

    def _on_known(self, known: tuple[Run, str]) -> None:
        run, role_title = known
        if run.id != self.run or self._project is None:
            return
        self._let_stop(run.state in STOPPABLE)
        self._panels.preview.show_run(run.project, run.id, run.branch)
        if run.state is RunState.DISCARDED:
            self._show_checkout()
        else:
            self._show_place(Place(run.project, run.id), role_title)

    def _show_checkout(self) -> None:
        project = self._project
        self._show_place(Place(project.id) if project else None, project.name if project else "")

    def _show_place(self, place: Place | None, title: str) -> None:
        self._panels.explorer.show_place(place, title)
        self._panels.palette.show_place(place)

    def _let_stop(self, possible: bool) -> None:
        self._actions.set_enabled("stop_run", possible)


async def _known(studio: Studio, run: RunId) -> tuple[Run, str]:
    """The run, and what people call its role."""
    found = await studio.chats.run(run)
    return found, await studio.roles.title(found)

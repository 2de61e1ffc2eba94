"""The network panel: reads what a project's sandboxes may reach, and carries what a person changes to its door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.base.text import shorten
from studio.domain.errors import StudioError
from studio.domain.events import Delta, HostAllowed, HostRemoved, NetworkSet, ProjectAdded, ProjectRemoved, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Attempt, NetworkMode
from studio.domain.projects import Project
from studio.ui.bridge import Bridge
from studio.ui.network.view import NetworkPage
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.networks import NetworkView
    from studio.app.studio import Studio

SETTLE_MS = 200
EVERY_MS = 2000
"""How often what was tried is read while the page is seen: the ledger tells nobody of a new line."""

_TITLE_CHARACTERS = 60
_ASKING = "pip, npm and apt of this machine are asked for their hosts, which takes some seconds."
_READING = f"Reading… {_ASKING}"
_SAVING = "Saving…"
_SETTING = f"Saving… {_ASKING}"
_CHANGES = (NetworkSet, HostAllowed, HostRemoved, ProjectAdded, ProjectRemoved)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows, as it is at one moment; `network` is None where there is no project.

    `start_anew` are the runs whose sandboxes know no way out yet, with their names.
    """

    projects: tuple[Project, ...]
    network: NetworkView | None = None
    start_anew: tuple[tuple[RunId, str], ...] = ()
    attempts: tuple[Attempt, ...] = ()


class NetworkPanel(QObject):
    """The page of a project's network; it reads again whenever something of it changes while it is seen."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._project: ProjectId | None = None
        self.view = NetworkPage(theme)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._again = QTimer(self.view, singleShot=True, interval=EVERY_MS)
        self._again.timeout.connect(self._read_while_seen)
        self._is_shown = False
        self.view.project_chosen.connect(lambda id: self.show_project(ProjectId(id)))
        self.view.mode_chosen.connect(self._set_mode)
        self.view.packages_chosen.connect(self._set_packages)
        self.view.host_added.connect(self._add)
        self.view.host_removed.connect(lambda host: self._change(lambda s, p: s.networks.remove(p, host)))
        self.view.restart_requested.connect(self._restart)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def show_project(self, project: ProjectId | None) -> None:
        """Shows the network of a project, or of the first one for None."""
        self._project = project
        self._is_shown = False
        self.refresh()

    def refresh(self) -> None:
        """Reads everything again."""
        wanted = self._project

        def done(sheet: Sheet) -> None:
            if wanted == self._project:
                self._show(sheet)

        if not self._is_shown:
            self.view.wait_for(_READING)
        self._bridge.call(lambda studio: read(studio, wanted), done, self._failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after a mode or a list was changed, here or by another process."""
        if self.view.isVisible() and any(
            isinstance(item, Recorded) and isinstance(item.event, _CHANGES) for item in events
        ):
            self._settle.start()

    def _show(self, sheet: Sheet) -> None:
        ids = [project.id for project in sheet.projects]
        if self._project not in ids:
            self._project = ids[0] if ids else None
        self.view.show_projects([(project.id, project.name) for project in sheet.projects], self._project or "")
        self._is_shown = True
        self.view.wait_for("")
        if sheet.network is not None:
            self.view.show_network(sheet.network, sheet.start_anew)
        self.view.show_attempts(sheet.attempts)
        self._again.start()

    def _read_while_seen(self) -> None:
        wanted = self._project
        if wanted is None or not self.view.isVisible():
            return

        def done(attempts: tuple[Attempt, ...]) -> None:
            if wanted == self._project:
                self.view.show_attempts(attempts)
                self._again.start()

        def failed(error: StudioError) -> None:
            self.view.error.show_error(error)
            self._again.start()

        self._bridge.call(lambda studio: studio.networks.connections(wanted), done, failed)

    def _restart(self, run: str) -> None:
        async def restart(studio: Studio) -> None:
            await studio.sandboxes.restart(RunId(run))

        self.view.error.hide()
        self.view.wait_for("Starting the sandbox anew…")
        self._bridge.call(restart, lambda _: self.refresh(), self._failed_to_change)

    def _failed(self, error: StudioError) -> None:
        self.view.wait_for("")
        self.view.error.show_error(error)

    def _failed_to_change(self, error: StudioError) -> None:
        self._failed(error)
        self.refresh()

    def _set_mode(self, mode: str) -> None:
        self._change(lambda studio, project: studio.networks.set(project, NetworkMode(mode)), words=_SETTING)

    def _set_packages(self, packages: bool) -> None:
        async def change(studio: Studio, project: ProjectId) -> NetworkView:
            mode = (await studio.networks.show(project)).mode
            return await studio.networks.set(project, mode, packages)

        self._change(change, words=_SETTING)

    def _add(self, host: str) -> None:
        self._change(lambda studio, project: studio.networks.allow(project, host), self.view.clear_host)

    def _change(
        self,
        make: Callable[[Studio, ProjectId], Awaitable[NetworkView]],
        then: Callable[[], None] | None = None,
        words: str = _SAVING,
    ) -> None:
        project = self._project
        if project is None:
            return

        # What the last try met is of the past.
        self.view.error.hide()
        self.view.wait_for(words)

        def done(_view: NetworkView) -> None:
            if then is not None:
                then()
            self.refresh()

        self._bridge.call(lambda studio: make(studio, project), done, self._failed_to_change)


async def read(studio: Studio, wanted: ProjectId | None) -> Sheet:
    """Everything the page shows of a project, or of the first one where that is not there."""
    projects = tuple(each for each in await studio.projects.list() if not each.archived)
    chosen = next((each.id for each in projects if each.id == wanted), projects[0].id if projects else None)
    if chosen is None:
        return Sheet(projects)
    network = await studio.networks.show(chosen)
    before = [await studio.chats.run(run) for run in network.start_anew]
    name = next(each.name for each in projects if each.id == chosen)
    anew = tuple((run.id, f"{name} · {shorten(run.title, _TITLE_CHARACTERS)}") for run in before)
    return Sheet(projects, network, anew, await studio.networks.connections(chosen))

"""The network panel: reads what a project's sandboxes may reach, and carries what a person changes to its door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.domain.events import Delta, HostAllowed, HostRemoved, NetworkSet, ProjectAdded, ProjectRemoved, Recorded
from studio.domain.ids import ProjectId
from studio.domain.network import Attempt, NetworkMode
from studio.domain.projects import Project
from studio.ui.bridge import Bridge
from studio.ui.network.view import NetworkPage
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.networks import NetworkView
    from studio.app.studio import Studio

SETTLE_MS = 200

_CHANGES = (NetworkSet, HostAllowed, HostRemoved, ProjectAdded, ProjectRemoved)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows, as it is at one moment; `network` is None where there is no project."""

    projects: tuple[Project, ...]
    network: NetworkView | None = None
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
        self.view.project_chosen.connect(lambda id: self.show_project(ProjectId(id)))
        self.view.mode_chosen.connect(self._set_mode)
        self.view.packages_chosen.connect(self._set_packages)
        self.view.host_added.connect(self._add)
        self.view.host_removed.connect(lambda host: self._change(lambda s, p: s.networks.remove(p, host)))

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def show_project(self, project: ProjectId | None) -> None:
        """Shows the network of a project, or of the first one for None."""
        self._project = project
        self.refresh()

    def refresh(self) -> None:
        """Reads everything again."""
        wanted = self._project

        def done(sheet: Sheet) -> None:
            if wanted == self._project:
                self._show(sheet)

        self._bridge.call(lambda studio: read(studio, wanted), done, self.view.error.show_error)

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
        if sheet.network is not None:
            self.view.show_network(sheet.network, sheet.attempts)

    def _set_mode(self, mode: str) -> None:
        self._change(lambda studio, project: studio.networks.set(project, NetworkMode(mode)))

    def _set_packages(self, packages: bool) -> None:
        async def change(studio: Studio, project: ProjectId) -> NetworkView:
            mode = (await studio.networks.show(project)).mode
            return await studio.networks.set(project, mode, packages)

        self._change(change)

    def _add(self, host: str) -> None:
        self._change(lambda studio, project: studio.networks.allow(project, host), self.view.clear_host)

    def _change(
        self,
        make: Callable[[Studio, ProjectId], Awaitable[NetworkView]],
        then: Callable[[], None] | None = None,
    ) -> None:
        project = self._project
        if project is None:
            return

        def done(_view: NetworkView) -> None:
            self.view.error.hide()
            if then is not None:
                then()
            self.refresh()

        def failed(error: StudioError) -> None:
            self.view.error.show_error(error)
            self.refresh()

        self._bridge.call(lambda studio: make(studio, project), done, failed)


async def read(studio: Studio, wanted: ProjectId | None) -> Sheet:
    """Everything the page shows of a project, or of the first one where that is not there."""
    projects = tuple(each for each in await studio.projects.list() if not each.archived)
    chosen = next((each.id for each in projects if each.id == wanted), projects[0].id if projects else None)
    if chosen is None:
        return Sheet(projects)
    return Sheet(projects, await studio.networks.show(chosen), await studio.networks.connections(chosen))

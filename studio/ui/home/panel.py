"""The home panel: lists, opens and makes projects through the projects door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app import demo
from studio.domain.errors import StudioError
from studio.domain.events import Delta, ProjectAdded, ProjectArchived, ProjectRemoved, Recorded, TurnEnded, TurnStarted
from studio.domain.projects import Project
from studio.domain.runs import Run, RunState
from studio.ui.bridge import Bridge
from studio.ui.home.new_project import NewProjectDialog
from studio.ui.home.view import HomeView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.doctor import Check
    from studio.app.studio import Studio

_SETTLE_MILLISECONDS = 200


class HomePanel(QObject):
    """Where one is without a project.

    Signals: `project_opened(Project)`; `projects_changed(tuple)` all projects that are not put away;
    `opening_failed(StudioError)`; `key_requested()` the person wants to paste a provider's key.
    """

    project_opened = Signal(object)
    projects_changed = Signal(object)
    opening_failed = Signal(object)
    key_requested = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.view = HomeView(theme)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self.refresh)
        self.view.project_chosen.connect(self.project_opened)
        self.view.open_requested.connect(self.ask_for_folder)
        self.view.new_requested.connect(self.ask_for_new)
        self.view.demo_requested.connect(self.open_demo)
        self.view.again_requested.connect(self.refresh)
        self.view.checks.again_requested.connect(self.look)
        self.view.checks.key_requested.connect(self.key_requested)
        bridge.start_failed.connect(self._on_start_failed)

    @property
    def widget(self) -> QWidget:
        """What the main window shows in the middle."""
        return self.view

    def refresh(self) -> None:
        """Reads projects and their runs again."""
        self._bridge.call(_overview, lambda found: self._show(*found), self._on_reading_failed)

    def look(self) -> None:
        """Asks the doctor whether agents can work here."""
        self._look(self.view.checks.show_checks)

    def set_up(self) -> None:
        """Looks again, and brings into view what is to be done before agents can work."""
        self._look(self._show_checks)

    def open_path(self, name_or_path: str) -> None:
        """Opens the project of this name or path; a repository that is none yet becomes one."""
        self._open(lambda studio: studio.projects.find_or_add(name_or_path))

    def open_last(self, last: str) -> None:
        """Opens the project with the id `last`; without it the only one there is, else stays here."""

        def done(projects: tuple[Project, ...]) -> None:
            found = [project for project in projects if project.id == last]
            if found or len(projects) == 1:
                self.project_opened.emit((found or list(projects))[0])

        self._bridge.call(_projects, done, self._on_failed)

    def ask_for_folder(self) -> None:
        """Lets the person choose a repository."""
        dialog = QFileDialog(self.view, "Open a repository", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.open_path)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_for_new(self) -> None:
        """Lets the person name a new project."""

        async def templates(studio: Studio) -> tuple[str, ...]:
            return studio.projects.templates()

        self._bridge.call(templates, self._ask_for_new, self._on_failed)

    def open_demo(self) -> None:
        """Makes the sample project and sets the scripted agent to work on it."""

        async def make(studio: Studio) -> Project:
            project = await studio.projects.new(demo.free_folder(studio.paths.home), "demo")
            await studio.chats.send(project.id, demo.MESSAGE, model=demo.script_model())
            return project

        self._open(make)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after projects or the state of runs changed."""
        relevant = ProjectAdded | ProjectArchived | ProjectRemoved | TurnStarted | TurnEnded
        if any(isinstance(item, Recorded) and isinstance(item.event, relevant) for item in events):
            self._settle.start()

    def _look(self, show: Callable[[tuple[Check, ...]], None]) -> None:
        self.view.checks.say("Looking…")
        self._bridge.call(_all_checks, show, self._on_looking_failed)

    def _show_checks(self, checks: tuple[Check, ...]) -> None:
        self.view.checks.show_checks(checks)
        # Its lines get their place only after this turn of the loop.
        QTimer.singleShot(0, self.view, lambda: self.view.ensureWidgetVisible(self.view.checks))

    def _ask_for_new(self, templates: tuple[str, ...]) -> None:
        dialog = NewProjectDialog(templates, self.view)
        dialog.accepted_with.connect(
            lambda path, template: self._open(lambda studio: studio.projects.new(path, template))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _open(self, make: Callable[[Studio], Awaitable[Project]]) -> None:
        self.view.set_busy(True, "Opening…")

        def done(project: Project) -> None:
            self.view.set_busy(False)
            self.refresh()
            self.project_opened.emit(project)

        def failed(error: StudioError) -> None:
            self.view.set_busy(False)
            self._on_failed(error)

        self._bridge.call(make, done, failed)

    def _show(self, projects: tuple[Project, ...], runs: tuple[Run, ...]) -> None:
        counts = {
            project.id: (_count(project, runs, RunState.WORKING), _count(project, runs, RunState.WAITING))
            for project in projects
        }
        self.view.show_projects(projects, counts)
        self.projects_changed.emit(projects)

    def _on_start_failed(self, error: StudioError) -> None:
        self.view.show_failure(f"{error.sentence} {error.action} Then start Studio again.")

    def _on_reading_failed(self, error: StudioError) -> None:
        self.view.show_unread("The projects could not be read.")
        self._on_failed(error)

    def _on_looking_failed(self, error: StudioError) -> None:
        self.view.checks.say(f"{error.sentence} {error.action}".strip())

    def _on_failed(self, error: StudioError) -> None:
        self.opening_failed.emit(error)


async def _projects(studio: Studio) -> tuple[Project, ...]:
    return tuple(project for project in await studio.projects.list() if not project.archived)


async def _overview(studio: Studio) -> tuple[tuple[Project, ...], tuple[Run, ...]]:
    return await _projects(studio), await studio.chats.runs()


async def _all_checks(studio: Studio) -> tuple[Check, ...]:
    return tuple([check async for check in studio.doctor.checks()])


def _count(project: Project, runs: tuple[Run, ...], state: RunState) -> int:
    return sum(1 for run in runs if run.project == project.id and run.state is state)

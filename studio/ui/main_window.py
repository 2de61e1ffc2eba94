"""The main window: makes the panels and is the one place where they meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow

from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.ui.actions import Actions
from studio.ui.acts import Acts
from studio.ui.bridge import Bridge
from studio.ui.chat_joins import join_agents, join_chat
from studio.ui.console_joins import join_console
from studio.ui.file_joins import join_files
from studio.ui.frame import Frame
from studio.ui.front import Front
from studio.ui.panels import NEED_A_PROJECT, PANELS, Panels, make_palette, make_panel
from studio.ui.review_joins import join_review
from studio.ui.settings_joins import SettingsDesk
from studio.ui.status.panel import StatusPanel
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown
from studio.ui.widgets.questions import confirm
from studio.ui.window_state import WindowState

_FIRST_SIZE = (1440, 900)


class MainWindow(QMainWindow):
    """The window, empty until `furnish`.

    Signals: `furnished()` every panel stands; `project_changed(object)` a Project or None.
    """

    furnished = Signal()
    project_changed = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, state: WindowState) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._state = state
        self._projects: tuple[Project, ...] = ()
        self._details = ""
        self._panels: Panels | None = None
        self.project: Project | None = None
        self.actions_table = Actions(self)
        self.status = StatusPanel(bridge, theme, self)
        # Turns that are taken up at the start begin while the panels are still being made.
        bridge.events_arrived.connect(self.status.apply)
        self.frame = Frame(theme, self.status.widget, self.status.bar)
        self.setCentralWidget(self.frame)
        self.resize(*_FIRST_SIZE)
        if state.geometry is not None:
            self.restoreGeometry(state.geometry)
        self.frame.docks.settle()
        self.frame.docks.hide_all()
        self._name_window()

    @property
    def panels(self) -> Panels:
        """The panels, once `furnished` was said."""
        assert self._panels is not None
        return self._panels

    def furnish(self) -> None:
        """Makes the panels, one in each turn of the loop so that the window stays alive, then joins them."""
        self._furnishing = self._make_panels()
        self._furnish_next()

    def open_first(self, wanted: str | None) -> None:
        """Opens what was asked for, else the project that was open last, else the home page."""
        self._bridge.ready.connect(self.panels.home.refresh)
        self._bridge.ready.connect(self.panels.home.look)
        if self._bridge.is_ready:
            self.panels.home.refresh()
            self.panels.home.set_up()
        if wanted:
            self.panels.home.open_path(wanted)
        else:
            self.panels.home.open_last(self._state.last_project)

    def open_project(self, project: Project | None) -> None:
        """Shows a project, or the home page for None."""
        self._keep_layout()
        self.project = project
        id = project.id if project else None
        self.status.show_project(project)
        self.frame.title.show_projects(self._projects, project)
        self.panels.chat.set_project(id, self._state.last_chat(id) if id else None)
        self.panels.review.set_project(id)
        self.panels.activity.set_project(id)
        self.panels.editor.show_project(id, {known.id: known.name for known in self._projects})
        self._front.show_project(project, self.panels.chat.current_run)
        self._state.last_project = id or ""
        self._show_layout()
        self._name_window()
        self._mark_rail()
        self.project_changed.emit(project)

    def show_error(self, sentence: str, details: str = "") -> None:
        """Says in one line that something went wrong."""
        self._details = details
        self.frame.error.say(sentence, details=bool(details))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks about unsaved files, then keeps size, place and layout."""
        if self._may_close():
            self.put_down()
            event.accept()
        else:
            event.ignore()

    def put_down(self) -> None:
        """Keeps size, place, layout and unsaved texts, and frees what the panels hold; asks nothing."""
        self._keep_layout()
        self._state.geometry = self.saveGeometry()
        if self._panels is not None:
            self.panels.chat.drafts.save()
            self.panels.chat.drafts.images.save()
        self._state.save()
        if self._panels is not None:
            self.panels.editor.keep_unsaved()
            self.panels.terminal.close_all()
            self.panels.preview.release()
            self.panels.console.release()

    def changeEvent(self, event: QEvent) -> None:
        """Open files are read again when the window comes to the front."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and self._panels is not None:
            self.panels.editor.look_again()

    def _make_panels(self) -> Iterator[None]:
        made: dict[str, Any] = {}
        for row in PANELS:
            panel = make_panel(row, self._bridge, self._theme, self)
            made[row.id] = panel
            self.frame.fill(row.id, panel.widget)
            yield
        made["palette"] = make_palette(self._bridge, self._theme, self.actions_table, self)
        self._panels = Panels(**made)
        self._panels.editor.keep_unsaved_in(self._state.unsaved)

    def _furnish_next(self) -> None:
        if next(self._furnishing, self) is self:
            self._connect()
            self._show_layout()
            self.furnished.emit()
        else:
            QTimer.singleShot(0, self, self._furnish_next)

    def _connect(self) -> None:
        """The map of the window: who hears whom."""
        panels, frame, bridge = self.panels, self.frame, self._bridge
        front = self._front = Front(panels, self.status, self.actions_table, bridge, self)
        self.settings = SettingsDesk(bridge, self._theme, lambda: self.project, self)
        acts = Acts(panels, frame, bridge, self._theme, self._state, self.close, lambda: front.run, self.settings, self)

        panels.chat.drafts.use(self._state)
        # from the core
        for apply in (
            panels.home.apply, panels.explorer.apply, panels.editor.apply, panels.inbox.apply,
            panels.terminal.apply, panels.preview.apply, panels.usage.apply, front.apply,
        ):  # fmt: skip
            bridge.events_arrived.connect(apply)
        bridge.error_arrived.connect(frame.error.show_error)
        bridge.start_failed.connect(frame.error.show_error)

        # projects
        panels.home.project_opened.connect(self.open_project)
        panels.home.projects_changed.connect(self._on_projects_changed)
        panels.home.opening_failed.connect(frame.error.show_error)
        frame.title.project_requested.connect(self.open_project)
        frame.title.open_requested.connect(panels.home.ask_for_folder)
        frame.title.home_requested.connect(lambda: frame.show_panel("home"))

        # runs
        panels.chat.run_changed.connect(front.show_run)
        panels.chat.run_changed.connect(self._keep_chat)
        panels.chat.setup_requested.connect(self._set_up)
        join_chat(panels, frame, self.status)
        join_console(panels, frame, self.status, bridge)
        join_review(panels, frame, self.status, front)
        self.settings.join(panels, frame.title, self.status)
        join_agents(panels, bridge, self._theme, self._show_chat)
        for wanted in (panels.inbox.run_requested, panels.usage.run_requested, self.settings.logs_requested):
            wanted.connect(self._show_chat)
        self.settings.logs_requested.connect(lambda _run: frame.show_panel("logs"))
        panels.inbox.deciding_failed.connect(frame.error.show_error)
        panels.usage.said.connect(self.status.say)
        panels.inbox.count_changed.connect(lambda count: frame.rail.show_count("inbox", count))
        # The first answer may have come before anybody listened.
        frame.rail.show_count("inbox", panels.inbox.items.rowCount())

        # files
        join_files(panels, frame, self.status)
        panels.editor.current_changed.connect(lambda _place, _path: self._name_window())

        # the frame
        acts.listen(self.actions_table)
        frame.rail.chosen.connect(lambda id: self.actions_table.action(id).trigger())
        frame.title.search_requested.connect(panels.palette.open_files)
        frame.title.preview_requested.connect(lambda: acts.do("show_preview"))
        frame.middle_changed.connect(self._mark_rail)
        frame.docks.shown.connect(self._mark_rail)
        frame.error.details_requested.connect(self._show_details)
        self.status.panel_requested.connect(frame.show_panel)
        self._mark_rail()

    def _on_projects_changed(self, projects: tuple[Project, ...]) -> None:
        self._projects = projects
        self.panels.inbox.name_projects(projects)
        if self.project is not None and self.project.id not in {project.id for project in projects}:
            self.open_project(None)
        self.frame.title.show_projects(projects, self.project)
        id = self.project.id if self.project else None
        self.panels.editor.show_project(id, {project.id: project.name for project in projects})

    def _show_chat(self, run: RunId) -> None:
        def done(found: Run) -> None:
            project = next((project for project in self._projects if project.id == found.project), None)
            if project is not None and (self.project is None or project.id != self.project.id):
                self.open_project(project)
            self.frame.show_panel("chat")
            self.panels.chat.show_run(run)

        self._bridge.call(lambda studio: studio.chats.run(run), done)

    def _keep_chat(self, run: RunId | None) -> None:
        if self.project is not None:
            self._state.keep_last_chat(self.project.id, run)

    def _set_up(self) -> None:
        self.frame.show_panel("home")
        self.panels.home.set_up()

    def _mark_rail(self, *_: object) -> None:
        side = {id for id in ("explorer", "inbox") if self.frame.docks.is_open(id)}
        self.frame.rail.show_current(frozenset(side | {self.frame.current_middle}))

    def _show_layout(self) -> None:
        """The project's own layout, or nothing but the home page."""
        project = self.project
        self.actions_table.set_panels_enabled(NEED_A_PROJECT, project is not None)
        self.frame.rail.set_enabled(NEED_A_PROJECT, project is not None)
        self.frame.title.preview.setVisible(project is not None)
        if project is None:
            self.frame.docks.hide_all()
        else:
            self.frame.docks.restore(self._state.layout(project.id))
        self.frame.show_panel("editor" if project else "home")

    def _keep_layout(self) -> None:
        if self.project is not None:
            self._state.keep_layout(self.project.id, self.frame.docks.save())

    def _may_close(self) -> bool:
        unsaved = self.panels.editor.unsaved() if self._panels is not None else ()
        names = ", ".join(shown(name) for name in unsaved[:5])
        if unsaved and not confirm(self, f"Quit without saving {names}?", "The changes are lost.", "Quit"):
            return False
        if unsaved:
            self.panels.editor.drop_unsaved()
        return True

    def _show_details(self) -> None:
        self.frame.show_panel("editor")
        self.panels.editor.show_text("Details of the fault", self._details)

    def _name_window(self) -> None:
        page = self.panels.editor.view.current if self._panels is not None else None
        file = page.document.label if page is not None else ""
        parts = (file, self.project.name if self.project else "", "Studio")
        self.setWindowTitle(" · ".join(shown(part) for part in parts if part))

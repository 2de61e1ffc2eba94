"""The sandboxes panel: how the containers of runs stand, what they use, and what can be done about them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.base.text import shorten
from studio.domain.engines import EngineView
from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded, SandboxSlept, SandboxStarted, SandboxStopped, SandboxWoke
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.sandboxes.includes_view import Asked
from studio.ui.sandboxes.kept_view import KeptOf, forget_words, keep_words
from studio.ui.sandboxes.view import SandboxesView
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown
from studio.ui.widgets.questions import ask

if TYPE_CHECKING:
    from studio.app.studio import Studio
    from studio.domain.sandboxes import Cleared, SandboxView

EVERY_MS = 5000
"""How often what sandboxes use is read while the page is seen."""

SETTLE_MS = 300
_TITLE_CHARACTERS = 60
_MATTERS = (SandboxStarted, SandboxStopped, SandboxSlept, SandboxWoke)
_LOST = "What services beside it keep, a database say, is deleted for good. Files and snapshots of the run stay."


@dataclass(frozen=True, slots=True)
class _Found:
    """What the page shows: sandboxes, under which names, what waits for a run, and the container engine."""

    views: tuple[SandboxView, ...]
    names: dict[RunId, str]
    ready: str
    engine: EngineView


class SandboxesPanel(QObject):
    """The page of sandboxes; it reads again when one came, went, slept or woke, and now and then while it is seen.

    Signals: `logs_requested(RunId)`.
    """

    logs_requested = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._counted = False
        self.view = SandboxesView(theme)
        self._settle = QTimer(self.view, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._again = QTimer(self.view, singleShot=True, interval=EVERY_MS)
        self._again.timeout.connect(self._read_while_seen)
        self.view.wake_requested.connect(self._wake)
        self.view.keep_requested.connect(self._ask_to_keep)
        self.view.kept.forget_requested.connect(self._ask_to_forget)
        self.view.includes.agree_requested.connect(self._agree)
        self.view.restart_requested.connect(self._restart)
        self.view.stop_requested.connect(self._stop)
        self.view.delete_requested.connect(self._ask_to_delete)
        self.view.logs_requested.connect(self.logs_requested)
        self.view.count_requested.connect(self._count)
        self.view.prune_requested.connect(self._prune)
        self.view.again_requested.connect(self.refresh)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Reads how they stand; the disk is counted the first time."""
        self._bridge.call(_read, self._show, self._on_unread)
        self._bridge.call(_read_kept, self.view.kept.show_kept, self._on_failed)
        self._bridge.call(_read_asked, self.view.includes.show_asked, self._on_failed)
        if not self._counted:
            self._counted = True
            self._count()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after one came, went, slept or woke."""
        if self.view.isVisible() and any(
            isinstance(each, Recorded) and isinstance(each.event, _MATTERS) for each in events
        ):
            self._settle.start()

    def _show(self, found: _Found) -> None:
        self.view.show_engine(found.engine)
        self.view.show_sandboxes(found.views, found.names, found.ready)
        self._again.start()

    def _read_while_seen(self) -> None:
        if self.view.isVisible():
            self._bridge.call(_read, self._show, self._on_unread)

    def _wake(self, run: str) -> None:
        self._bridge.call(lambda studio: studio.sandboxes.start(RunId(run)), self._done, self._on_failed)

    def _ask_to_keep(self, run: str) -> None:
        row = self.view.rows.get(RunId(run))
        if row is not None:
            question = f"Keep the data of {row.name.text()} for new runs?"
            replaced = self.view.kept.of(row.project)
            ask(self.view, "keepData", question, keep_words(replaced), "Keep its data", partial(self._keep, run))

    def _keep(self, run: str) -> None:
        self.view.show_keeping(run)
        self._bridge.call(lambda studio: studio.sandboxes.keep_data(RunId(run)), self._done, self._on_failed)

    def _ask_to_forget(self, project: str) -> None:
        kept = self.view.kept.of(ProjectId(project))
        if kept is not None:
            question = f"Forget the data kept for new runs of {shown(kept[1])}?"
            ask(self.view, "forgetData", question, forget_words(kept), "Forget", partial(self._forget, project))

    def _forget(self, project: str) -> None:
        self._bridge.call(lambda studio: studio.sandboxes.forget_data(ProjectId(project)), self._done, self._on_failed)

    def _agree(self, project: str, digest: str) -> None:
        wanted = ProjectId(project)
        self._bridge.call(lambda studio: studio.sandboxes.allow_includes(wanted, digest), self._done, self._on_failed)

    def _restart(self, run: str) -> None:
        self._bridge.call(lambda studio: studio.sandboxes.restart(RunId(run)), self._done, self._on_failed)

    def _stop(self, run: str) -> None:
        self._bridge.call(lambda studio: studio.sandboxes.stop(RunId(run)), self._done, self._on_failed)

    def _ask_to_delete(self, run: str) -> None:
        row = self.view.rows.get(RunId(run))
        if row is not None:
            question = f"Delete the sandbox of {row.name.text()}?"
            ask(self.view, "deleteSandbox", question, _LOST, "Delete", partial(self._delete, run))

    def _delete(self, run: str) -> None:
        self._bridge.call(lambda studio: studio.sandboxes.delete(RunId(run)), self._done, self._on_failed)

    def _count(self) -> None:
        self.view.show_counting()
        self._bridge.call(lambda studio: studio.sandboxes.disk(), self.view.show_disk, self._on_uncounted)

    def _prune(self) -> None:
        self.view.show_counting()
        self._bridge.call(lambda studio: studio.sandboxes.prune(), self._pruned, self._on_uncounted)

    def _pruned(self, cleared: Cleared) -> None:
        if cleared.kept:
            self.view.error.say(f"Not everything could be cleared away: {'; '.join(cleared.kept)}")
        self._count()

    def _done(self, _: object) -> None:
        self.view.error.hide()
        self.refresh()

    def _on_uncounted(self, error: StudioError) -> None:
        self.view.show_uncounted(f"{error.sentence} {error.action}".strip())

    def _on_unread(self, error: StudioError) -> None:
        self.view.show_failure(f"{error.sentence} {error.action}".strip())
        self._again.start()

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)


async def _read(studio: Studio) -> _Found:
    views = await studio.sandboxes.list()
    projects = {project.id: project.name for project in await studio.projects.list()}
    used = await asyncio.gather(*(studio.sandboxes.stats(view.run) for view in views), return_exceptions=True)
    # One that went meanwhile stands as it was listed.
    read = tuple(view if isinstance(each, BaseException) else each for view, each in zip(views, used, strict=True))
    runs = await asyncio.gather(*(studio.chats.run(view.run) for view in views), return_exceptions=True)
    # One that cannot be read goes by its id, and takes no other one with it.
    names = {
        run.id: f"{projects.get(run.project, '')} · {shorten(run.title, _TITLE_CHARACTERS)}"
        for run in runs
        if not isinstance(run, BaseException)
    }
    waiting = await studio.sandboxes.ready()
    ready = ", ".join(f"{len(slots)} for {projects.get(project, project)}" for project, slots in waiting.items())
    engine = await studio.container_engine.view()
    return _Found(read, names, f"Ready for the next run: {ready}." if ready else "", engine)


async def _read_kept(studio: Studio) -> tuple[KeptOf, ...]:
    found = []
    for project in await studio.projects.list():
        if (data := await studio.sandboxes.data(project.id)) is not None:
            found.append((data, project.name, shorten((await studio.chats.run(data.run)).title, _TITLE_CHARACTERS)))
    return tuple(found)


async def _read_asked(studio: Studio) -> tuple[Asked, ...]:
    found = []
    for project in await studio.projects.list():
        # A checkout that is gone, or has no commit, asks for nothing.
        with suppress(StudioError):
            includes = await studio.sandboxes.includes(project.id)
            if includes.changes:
                found.append((project.id, project.name, includes.changes, includes.digest))
    return tuple(found)

"""The experiments panel: reads what is tried and how it did; an experiment itself is a file that the person writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.app.experiment_words import EXAMPLE
from studio.domain.errors import StudioError
from studio.domain.events import BranchMerged, Delta, ExperimentJoined, Recorded, TurnEnded
from studio.domain.experiments import ExperimentProblem
from studio.ui.bridge import Bridge
from studio.ui.experiments.view import ExperimentsView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.experiments import ExperimentView
    from studio.app.studio import Studio

SETTLE_MS = 1000

_MATTERS = (ExperimentJoined, TurnEnded, BranchMerged)


class ExperimentsPanel(QObject):
    """The page of experiments; it reads again when a run drew a variant, or came to an end, while it is seen."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.view = ExperimentsView(theme)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.view.folder_requested.connect(self._open_folder)
        self.view.example_requested.connect(self._copy_example)
        self.view.again_requested.connect(self.refresh)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def refresh(self) -> None:
        """Reads everything again."""
        self._bridge.call(_read, lambda found: self.view.show_experiments(*found), self._on_unread)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after something of what is compared happened."""
        if self.view.isVisible() and any(
            isinstance(each, Recorded) and isinstance(each.event, _MATTERS) for each in events
        ):
            self._settle.start()

    def _copy_example(self) -> None:
        QGuiApplication.clipboard().setText(EXAMPLE)
        self.view.copy.setText("Copied")
        QTimer.singleShot(2 * SETTLE_MS, self.view.copy, lambda: self.view.copy.setText("Copy an example"))

    def _open_folder(self) -> None:
        self._bridge.call(lambda studio: studio.experiments.folder(), _opened, self._on_failed)

    def _on_unread(self, error: StudioError) -> None:
        self.view.show_failure(f"{error.sentence} {error.action}".strip())

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)


def _opened(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


async def _read(studio: Studio) -> tuple[tuple[ExperimentView, ...], tuple[ExperimentProblem, ...]]:
    names = await studio.experiments.names()
    views = [await studio.experiments.show(name) for name in names]
    return tuple(views), (await studio.experiments.all()).problems

"""The usage panel: reads a report when it comes into view, and again when something was used meanwhile.

The page itself, and the library that draws its pictures, are loaded when the panel is first shown: most windows
never show it. The report is read meanwhile, and the page is made and filled in pieces, between which the window works.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.events import (
    BudgetAlerted,
    BudgetRemoved,
    BudgetSet,
    Delta,
    ModelFailed,
    Recorded,
    TurnEnded,
    UsageRecorded,
)
from studio.domain.ids import ProjectId
from studio.domain.within import Within
from studio.ui.bridge import Bridge
from studio.ui.theme import Theme
from studio.ui.usage.loading import Charts, Steps
from studio.ui.usage.spans import SPANS
from studio.ui.widgets.states import EmptyState

if TYPE_CHECKING:
    from studio.app.studio import Studio
    from studio.app.usage_report import UsageReport
    from studio.ui.usage.view import UsageView

ALL_PROJECTS = "All projects"
SETTLE_MS = 1000

_CHANGES = (UsageRecorded, ModelFailed, TurnEnded, BudgetSet, BudgetRemoved, BudgetAlerted)


class UsagePanel(QObject):
    """What was used in a time, of all projects or of one.

    Signals: `run_requested(str)` of a run that is to be shown; `budgets_requested()` where they are set;
    `said(str)` a sentence for the person.
    """

    run_requested = Signal(str)
    budgets_requested = Signal()
    said = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._span = next(iter(SPANS))
        self._project = ""
        self.view: UsageView | None = None
        self._answer: tuple[UsageReport, dict[str, str], date, date] | None = None
        self._failure = ""
        self._charts = Charts(self)
        self._charts.loaded.connect(self._on_loaded)
        self._loading = False
        self._place = _Place()
        self._place.came.connect(self._on_shown)
        # Both end with the widgets that they touch.
        self._steps = Steps(self._place)
        self._settle = QTimer(self._place, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)

    @property
    def widget(self) -> QWidget:
        """What the main window puts in its middle."""
        return self._place

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after something was used, while the panel is seen."""
        # Not put off by what follows: agents that work for long would never let it be read.
        if self.view is None or not self._place.isVisible() or self._settle.isActive():
            return
        if any(isinstance(item, Recorded) and isinstance(item.event, _CHANGES) for item in events):
            self._settle.start()

    def refresh(self) -> None:
        """Reads everything again."""
        if not self._loading:
            return
        first, last = SPANS[self._span].days(_today())
        wanted = (self._span, self._project)
        within = Within.days(first, last, ProjectId(self._project) if self._project else None)
        if self.view is not None:
            self.view.show_reading()

        def done(answer: tuple[UsageReport, dict[str, str]]) -> None:
            if wanted == (self._span, self._project):
                self._answer = (*answer, first, last)
                if self.view is not None:
                    self._steps.begin(self._fill(self.view))

        self._bridge.call(lambda studio: _read(studio, within), done, self._on_failed)

    def save_month(self, path: Path) -> None:
        """Saves the report of the month that is shown, else of this one, as PDF or, by the file's ending, as CSV."""
        month = SPANS[self._span].days(_today())[1].replace(day=1)
        project = ProjectId(self._project) if self._project else None
        if path.suffix.lower() == ".csv":
            self._bridge.call(lambda studio: _save_month(studio, path, month, project), self._on_saved, self._on_failed)
            return

        def done(answer: tuple[UsageReport, dict[str, str]]) -> None:
            report, names = answer
            whose = names.get(self._project, ALL_PROJECTS) if project else ALL_PROJECTS
            try:
                importlib.import_module("studio.ui.usage.month_pdf").write(path, report, month, whose, names)
            except StudioError as error:
                self._on_failed(error)
            else:
                self._on_saved(path)

        self._bridge.call(lambda studio: _read(studio, Within.month(month, project)), done, self._on_failed)

    def save_table(self, path: Path) -> None:
        """Saves the table of models as it stands."""
        assert self.view is not None
        text = self.view.items.as_csv()
        self._bridge.call(lambda studio: _save(studio, path, text), self._on_saved, self._on_failed)

    def _on_shown(self) -> None:
        if not self._loading:
            self._loading = True
            self._charts.load()
        self.refresh()

    def _on_loaded(self) -> None:
        self._steps.begin(self._make())

    def _make(self) -> Iterator[None]:
        """Makes the page, then fills it with what was read meanwhile."""
        for module in ("words", "charts", "day_card", "lists"):
            importlib.import_module(f"studio.ui.usage.{module}")
            yield
        view: UsageView = importlib.import_module("studio.ui.usage.view").UsageView(self._theme)
        yield
        yield from view.furnish()
        view.span_chosen.connect(self._choose_span)
        view.project_chosen.connect(self._choose_project)
        view.again_requested.connect(self.refresh)
        view.run_requested.connect(self.run_requested)
        view.budgets_requested.connect(self.budgets_requested)
        view.month_requested.connect(self._ask_month)
        view.table_requested.connect(self._ask_table)
        self._place.fill(view)
        self.view = view
        if self._failure:
            view.show_failure(self._failure)
        yield
        yield from self._fill(view)

    def _fill(self, view: UsageView) -> Iterator[None]:
        if self._answer is not None:
            report, names, first, last = self._answer
            view.show_projects([("", ALL_PROJECTS), *names.items()], self._project)
            yield from view.show_report(report, first, last)

    def _choose_span(self, span: str) -> None:
        self._span = span
        self.refresh()

    def _choose_project(self, project: str) -> None:
        self._project = project
        self.refresh()

    def _ask_month(self) -> None:
        month = SPANS[self._span].days(_today())[1]
        self._ask("Save the month's report", f"usage-{month:%Y-%m}.pdf", "PDF (*.pdf);;CSV (*.csv)", self.save_month)

    def _ask_table(self) -> None:
        self._ask("Save the table", f"models-{_today():%Y-%m-%d}.csv", "CSV (*.csv)", self.save_table)

    def _ask(self, title: str, name: str, kinds: str, save: Any) -> None:
        dialog = QFileDialog(self._place, title, str(Path.home() / name), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(name.rpartition(".")[2])
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "pdf"))
        dialog.fileSelected.connect(lambda file: save(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_saved(self, path: Path) -> None:
        self.said.emit(f"Saved {path}.")

    def _on_failed(self, error: StudioError) -> None:
        self._failure = f"{error.sentence} {error.action}".strip()
        if self.view is not None:
            self.view.show_failure(self._failure)


class _Place(QWidget):
    """Where the page will be; says when it comes into view."""

    came = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panelSurface")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._waiting = EmptyState("Reading what was used…")
        self._column.addWidget(self._waiting)

    def fill(self, page: QWidget) -> None:
        self._waiting.hide()
        self._column.addWidget(page)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.came.emit()


async def _read(studio: Studio, within: Within) -> tuple[UsageReport, dict[str, str]]:
    return await studio.usage.report(within), await studio.usage.names()


async def _save_month(studio: Studio, path: Path, month: date, project: ProjectId | None) -> Path:
    return await _save(studio, path, await studio.usage.month_csv(month, project))


async def _save(studio: Studio, path: Path, text: str) -> Path:
    await studio.usage.save(path, text)
    return path


def _today() -> date:
    return datetime.now(UTC).date()

"""The page's widgets: a card for each sandbox, and below them what all of it takes on disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.domain.ids import RunId
from studio.ui.sandboxes.includes_view import IncludesView
from studio.ui.sandboxes.kept_view import KeptDataView
from studio.ui.sandboxes.row import SandboxRow
from studio.ui.sandboxes.words import disk_words, litter_words
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines
from studio.ui.widgets.scrolled import scrolled
from studio.ui.widgets.states import EmptyState, ErrorBar

if TYPE_CHECKING:
    from studio.domain.engines import EngineView
    from studio.domain.sandboxes import DiskMeter, SandboxView

_INTRO = (
    "The containers that agents work in, one for each run. One that nobody uses sleeps, and wakes when it is used; "
    "a run's files outlive its sandbox."
)
_NONE = "One starts with a message to an agent, or when a terminal is opened."
_COUNTING = "Counting what lies on disk\N{HORIZONTAL ELLIPSIS}"


class SandboxesView(QWidget):
    """All that is shown of sandboxes.

    Signals: `wake_requested(str)`, `logs_requested(str)`, `keep_requested(str)`, `restart_requested(str)`,
    `stop_requested(str)`, `delete_requested(str)` a run; `count_requested()`; `prune_requested()`; `again_requested()`.
    """

    wake_requested = Signal(str)
    logs_requested = Signal(str)
    keep_requested = Signal(str)
    delete_requested = Signal(str)
    restart_requested = Signal(str)
    stop_requested = Signal(str)
    count_requested = Signal()
    prune_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.rows: dict[RunId, SandboxRow] = {}
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.empty = EmptyState("Loading\N{HORIZONTAL ELLIPSIS}")
        self.empty.action_requested.connect(self.again_requested)
        self.engine = label("", "small", wrap=True)
        self.ready = label("", "small", wrap=True)
        self.kept = KeptDataView()
        self.includes = IncludesView()
        self.disk = label("", "small", wrap=True)
        self.litter = label("", "small", wrap=True)
        self.count = button("Count disk", self.count_requested.emit)
        self.count.setToolTip("Count what images, volumes, files and repositories take; takes some seconds")
        self.prune = button("Clear away", self.prune_requested.emit)
        self.prune.setToolTip("Remove containers, volumes and images of Studio that nothing needs")
        for each in (self.engine, self.ready, self.litter, self.prune):
            each.hide()
        self._lay_out()

    def show_sandboxes(self, views: tuple[SandboxView, ...], names: Mapping[RunId, str], ready: str) -> None:
        """A card for each, under these names; `ready` says what waits for a run."""
        listed = [view.run for view in views]
        for gone in [run for run in self.rows if run not in listed]:
            row = self.rows.pop(gone)
            self._cards.removeWidget(row)
            row.hide()
            row.deleteLater()
        for view in views:
            if view.run in self.rows:
                self.rows[view.run].show_view(view)
            else:
                self._add(view, names.get(view.run, view.run))
        self.empty.setVisible(not views)
        self.ready.setText(shown(ready))
        self.ready.setVisible(bool(ready))

    def show_keeping(self, run: str) -> None:
        """Says that what a run's services keep is being copied."""
        if (row := self.rows.get(RunId(run))) is not None:
            row.show_keeping()

    def show_engine(self, engine: EngineView) -> None:
        """Says behind which walls sandboxes run, and what is known against them, or why none can run now."""
        if engine.state.away:
            self.empty.say("No sandbox can run now", f"{engine.sentence} {engine.action}".strip(), "Look again")
        else:
            self.empty.say("No sandbox is up", _NONE)
        self.engine.setText(shown_lines("\n".join((engine.engine, *engine.holes)).strip()))
        self.engine.setVisible(bool(self.engine.text()))

    def show_uncounted(self, sentence: str) -> None:
        """Says that what lies on disk could not be counted."""
        self.show_disk(None)
        self.disk.setText(shown_lines(f"The disk could not be counted. {sentence}"))

    def show_counting(self) -> None:
        """Says that the disk is counted, and lets nobody ask again meanwhile."""
        self.count.setEnabled(False)
        self.prune.setEnabled(False)
        self.disk.setText(_COUNTING)

    def show_disk(self, meter: DiskMeter | None) -> None:
        """Says what is taken and what is left over; None that it could not be counted."""
        self.count.setEnabled(True)
        self.prune.setEnabled(True)
        self.disk.setText(shown_lines(disk_words(meter)) if meter is not None else "")
        self.litter.setText(shown_lines(litter_words(meter)) if meter is not None else "")
        has_litter = meter is not None and bool(meter.litter)
        self.litter.setVisible(has_litter)
        self.prune.setVisible(has_litter)

    def show_failure(self, sentence: str) -> None:
        """Says why nothing is shown, and lets one try again."""
        if not self.rows:
            self.empty.say("The sandboxes could not be read", sentence, "Try again")
            self.empty.show()

    def _add(self, view: SandboxView, name: str) -> None:
        row = SandboxRow(self._theme, name, view)
        row.wake_wanted.connect(partial(self.wake_requested.emit, view.run))
        row.keep_wanted.connect(partial(self.keep_requested.emit, view.run))
        row.logs_wanted.connect(partial(self.logs_requested.emit, view.run))
        row.delete_wanted.connect(partial(self.delete_requested.emit, view.run))
        row.restart_wanted.connect(partial(self.restart_requested.emit, view.run))
        row.stop_wanted.connect(partial(self.stop_requested.emit, view.run))
        self.rows[view.run] = row
        self._cards.insertWidget(self._cards.count() - 1, row)

    def _lay_out(self) -> None:
        scroll, self._cards = scrolled()
        self._cards.addWidget(self.empty)
        self._cards.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label("Sandboxes", "title"))
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.engine)
        column.addWidget(self.error)
        column.addWidget(scroll, 1)
        column.addWidget(self.ready)
        column.addWidget(self.kept)
        column.addWidget(self.includes)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.disk, 1)
        foot.addWidget(self.count)
        foot.addWidget(self.prune)
        column.addLayout(foot)
        column.addWidget(self.litter)

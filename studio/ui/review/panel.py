"""The review panel: joins branches that wait to the review door."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.domain.changes import Diff, Merged
from studio.domain.errors import StudioError
from studio.domain.events import (
    BranchMerged,
    Delta,
    FilesRestored,
    Recorded,
    RunDiscarded,
    RunForked,
    SnapshotTaken,
    TurnEnded,
    TurnStarted,
)
from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId
from studio.domain.runs import Run
from studio.ui.bridge import Bridge
from studio.ui.review.items import BranchItems, FileItems
from studio.ui.review.view import ReviewView
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.review import BranchView, TurnChanges

GATHER_MILLISECONDS = 250
"""Facts that come close together cause one look at the branches, not many."""

_TELLING = (SnapshotTaken, FilesRestored, RunForked, TurnStarted, TurnEnded, BranchMerged, RunDiscarded)


class ReviewPanel(QObject):
    """Branches of one project that wait for a decision.

    Signals:
        merged: a run's branch was merged
        discarded: a run was put away
        count_changed: how many branches wait
        file_open_requested: open a path of a place
    """

    merged = Signal(object)
    discarded = Signal(object)
    count_changed = Signal(int)
    file_open_requested = Signal(object, str)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._project: ProjectId | None = None
        self._run: RunId | None = None
        self._wanted: RunId | None = None
        self._front: RunId | None = None
        self._turn: RunId | None = None  # the run of which one turn's changes are on show alone
        self._may_choose = True  # until the person, or a decision, settled what is on show
        self._unsaved_in: Callable[[Place], tuple[str, ...]] = lambda _place: ()
        self._busy = ""
        self._shown_head = ""
        self._seen = ""  # the commit whose diff is on show, empty while there is none
        self.branches, self.files = BranchItems(), FileItems()
        self.view = ReviewView(self.branches, self.files, theme)
        self.widget = self.view
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MILLISECONDS)
        self._gather.timeout.connect(self.refresh)
        self.view.branch_chosen.connect(self._on_branch)
        self.view.merge_requested.connect(self.merge)
        self.view.discard_requested.connect(self.discard)
        self.view.file_requested.connect(self._on_file)
        self.view.retry_requested.connect(self._retry)
        self.view.branch_requested.connect(self.show_run)
        bridge.events_arrived.connect(self._on_events)

    def ask_about(self, unsaved_in: Callable[[Place], tuple[str, ...]]) -> None:
        """Before a merge, asks about the files that `unsaved_in` names for the run's workspace."""
        self._unsaved_in = unsaved_in

    def set_project(self, project: ProjectId | None) -> None:
        """Shows another project's branches."""
        self._project, self._run, self._wanted, self._busy, self._shown_head = project, None, None, "", ""
        self._seen, self._turn, self._front, self._may_choose = "", None, None, True
        self.view.set_busy("")
        self.branches.set_views(())
        self.view.say("")
        self.view.error.hide()
        self.view.show_run(None, None)
        self.count_changed.emit(0)
        if project is None:
            self.view.show_empty(True)
        else:
            self.view.show_loading()
            self.refresh()

    def show_run(self, run: RunId) -> None:
        """Brings a run's branch to the front, as soon as it is known to wait."""
        self._wanted = run
        self.refresh()

    def show_turn(self, run: RunId, turn: str) -> None:
        """Shows what one turn changed, also of a branch that no longer waits."""
        self._bridge.call(lambda studio: studio.review.of_turn(run, turn), self._on_turn, self.view.error.show_error)

    def follow(self, run: RunId | None) -> None:
        """Shows the branch of the run in front, when it waits and nothing is under way here."""
        self._front = run
        row = self.branches.row_of(run) if run is not None else -1
        if row >= 0 and not self._busy and not self.view.is_asking:
            self._wanted = None
            self._choose(row)

    def refresh(self) -> None:
        """Asks again which branches wait."""
        project = self._project
        if project is not None:
            self._bridge.call(lambda studio: studio.review.waiting(project), self._on_waiting, self._on_loading_failed)

    def merge(self, into: str = "") -> None:
        """Merges the branch on show, just as it is on show, into `into`, or where it started from."""
        run, seen, project = self._run, self._seen, self._project
        if run is None or not seen or self._busy or project is None:
            return
        unsaved = self._unsaved_in(Place(project, run))
        if unsaved:
            self.view.ask_without(unsaved, lambda: self._merge(run, into or None, seen))
        else:
            self._merge(run, into or None, seen)

    def _merge(self, run: RunId, target: str | None, seen: str) -> None:
        if self._busy:
            return
        self._begin("Merging…")
        self._bridge.call(
            lambda studio: studio.review.merge(run, target, seen),
            lambda merged: self._on_merged(run, merged),
            self._on_failed,
        )

    def discard(self, run: RunId) -> None:
        """Puts a run away, whichever is on show by now."""
        if self._busy:
            return
        self._begin("Discarding…")
        self._bridge.call(
            lambda studio: studio.review.discard(run), lambda _run: self._on_discarded(run), self._on_failed
        )

    def _begin(self, word: str) -> None:
        self._busy = word
        self.view.error.hide()
        self.view.say("")
        self.view.set_busy(word)

    def _on_waiting(self, views: tuple[BranchView, ...]) -> None:
        if any(view.run.project != self._project for view in views):
            return
        self.branches.set_views(views)
        self.view.show_empty(not views and self._turn is None)
        self.count_changed.emit(len(views))
        self._choose(self._row_to_show())

    def _on_turn(self, changes: TurnChanges) -> None:
        if changes.run.project != self._project:
            return
        self._wanted, self._may_choose = None, False
        self._let_go()
        self._turn = changes.run.id
        self.view.error.hide()
        self.view.show_empty(False)
        self.view.show_turn(changes.run, changes.diff)

    def _row_to_show(self) -> int:
        """The branch that was asked for, else the one on show; another one only where nothing was settled yet.

        In the place of a branch that is gone no other one comes up by itself: a click on its way to Merge must not
        merge that one.
        """
        row = self.branches.row_of(self._wanted) if self._wanted is not None else -1
        if row >= 0:
            self._wanted = None
        elif self._run is not None:
            row = self.branches.row_of(self._run)
        elif self._may_choose and self._wanted is None:
            row = max(self.branches.row_of(self._front) if self._front is not None else -1, 0)
        return row

    def _choose(self, row: int) -> None:
        if 0 <= row < self.branches.rowCount():
            self.view.branches.setCurrentIndex(self.branches.index(row))
        elif self._turn is None:
            self._let_go()

    def _let_go(self) -> None:
        """Shows none of the branches."""
        self._run, self._shown_head, self._seen = None, "", ""
        self.view.branches.clearSelection()
        self.view.show_run(None, None)

    def _on_branch(self, row: int) -> None:
        if row < 0:
            return
        run = self.branches.view(row).run
        self._turn = None
        known = run.id == self._run and run.head == self._shown_head
        self._run, self._shown_head, self._may_choose = run.id, run.head, False
        if known and self._seen:
            self.view.set_busy(self._busy)
            self.view.follow(run)
            return
        self._seen = ""
        self.view.set_busy(self._busy)
        self.view.show_run(run, None)
        self._bridge.call(
            lambda studio: studio.review.diff(run.id), lambda diff: self._on_diff(run, diff), self._on_loading_failed
        )

    def _on_diff(self, run: Run, diff: Diff) -> None:
        if run.id == self._run and run.head == self._shown_head:
            self._seen = diff.head
            self.view.show_run(run, diff)

    def _on_merged(self, run: RunId, merged: Merged) -> None:
        self._settle(run)
        said = "Merged into {} as {}." if merged.moved else "{} holds it already, at {}. Nothing was changed."
        self.view.say(said.format(shown(merged.into), merged.commit[:10]))
        self.refresh()
        self.merged.emit(run)

    def _on_discarded(self, run: RunId) -> None:
        self._settle(run)
        self.view.say("Discarded.")
        self.refresh()
        self.discarded.emit(run)

    def _settle(self, run: RunId) -> None:
        """A decision on a run is carried out; the run goes from show, whatever else is chosen by then stays."""
        self._busy = ""
        if self._run == run:
            self._let_go()
        self.view.set_busy("")

    def _on_failed(self, error: StudioError) -> None:
        self._busy = ""
        self.view.set_busy("")
        self.view.error.show_error(error)

    def _on_loading_failed(self, error: StudioError) -> None:
        self.view.set_busy(self._busy)
        if not self.branches.rowCount():
            self.view.show_empty(True)
        self.view.error.say(f"{error.sentence} {error.action}".strip(), details=True)

    def _retry(self) -> None:
        self.view.error.hide()
        self._shown_head = ""
        self.refresh()

    def _on_file(self, path: str) -> None:
        if self._project is not None:
            self.file_open_requested.emit(Place(self._project, self._run or self._turn), path)

    def _on_events(self, items: list[Recorded | Delta]) -> None:
        for item in items:
            if isinstance(item, Recorded) and item.project == self._project and isinstance(item.event, _TELLING):
                self._gather.start()
                return

"""Branches wait, are looked at, and are merged, refused or put away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from studio.domain.changes import Diff, FileChange, FileStatus, Merged
from studio.domain.errors import GitError, NotFound, StudioError, UserError
from studio.domain.events import Event, FilesRestored, Recorded, RunForked, SnapshotTaken
from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.on_machines import on_machines
from studio.domain.runs import Run, RunState
from studio.ui.bridge import Bridge
from studio.ui.review.items import BranchItems, FileItems
from studio.ui.review.panel import ReviewPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

PROJECT = ProjectId("p0000001")
FIRST, SECOND = RunId("r0000001"), RunId("r0000002")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATCH = "@@ -1,2 +1,2 @@\n def f():\n-    return 1\n+    return 2\n"


def _run(run: RunId, title: str) -> Run:
    return Run(
        run, PROJECT, "engineer", title, ModelRef("ollama", "q"), "main", "a", f"studio/{run}", f"head-{run}", NOW
    )


def _diff(*paths: str, head: str = "b") -> Diff:
    return Diff("a", head, tuple(FileChange(path, path, FileStatus.MODIFIED, 1, 1, False, PATCH) for path in paths))


class ScriptedReview:
    """Two branches; merging and discarding take them away unless a refusal is set."""

    def __init__(self) -> None:
        self.runs = {FIRST: _run(FIRST, "Fix totals"), SECOND: _run(SECOND, "Add tests")}
        self.merged: list[tuple[RunId, str | None, str]] = []
        self.discarded: list[RunId] = []
        self.refusal: StudioError | None = None
        self.broken: StudioError | None = None
        self.stood_on = "p" * 40
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    async def waiting(self, project: ProjectId) -> tuple[Any, ...]:
        if self.broken is not None:
            raise self.broken
        return tuple(SimpleNamespace(run=run, files=2, added=2, removed=2) for run in self.runs.values())

    async def diff(self, run: RunId) -> Diff:
        if run not in self.runs:
            raise NotFound(f"There is no run {run}.")
        return _diff("cart.py", f"{run}.py", head=self.runs[run].head)

    async def of_turn(self, run: RunId, turn: str) -> Any:
        if turn == "t0":
            raise UserError("This turn changed no files.", "The whole branch is in Review.")
        return SimpleNamespace(run=self.runs.get(run) or _run(run, "Merged long ago"), diff=_diff(f"{turn}.py"))

    async def merge(self, run: RunId, into: str | None, head: str) -> Merged:
        if self.refusal is not None:
            raise self.refusal
        self.merged.append((run, into, head))
        await asyncio.to_thread(self.may_go_on.wait)
        del self.runs[run]
        return Merged(into or "main", "c" * 40, self.stood_on)

    async def discard(self, run: RunId) -> Run:
        self.discarded.append(run)
        await asyncio.to_thread(self.may_go_on.wait)
        return self.runs.pop(run)


@pytest.fixture
def review(doors: QuietDoors) -> ScriptedReview:
    made = ScriptedReview()
    doors.review = made  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, review: ScriptedReview) -> ReviewPanel:
    made = ReviewPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.widget.resize(420, 700)
    made.widget.show()
    return made


@pytest.fixture
def opened(qtbot: QtBot, panel: ReviewPanel) -> Callable[[], ReviewPanel]:
    def open_it() -> ReviewPanel:
        panel.set_project(PROJECT)
        qtbot.waitUntil(lambda: panel.view.merge.isEnabled())
        return panel

    return open_it


def test_one_turn_is_shown_alone_until_the_whole_branch_is_asked_for(
    qtbot: QtBot, opened: Callable[[], ReviewPanel]
) -> None:
    panel = opened()
    panel.show_turn(FIRST, "t3")
    qtbot.waitUntil(lambda: panel.view.about.text().endswith("in one turn"))
    assert [panel.files.file(row).path for row in range(panel.files.rowCount())] == ["t3.py"]
    assert not any(each.isVisible() for each in (panel.view.merge, panel.view.other, panel.view.discard))
    with qtbot.waitSignal(panel.file_open_requested) as opening:
        panel.view.files.activated.emit(panel.files.index(0))
    assert opening.args == [Place(PROJECT, FIRST), "t3.py"]

    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    assert panel.files.rowCount() == 1

    QTest.mouseClick(panel.view.whole, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.view.merge.isVisible() and panel.view.merge.isEnabled())
    assert panel.files.rowCount() == 2


def test_a_turn_of_a_branch_that_no_longer_waits_can_be_looked_at(
    qtbot: QtBot, panel: ReviewPanel, review: ScriptedReview
) -> None:
    review.runs.clear()
    panel.set_project(PROJECT)
    panel.show_turn(FIRST, "t1")
    qtbot.waitUntil(lambda: panel.view.title.text() == "Merged long ago")
    assert panel.view.diff.isVisible()


def test_a_turn_that_cannot_be_shown_says_why(qtbot: QtBot, opened: Callable[[], ReviewPanel]) -> None:
    panel = opened()
    panel.show_turn(FIRST, "t0")
    qtbot.waitUntil(lambda: panel.view.error.isVisible())
    assert panel.view.merge.isVisible()


def test_the_first_branch_is_shown_with_its_files_and_lines(opened: Callable[[], ReviewPanel]) -> None:
    panel = opened()
    assert panel.branches.rowCount() == 2
    assert [panel.files.data(panel.files.index(row)) for row in range(2)] == ["cart.py", "r0000001.py"]
    assert "    return 2" in panel.view.diff.toPlainText()
    assert panel.view.merge.text() == "Merge into main"


def test_files_that_run_on_someones_machine_are_a_line_of_their_own(
    opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    assert not panel.view.running.isVisible()

    diff = replace(_diff("Makefile"), on_machines=on_machines(["Makefile"]), on_machines_more=2)
    panel.view.show_run(_run(FIRST, "Fix totals"), diff)

    assert panel.view.running.words.text() == "Runs on someone's machine: Makefile (make) and 2 more."
    assert panel.view.running.isVisible()
    assert not panel.view.running.all.isVisible()


def test_every_file_that_runs_on_someones_machine_is_named_and_marked_however_many_there_are(
    opened: Callable[[], ReviewPanel],
) -> None:
    panel = opened()
    paths = [*(f".ci/{number}" for number in range(9)), "Makefile", "notes.md", "package.json"]
    diff = replace(_diff(*paths), on_machines=on_machines(paths), on_machines_more=1)
    panel.view.show_run(_run(FIRST, "Fix totals"), diff)

    lines = panel.view.running.all.toPlainText().split("\n")
    named = [f"{path} (CI)" for path in paths[:9]] + ["Makefile (make)", "package.json (npm and its kin)"]
    assert lines == [*named, "1 more, which are not kept by name"]
    assert panel.view.running.all.isVisible()
    model = panel.view.files.model()
    assert isinstance(model, FileItems)
    assert [model.run_by(row) for row in range(9, 12)] == ["make", "", "npm and its kin"]
    assert str(model.data(model.index(9), Qt.ItemDataRole.AccessibleTextRole)).endswith("machine (make)")


def test_a_branch_that_holds_the_work_of_another_run_says_so(opened: Callable[[], ReviewPanel]) -> None:
    panel = opened()
    tester, engineer = _run(RunId("r0000009"), "Test it"), _run(RunId("r0000008"), "Mend it")
    panel.view.show_run(tester, replace(_diff("cart.py"), after=engineer))
    said = "from main; it begins with the work of run r0000008 (engineer)"
    assert panel.view.about.text().endswith(said)
    panel.view.show_run(tester, _diff("cart.py"))
    assert panel.view.about.text().endswith("from main")


def test_a_merge_that_brought_nothing_says_so(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    review.stood_on = "c" * 40
    panel = opened()
    with qtbot.waitSignal(panel.merged):
        QTest.mouseClick(panel.view.merge, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.branches.rowCount() == 1)
    assert panel.view.notice.text() == "main holds it already, at cccccccccc. Nothing was changed."


@pytest.mark.parametrize("way", ["merge", "discard"])
def test_after_a_decision_no_other_branch_comes_up_until_the_person_chooses(
    way: str, qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    with qtbot.waitActive(panel.view):
        panel.view.activateWindow()
    panel.view.merge.setFocus()
    with qtbot.waitSignal(panel.merged if way == "merge" else panel.discarded) as decided:
        if way == "merge":
            QTest.mouseClick(panel.view.merge, Qt.MouseButton.LeftButton)
        else:
            panel.discard(FIRST)
    assert decided.args == [FIRST]
    qtbot.waitUntil(lambda: panel.branches.rowCount() == 1)
    panel.view.branches.setFocus()
    assert panel.view.notice.text() == ("Merged into main as cccccccccc." if way == "merge" else "Discarded.")
    assert not panel.view.branches.selectedIndexes()
    assert not panel.view.merge.isVisible()
    assert not panel.view.merge.isEnabled()
    assert not panel.view.discard.isEnabled()
    assert panel.view.unchosen.isVisible()
    panel.refresh()
    panel.merge()
    panel.view.branches.setFocus()
    QTest.keyClick(panel.view.branches, Qt.Key.Key_Space)
    qtbot.waitUntil(panel.view.merge.isEnabled)
    assert panel.view.title.text() == "Add tests"
    assert panel.view.merge.isVisible()
    assert review.merged == ([(FIRST, None, "head-r0000001")] if way == "merge" else [])


def test_a_branch_that_was_decided_elsewhere_leaves_no_other_one_in_its_place(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    del review.runs[FIRST]
    panel.refresh()
    qtbot.waitUntil(lambda: panel.branches.rowCount() == 1)
    assert panel.view.unchosen.isVisible()
    assert not panel.view.merge.isEnabled()
    panel.view.branches.setCurrentIndex(panel.branches.index(0))
    qtbot.waitUntil(panel.view.merge.isEnabled)


def test_the_branch_of_the_run_in_front_is_followed_unless_something_is_under_way(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    panel.follow(SECOND)
    qtbot.waitUntil(panel.view.merge.isEnabled)
    assert panel.view.title.text() == "Add tests"
    panel.follow(RunId("r0000009"))  # it has nothing to review
    panel.follow(None)
    assert panel.view.title.text() == "Add tests"
    QTest.mouseClick(panel.view.discard, Qt.MouseButton.LeftButton)
    panel.follow(FIRST)
    assert panel.view.title.text() == "Add tests"
    box = panel.widget.findChild(QMessageBox)
    assert box is not None
    box.reject()
    review.may_go_on.clear()
    with qtbot.waitSignal(panel.merged):
        panel.merge()
        panel.follow(FIRST)
        assert panel.view.title.text() == "Add tests"
        review.may_go_on.set()
    panel.follow(FIRST)
    qtbot.waitUntil(panel.view.merge.isEnabled)
    assert panel.view.title.text() == "Fix totals"


def test_a_refused_merge_says_why_and_what_to_do_and_changes_nothing(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    review.refusal = UserError("Your checkout has changes in cart.py.", "Commit them first.")
    panel.merge()
    assert panel.view.merge.text() == "Merging…"
    assert not panel.view.merge.isEnabled()
    qtbot.waitUntil(panel.view.error.isVisible)
    assert panel.view.error.sentence.text() == "Your checkout has changes in cart.py. Commit them first."
    assert panel.view.merge.isEnabled()
    assert panel.branches.rowCount() == 2


def test_what_is_merged_is_what_is_on_show(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview, doors: QuietDoors
) -> None:
    panel = opened()
    review.runs[FIRST] = replace(review.runs[FIRST], head="newer")
    panel.merge("develop")  # the window has not heard of the newer one
    qtbot.waitUntil(lambda: bool(review.merged))
    assert review.merged == [(FIRST, "develop", "head-r0000001")]
    review.runs[SECOND] = replace(review.runs[SECOND], head="newest")
    panel.refresh()
    qtbot.waitUntil(
        lambda: [view.run.head for view in map(panel.branches.view, range(panel.branches.rowCount()))] == ["newest"]
    )
    panel.show_run(SECOND)
    qtbot.waitUntil(panel.view.merge.isEnabled)
    panel.merge()
    qtbot.waitUntil(lambda: len(review.merged) == 2)
    assert review.merged[1] == (SECOND, None, "newest")


def test_discarding_asks_first(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview, theme: Theme, qapp: QApplication
) -> None:
    theme.dress(qapp)
    panel = opened()
    QTest.mouseClick(panel.view.discard, Qt.MouseButton.LeftButton)
    box = panel.widget.findChild(QMessageBox)
    assert box is not None
    assert review.discarded == []
    yes = next(button for button in box.buttons() if button.text() == "Discard")
    assert yes.palette().buttonText().color() == theme.color("error")
    assert all(button.icon().isNull() for button in box.buttons())
    with qtbot.waitSignal(panel.discarded):
        QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
    assert review.discarded == [FIRST]


def test_the_run_that_was_asked_about_is_discarded_whichever_is_on_show_by_then(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    QTest.mouseClick(panel.view.discard, Qt.MouseButton.LeftButton)
    panel.show_run(SECOND)
    qtbot.waitUntil(lambda: panel.view.title.text() == "Add tests")
    box = panel.widget.findChild(QMessageBox)
    assert box is not None
    with qtbot.waitSignal(panel.discarded) as discarded:
        next(button for button in box.buttons() if button.text() == "Discard").click()
    assert review.discarded == [FIRST]
    assert discarded.args == [FIRST]


def test_another_branch_on_show_takes_the_question_about_the_former_ones_target_away(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    QTest.mouseClick(panel.view.other, Qt.MouseButton.LeftButton)
    dialog = panel.widget.findChild(QInputDialog)
    assert dialog is not None
    with qtbot.waitSignal(dialog.rejected):
        panel.show_run(SECOND)
    assert review.merged == []


@pytest.mark.parametrize("word", ["Merging…", "Discarding…"])
def test_while_one_branch_is_dealt_with_no_button_of_another_can_be_pressed(
    word: str, qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    review.may_go_on.clear()
    told = panel.merged if word == "Merging…" else panel.discarded
    with qtbot.waitSignal(told) as signal:
        if word == "Merging…":
            panel.merge()
        else:
            panel.discard(FIRST)
        for run, title in ((SECOND, "Add tests"), (FIRST, "Fix totals"), (SECOND, "Add tests")):
            panel.show_run(run)
            qtbot.waitUntil(lambda wanted=title: panel.view.title.text() == wanted)  # type: ignore[misc]
            qtbot.waitUntil(lambda: panel.files.rowCount() == 2)
            assert panel.view.merge.text() == word
            assert not panel.view.merge.isEnabled()
            assert not panel.view.discard.isEnabled()
        review.may_go_on.set()
    assert signal.args == [FIRST]
    qtbot.waitUntil(panel.view.merge.isEnabled)


def test_when_the_last_branch_is_gone_the_panel_says_so(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    del review.runs[SECOND]
    counts: list[int] = []
    panel.count_changed.connect(counts.append)
    panel.merge("develop")
    qtbot.waitUntil(panel.view.empty.isVisible)
    assert panel.view.empty.title.text() == "Nothing to review"
    assert review.merged == [(FIRST, "develop", "head-r0000001")]
    assert counts[-1] == 0


def test_a_run_that_still_works_can_be_neither_merged_nor_discarded(
    qtbot: QtBot, panel: ReviewPanel, review: ScriptedReview
) -> None:
    review.runs = {FIRST: replace(review.runs[FIRST], state=RunState.WORKING)}
    panel.set_project(PROJECT)
    qtbot.waitUntil(lambda: panel.files.rowCount() == 2)
    assert not panel.view.merge.isEnabled()
    assert not panel.view.discard.isEnabled()
    review.runs = {FIRST: replace(review.runs[FIRST], state=RunState.IDLE)}
    panel.refresh()
    qtbot.waitUntil(panel.view.discard.isEnabled)


@pytest.mark.parametrize(
    "event",
    [
        SnapshotTaken("t", 1, "c", "p", ("x.py",)),
        FilesRestored("b1", "a", "c", "p"),
        RunForked("r0000001", 1),
    ],
)
def test_what_happens_elsewhere_to_files_brings_its_branch_up_to_date(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview, doors: QuietDoors, event: Event
) -> None:
    panel = opened()
    third = RunId("r0000003")
    review.runs[third] = _run(third, "Third")
    doors.feed.tell(Recorded(1, NOW, PROJECT, third, event))
    qtbot.waitUntil(lambda: panel.branches.rowCount() == 3)
    panel.show_run(third)
    qtbot.waitUntil(lambda: panel.view.title.text() == "Third")


def test_when_branches_cannot_be_read_one_can_try_again(
    qtbot: QtBot, panel: ReviewPanel, review: ScriptedReview
) -> None:
    review.broken = GitError("Git could not be run.", "Install git.")
    panel.set_project(PROJECT)
    qtbot.waitUntil(panel.view.error.isVisible)
    review.broken = None
    QTest.mouseClick(panel.view.error.details, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.view.merge.isEnabled())
    assert not panel.view.error.isVisible()


def test_a_file_opens_in_the_runs_own_workspace(qtbot: QtBot, opened: Callable[[], ReviewPanel]) -> None:
    panel = opened()
    with qtbot.waitSignal(panel.file_open_requested) as wish:
        panel.view.files.activated.emit(panel.files.index(0))
    assert wish.args == [Place(PROJECT, FIRST), "cart.py"]


def test_a_merge_asks_about_text_that_is_not_saved_in_the_runs_workspace(
    qtbot: QtBot, opened: Callable[[], ReviewPanel], review: ScriptedReview
) -> None:
    panel = opened()
    panel.ask_about(lambda place: ("lib/cart.py",) if place == Place(PROJECT, FIRST) else ())
    QTest.mouseClick(panel.view.merge, Qt.MouseButton.LeftButton)
    box = panel.widget.findChild(QMessageBox)
    assert box is not None
    assert "lib/cart.py" in box.informativeText()
    box.reject()
    assert panel.view.merge.isEnabled()
    qtbot.waitUntil(lambda: panel.widget.findChild(QMessageBox) is None)
    QTest.mouseClick(panel.view.merge, Qt.MouseButton.LeftButton)
    again = panel.widget.findChild(QMessageBox)
    assert again is not None
    with qtbot.waitSignal(panel.merged):
        next(button for button in again.buttons() if button.text() == "Merge without it").click()
    assert review.merged == [(FIRST, None, "head-r0000001")]
    panel.show_run(SECOND)
    qtbot.waitUntil(panel.view.merge.isEnabled)
    with qtbot.waitSignal(panel.merged):
        panel.merge()


def test_both_lists_keep_the_rules_of_item_models() -> None:
    branches, files = BranchItems(), FileItems()
    testers = [
        QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
        for items in (branches, files)
    ]
    view: Any = SimpleNamespace(run=_run(FIRST, "T"), files=1, added=1, removed=0)
    branches.set_views((view, view))
    files.set_diff(_diff("a", "b", "c"))
    files.set_diff(None)
    assert (branches.rowCount(), files.rowCount(), len(testers)) == (2, 0, 2)

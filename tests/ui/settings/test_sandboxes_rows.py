"""What can be done about each sandbox of the page, and what it says when something of it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.engines import EngineState, EngineView
from studio.domain.errors import EngineError, NotFound, StudioError, UserError
from studio.domain.ids import DataId, ProjectId, RunId
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.domain.sandboxes import SandboxState, SandboxUse, SandboxView
from studio.domain.service_data import ServiceData
from studio.ui.bridge import Bridge
from studio.ui.sandboxes.panel import SandboxesPanel
from studio.ui.theme import Theme
from tests.fixtures.memory import NOON, a_project, a_run
from tests.fixtures.quiet_doors import QuietDoors

USE = SandboxUse(180_000_000, 12.4, 9)
GONE = EngineError("No container engine answers at unix:///x.", "Start Docker.")


class Doors:
    """Two runs with a sandbox, of which one cannot be read."""

    def __init__(self) -> None:
        self.shop: Project = a_project("shop")
        self.run_of: dict[RunId, Run] = {}
        self.views: list[SandboxView] = []
        self.deleted: list[RunId] = []
        self.copied: list[RunId] = []
        self.forgotten: list[ProjectId] = []
        self.kept: ServiceData | None = None
        self.uncounted: StudioError | None = GONE

    def up(self, title: str) -> RunId:
        run = replace(a_run(self.shop), title=title)
        self.run_of[run.id] = run
        self.views.append(SandboxView(run.id, run.project, SandboxState.RUNNING, "c1", use=USE, keeps=("data",)))
        return run.id

    def keep_a_copy_of(self, run: RunId) -> None:
        self.kept = ServiceData(DataId("d1"), self.shop.id, run, ("data",), 48 << 20, NOON)

    async def run(self, run: RunId) -> Run:
        if run not in self.run_of:
            raise NotFound(f"There is no run {run}.")
        return self.run_of[run]

    async def list(self) -> tuple[Any, ...]:
        return tuple(self.views)

    async def stats(self, run: RunId) -> SandboxView:
        return next(view for view in self.views if view.run == run)

    async def ready(self) -> dict[ProjectId, tuple[str, ...]]:
        return {}

    async def disk(self) -> None:
        if self.uncounted is not None:
            raise self.uncounted

    async def data(self, project: ProjectId) -> ServiceData | None:
        return self.kept

    async def keep_data(self, run: RunId) -> None:
        self.copied.append(run)

    async def forget_data(self, project: ProjectId) -> None:
        self.forgotten.append(project)
        self.kept = None

    async def includes(self, project: ProjectId) -> None:
        raise UserError("The checkout is gone.")

    async def delete(self, run: RunId) -> None:
        self.deleted.append(run)
        self.views = [view for view in self.views if view.run != run]


class Projects:
    """One project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    async def list(self) -> tuple[Project, ...]:
        return (self._project,)


@pytest.fixture
def scripted(doors: QuietDoors) -> Doors:
    made = Doors()
    every = cast(Any, doors)
    every.sandboxes = every.chats = made
    every.projects = Projects(made.shop)
    return made


@pytest.fixture
def page(qtbot: QtBot, bridge: Bridge, theme: Theme, scripted: Doors) -> SandboxesPanel:
    panel = SandboxesPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(828, 600)
    panel.widget.show()
    return panel


def test_a_run_that_cannot_be_read_goes_by_its_id_and_takes_no_other_one_with_it(
    qtbot: QtBot, page: SandboxesPanel, scripted: Doors
) -> None:
    known, lost = scripted.up("Fix the till"), scripted.up("Lost")
    del scripted.run_of[lost]

    page.refresh()

    qtbot.waitUntil(lambda: len(page.view.rows) == 2)
    assert page.view.rows[known].name.text() == "shop · Fix the till"
    assert page.view.rows[lost].name.text() == lost
    assert not page.view.empty.isVisible()


def test_the_logs_of_a_sandbox_are_asked_for_by_a_click(qtbot: QtBot, page: SandboxesPanel, scripted: Doors) -> None:
    run = scripted.up("Fix the till")
    page.refresh()
    qtbot.waitUntil(lambda: run in page.view.rows)

    with qtbot.waitSignal(page.logs_requested) as asked:
        QTest.mouseClick(page.view.rows[run].logs, Qt.MouseButton.LeftButton)

    assert asked.args == [run]


def _question(page: SandboxesPanel, name: str = "deleteSandbox") -> QMessageBox:
    (box,) = page.view.findChildren(QMessageBox, name)
    return box


def _agree(box: QMessageBox, yes: str) -> None:
    QTest.mouseClick(next(one for one in box.findChildren(QPushButton) if one.text() == yes), Qt.MouseButton.LeftButton)


def test_a_sandbox_is_deleted_once_the_question_is_answered(
    qtbot: QtBot, page: SandboxesPanel, scripted: Doors
) -> None:
    run = scripted.up("Fix the till")
    page.refresh()
    qtbot.waitUntil(lambda: run in page.view.rows)

    page.view.rows[run].delete.click()
    assert "deleted for good" in _question(page).informativeText()
    assert scripted.deleted == []
    _agree(_question(page), "Delete")

    qtbot.waitUntil(lambda: page.view.rows == {})
    assert scripted.deleted == [run]


def test_a_sandbox_stays_when_the_question_is_put_away(qtbot: QtBot, page: SandboxesPanel, scripted: Doors) -> None:
    run = scripted.up("Fix the till")
    page.refresh()
    qtbot.waitUntil(lambda: run in page.view.rows)

    page.view.rows[run].delete.click()
    QTest.keyClick(_question(page), Qt.Key.Key_Escape)

    assert scripted.deleted == []
    assert run in page.view.rows


def test_data_are_kept_in_the_place_of_others_once_the_question_that_names_those_is_answered(
    qtbot: QtBot, page: SandboxesPanel, scripted: Doors
) -> None:
    before, run = scripted.up("Fill <b>it</b>"), scripted.up("Fix the till")
    scripted.keep_a_copy_of(before)
    page.refresh()
    qtbot.waitUntil(lambda: run in page.view.rows and page.view.kept.of(scripted.shop.id) is not None)

    page.view.rows[run].keep.click()
    box = _question(page, "keepData")
    assert box.text() == "Keep the data of shop · Fix the till for new runs?"
    assert box.informativeText().startswith("This ends its sandbox for the time of the copy, with all that runs in it.")
    assert "what services of “Fill <b>it</b>” kept at" in box.informativeText()
    assert "is deleted for good" in box.informativeText()
    assert scripted.copied == []
    _agree(box, "Keep its data")

    qtbot.waitUntil(lambda: scripted.copied == [run])


def test_where_nothing_is_kept_yet_the_question_names_nothing_that_goes(
    qtbot: QtBot, page: SandboxesPanel, scripted: Doors
) -> None:
    run = scripted.up("Fix the till")
    page.refresh()
    qtbot.waitUntil(lambda: run in page.view.rows)

    page.view.rows[run].keep.click()

    assert "deleted" not in _question(page, "keepData").informativeText()
    QTest.keyClick(_question(page, "keepData"), Qt.Key.Key_Escape)
    assert scripted.copied == []


def test_kept_data_are_forgotten_once_the_question_is_answered(
    qtbot: QtBot, page: SandboxesPanel, scripted: Doors
) -> None:
    scripted.keep_a_copy_of(scripted.up("Fill it"))
    page.refresh()
    qtbot.waitUntil(lambda: scripted.shop.id in page.view.kept.lines)

    page.view.kept.lines[scripted.shop.id].findChildren(QPushButton)[0].click()
    box = _question(page, "forgetData")
    assert box.text() == "Forget the data kept for new runs of shop?"
    assert "is deleted for good. Services of new runs begin empty again" in box.informativeText()
    assert scripted.forgotten == []
    _agree(box, "Forget")

    qtbot.waitUntil(lambda: page.view.kept.lines == {})
    assert scripted.forgotten == [scripted.shop.id]


def test_without_an_engine_the_page_says_why_none_can_run_and_no_more(
    qtbot: QtBot, page: SandboxesPanel, doors: QuietDoors
) -> None:
    doors.container_engine.now = EngineView(EngineState.ABSENT, GONE.sentence, GONE.action, NOON)

    page.refresh()

    qtbot.waitUntil(lambda: page.view.empty.title.text() == "No sandbox can run now")
    assert page.view.empty.text.text() == "No container engine answers at unix:///x. Start Docker."
    qtbot.waitUntil(lambda: page.view.disk.text().startswith("The disk could not be counted."))
    assert not page.view.error.isVisible()


def test_the_page_says_how_strong_the_walls_are_and_what_is_known_against_them(
    qtbot: QtBot, page: SandboxesPanel, doors: QuietDoors
) -> None:
    doors.container_engine.now = EngineView(EngineState.UP, engine="Docker 20.10: rootful", holes=("CVE-1: a hole.",))

    page.refresh()

    qtbot.waitUntil(lambda: page.view.engine.text() == "Docker 20.10: rootful\nCVE-1: a hole.")
    assert page.view.empty.title.text() == "No sandbox is up"

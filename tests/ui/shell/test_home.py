"""Home: projects as cards, ways to get one, and what is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.app.doctor import Check
from studio.domain.errors import StoreError, StudioError, UserError
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.ui.bridge import Bridge
from studio.ui.home.new_project import NewProjectDialog
from studio.ui.home.panel import HomePanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP = Project(ProjectId("p1"), "shop", Path("/home/kim/shop"), NOW)
BLOG = Project(ProjectId("p2"), "blog", Path("/home/kim/blog"), NOW)
AWAY = Project(ProjectId("p3"), "old", Path("/home/kim/old"), NOW, archived=True)


class ScriptedProjects:
    def __init__(self, *projects: Project) -> None:
        self.known = list(projects)
        self.added: list[Path] = []
        self.broken: StudioError | None = None

    async def list(self) -> tuple[Project, ...]:
        if self.broken is not None:
            raise self.broken
        return tuple(self.known)

    async def find_or_add(self, name: str) -> Project:
        for project in self.known:
            if name in (project.name, str(project.path)):
                return project
        path = Path(name)
        if not (path / ".git").exists():
            raise UserError(f"{path} is not a Git repository.", "Name one that is.")
        self.added.append(path)
        return Project(ProjectId("p9"), path.name, path, NOW)

    def templates(self) -> tuple[str, ...]:
        return ("blank", "demo")


class ScriptedChats:
    async def runs(self) -> tuple[Run, ...]:
        return ()


class ScriptedDoctor:
    def __init__(self) -> None:
        self.broken: StudioError | None = None
        self.more: tuple[Check, ...] = ()

    async def checks(self) -> AsyncIterator[Check]:
        if self.broken is not None:
            raise self.broken
        yield Check("git", True, "Git 2.40.")
        yield Check("providers", False, "No model provider can be used.", "Start Ollama.")
        for check in self.more:
            yield check


class Doors(QuietDoors):
    def __init__(self, *projects: Project) -> None:
        super().__init__()
        self.projects = ScriptedProjects(*projects)
        self.chats = ScriptedChats()
        self.doctor = ScriptedDoctor()


@pytest.fixture
def make_home(qtbot: QtBot) -> Iterator[Callable[[Doors], HomePanel]]:
    bridges: list[Bridge] = []

    def make(doors: Doors) -> HomePanel:
        async def build() -> Any:
            return doors

        bridge = Bridge(build)
        bridges.append(bridge)
        panel = HomePanel(bridge, Theme("dark"), bridge)
        qtbot.addWidget(panel.widget)
        panel.widget.show()
        bridge.start()
        return panel

    yield make
    for bridge in bridges:
        assert bridge.stop()


def test_projects_show_as_cards_without_those_put_away(qtbot: QtBot, make_home: Callable[[Doors], HomePanel]) -> None:
    panel = make_home(Doors(SHOP, AWAY, BLOG))
    with qtbot.waitSignal(panel.projects_changed):
        panel.refresh()
    assert [card.accessibleName() for card in panel.view.cards] == ["Open shop", "Open blog"]


def test_a_card_opens_its_project_by_pointer_and_by_key(qtbot: QtBot, make_home: Callable[[Doors], HomePanel]) -> None:
    panel = make_home(Doors(SHOP, BLOG))
    with qtbot.waitSignal(panel.projects_changed):
        panel.refresh()
    opened: list[Project] = []
    panel.project_opened.connect(opened.append)
    QTest.mouseClick(panel.view.cards[0], Qt.MouseButton.LeftButton)
    QTest.keyClick(panel.view.cards[1], Qt.Key.Key_Return)
    assert opened == [SHOP, BLOG]


def test_a_repository_that_is_no_project_yet_becomes_one(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel], tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    doors = Doors()
    panel = make_home(doors)
    with qtbot.waitSignal(panel.project_opened):
        panel.open_path(str(tmp_path))
    assert doors.projects.added == [tmp_path]


def test_a_folder_without_git_says_so_and_leaves_the_page_usable(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel], tmp_path: Path
) -> None:
    panel = make_home(Doors())
    with qtbot.waitSignal(panel.opening_failed) as signal:
        panel.open_path(str(tmp_path))
    assert signal.args is not None
    assert "not a Git repository" in str(signal.args[0])
    assert panel.view.open.isEnabled()


def test_the_last_project_opens_again_and_the_only_one_opens_by_itself(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel]
) -> None:
    panel = make_home(Doors(SHOP, BLOG))
    with qtbot.waitSignal(panel.project_opened) as signal:
        panel.open_last("p2")
    assert signal.args == [BLOG]
    single = make_home(Doors(SHOP, AWAY))
    with qtbot.waitSignal(single.project_opened) as signal:
        single.open_last("")
    assert signal.args == [SHOP]


def test_what_is_missing_is_said_with_the_next_action(qtbot: QtBot, make_home: Callable[[Doors], HomePanel]) -> None:
    panel = make_home(Doors())
    panel.look()
    lines = panel.view.checks

    def words() -> list[str]:
        return [label.text() for label in lines.findChildren(QLabel) if label.isVisible()]

    qtbot.waitUntil(lambda: "Git 2.40." in words())
    assert "No model provider can be used. Start Ollama." in words()
    assert "BEFORE AGENTS CAN WORK" in words()


def test_what_is_known_against_the_container_engine_is_shown_though_agents_work(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel]
) -> None:
    doors = Doors()
    doors.doctor.more = (Check("engine version", False, "runc 1.1.11 has a hole.", "Update it.", needed=False),)
    panel = make_home(doors)
    panel.look()
    qtbot.waitUntil(lambda: "runc 1.1.11 has a hole. Update it." in _words(panel))


def test_who_asks_how_to_set_up_sees_what_is_missing_however_many_projects_there_are(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel]
) -> None:
    panel = make_home(Doors(*(replace(SHOP, id=ProjectId(f"p{number}")) for number in range(20))))
    panel.view.resize(700, 400)
    with qtbot.waitSignal(panel.projects_changed):
        panel.refresh()
    checks = panel.view.checks
    assert checks.visibleRegion().isEmpty()
    panel.set_up()
    qtbot.waitUntil(lambda: not checks.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: "Start Ollama." in " ".join(_words(panel)))


def _words(panel: HomePanel) -> list[str]:
    return [label.text() for label in panel.view.findChildren(QLabel) if label.isVisible()]


def test_projects_that_cannot_be_read_say_so_and_can_be_tried_again(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel]
) -> None:
    doors = Doors(SHOP)
    doors.projects.broken = StoreError("The database is locked.", "Wait.")
    panel = make_home(doors)
    assert "Loading…" in _words(panel)
    with qtbot.waitSignal(panel.opening_failed):
        panel.refresh()
    assert "Loading…" not in _words(panel)
    assert "The projects could not be read." in _words(panel)
    doors.projects.broken = None
    with qtbot.waitSignal(panel.projects_changed):
        panel.view.again.click()
    assert not panel.view.again.isVisible()
    assert "The projects could not be read." not in _words(panel)


def test_a_look_that_fails_says_why_and_can_be_taken_again(
    qtbot: QtBot, make_home: Callable[[Doors], HomePanel]
) -> None:
    doors = Doors()
    doors.doctor.broken = StoreError("The database is locked.", "Wait.")
    panel = make_home(doors)
    panel.look()
    qtbot.waitUntil(lambda: "The database is locked. Wait." in _words(panel))
    assert "Looking…" not in _words(panel)
    doors.doctor.broken = None
    next(each for each in panel.view.findChildren(QPushButton) if each.text() == "Look again").click()
    qtbot.waitUntil(lambda: "Git 2.40." in _words(panel))


def test_a_new_project_needs_a_name(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = NewProjectDialog(("blank", "demo"))
    qtbot.addWidget(dialog)
    dialog.parent_folder.setText(str(tmp_path))
    assert not dialog.make.isEnabled()
    dialog.name.setText("grüner laden")
    dialog.template.setCurrentText("demo")
    with qtbot.waitSignal(dialog.accepted_with) as signal:
        dialog.make.click()
    assert signal.args == [tmp_path / "grüner laden", "demo"]

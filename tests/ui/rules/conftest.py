"""What tests of the rules page share: a real core on a project with rules, and the page on it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.projects import Project
from studio.domain.rules import Rule
from studio.ui.bridge import Bridge
from studio.ui.rules.panel import RulesPanel
from studio.ui.theme import Theme
from tests.fixtures.repositories import make_repository

T = TypeVar("T")

ROLE = """\
name = "engineer"

[deny]
classes = ["network"]
commands = ["git push"]
"""
SECONDS = 30_000


class Page:
    """The page as a person sees it, and the core behind it."""

    def __init__(self, qtbot: QtBot, bridge: Bridge, panel: RulesPanel) -> None:
        self._qtbot = qtbot
        self._bridge = bridge
        self.panel = panel
        self.view = panel.view

    def ask(self, make: Callable[[Studio], Awaitable[T]]) -> T:
        """What the core answers."""
        answers: list[T] = []
        self._bridge.call(make, answers.append)
        self.until(lambda: bool(answers))
        return answers[0]

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something to be so."""
        self._qtbot.waitUntil(holds, timeout=SECONDS)

    def show(self, project: Project) -> None:
        """Opens the page on a project."""
        self.view.show()
        self.panel.show_project(project.id)

    def texts(self, column: int = 1) -> list[str]:
        """What a column of the table says, from top to bottom."""
        return [str(self.view.found.index(row, column).data()) for row in range(self.view.found.rowCount())]

    def saved(self) -> tuple[Rule, ...]:
        """The rules that the core has."""
        return self.ask(lambda studio: studio.policies.list())


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "STUDIO_HOME": str(tmp_path / "home")}


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("dark")


@pytest.fixture
def bridge(qtbot: QtBot, environment: dict[str, str]) -> Iterator[Bridge]:
    made = Bridge(lambda: open_studio(environment, Access.ENGINE))
    with qtbot.waitSignal(made.ready, timeout=SECONDS):
        made.start()
    yield made
    assert made.stop()


@pytest.fixture
def page(qtbot: QtBot, bridge: Bridge, theme: Theme) -> Page:
    panel = RulesPanel(bridge, theme, bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    bridge.events_arrived.connect(panel.apply)
    return Page(qtbot, bridge, panel)


@pytest.fixture
def shop(page: Page, tmp_path: Path) -> Project:
    """A project with three rules, whose engineer may not use the network or push."""
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n", ".studio/roles/engineer.toml": ROLE})

    async def fill(studio: Studio) -> Any:
        project = await studio.projects.add(repository)
        await studio.policies.allow(project.id, "npm install left-pad")
        await studio.policies.allow(project.id, "rm a.txt")
        await studio.policies.deny(project.id, "curl")
        return project

    project: Project = page.ask(fill)
    page.show(project)
    page.until(lambda: page.view.found.rowCount() == 5)
    return project

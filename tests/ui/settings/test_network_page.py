"""The page of a project's network, on a real core."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.app.bootstrap import open_studio
from studio.app.networks import NetworkView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.network import Attempt, Destination, NetworkMode, Passed
from studio.domain.projects import Project
from studio.store import connections
from studio.store.database import Database
from studio.ui.bridge import Bridge
from studio.ui.network.panel import NetworkPanel
from studio.ui.theme import Theme
from tests.fixtures.memory import NOON, a_run
from tests.fixtures.repositories import make_repository

T = TypeVar("T")
SECONDS = 30_000


class Page:
    """The page as a person sees it, and the core behind it."""

    def __init__(self, qtbot: QtBot, bridge: Bridge, panel: NetworkPanel, project: Project) -> None:
        self._qtbot = qtbot
        self._bridge = bridge
        self.panel = panel
        self.view = panel.view
        self.project = project

    def ask(self, make: Callable[[Studio], Awaitable[T]]) -> T:
        return asked(self._qtbot, self._bridge, make)

    def until(self, holds: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(holds, timeout=SECONDS)

    def hosts(self) -> list[str]:
        return [self.view.hosts.item(row, 0).text() for row in range(self.view.hosts.rowCount())]  # type: ignore[union-attr]


def asked(qtbot: QtBot, bridge: Bridge, make: Callable[[Studio], Awaitable[T]]) -> T:
    answers: list[T] = []
    bridge.call(make, answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=SECONDS)
    return answers[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def bridge(qtbot: QtBot, home: Path, tmp_path: Path) -> Iterator[Bridge]:
    # Without any package client of this machine on its path.
    git = os.pathsep.join(("/usr/bin", "/bin"))
    environment = {**os.environ, "STUDIO_HOME": str(home), "PATH": f"{tmp_path}{os.pathsep}{git}"}
    made = Bridge(lambda: open_studio(environment, Access.ENGINE))
    with qtbot.waitSignal(made.ready, timeout=SECONDS):
        made.start()
    yield made
    assert made.stop()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, bridge: Bridge, tmp_path: Path) -> Page:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    project = asked(qtbot, bridge, lambda studio: studio.projects.add(repository))
    panel = NetworkPanel(bridge, Theme("dark"), bridge)
    qtbot.addWidget(panel.widget)
    bridge.events_arrived.connect(panel.apply)
    panel.widget.resize(860, 560)
    panel.widget.show()
    panel.show_project(project.id)
    made = Page(qtbot, bridge, panel, project)
    made.until(lambda: made.view.project.count() == 1)
    made.until(lambda: made.view.modes[NetworkMode.NONE].isChecked())
    return made


def test_what_a_person_chooses_and_lists_counts_at_once(page: Page) -> None:
    page.view.packages.click()
    page.until(lambda: page.ask(lambda studio: studio.networks.show(page.project.id)).packages is False)
    page.view.modes[NetworkMode.ALLOW].click()
    page.until(lambda: page.ask(lambda studio: studio.networks.show(page.project.id)).mode is NetworkMode.ALLOW)
    page.view.host.setText("files.example.org")
    QTest.keyClick(page.view.host, Qt.Key.Key_Return)
    page.until(lambda: page.hosts() == ["files.example.org:443"])
    assert page.view.host.text() == ""
    page.view.hosts.selectRow(0)
    page.view.remove.click()
    page.until(lambda: page.hosts() == [])

    view = page.ask(lambda studio: studio.networks.show(page.project.id))
    assert (view.mode, view.packages, view.hosts) == (NetworkMode.ALLOW, False, ())


def test_what_is_no_host_is_said_in_words_and_stays_to_be_mended(page: Page) -> None:
    page.view.host.setText("https://files.example.org/x")
    page.view.add.click()
    page.until(lambda: page.view.error.isVisible())

    assert "is no host that can be allowed" in page.view.error.sentence.text()
    assert page.view.host.text() == "https://files.example.org/x"


async def _tried(home: Path, project: Project) -> None:
    database = await Database.open(home / "studio.db", attached=True)
    run = a_run(project)
    attempt = Attempt(
        0, project.id, run.id, NOON, Destination("evil.example.net", 443), "connect", Passed.REFUSED, "<b>no</b>"
    )
    async with database.transaction() as connection:
        await connections.add(connection, attempt)
    await database.close()


def test_every_attempt_is_listed_as_plain_words(page: Page, home: Path) -> None:
    page.ask(lambda _studio: _tried(home, page.project))
    page.panel.refresh()
    page.until(lambda: page.view.tried.rowCount() == 1)

    told = [page.view.tried.item(0, column).text() for column in (2, 3, 5)]  # type: ignore[union-attr]
    assert told == ["evil.example.net:443", "refused", "<b>no</b>"]


def test_what_is_tried_while_the_page_is_open_comes_by_itself(page: Page, home: Path) -> None:
    page.view.tabs.setCurrentIndex(1)
    assert page.view.nothing_tried.isVisible()
    page.ask(lambda _studio: _tried(home, page.project))

    page.until(lambda: page.view.tried.rowCount() == 1)
    assert page.view.tabs.tabText(1) == "Connections (1)"


def test_what_the_last_try_met_goes_with_the_next_one(page: Page) -> None:
    page.view.host.setText("https://files.example.org/x")
    page.view.add.click()
    page.until(lambda: page.view.error.isVisible())
    page.view.host.setText("files.example.org")
    page.view.add.click()

    assert not page.view.error.isVisible()
    assert page.view.under_way.text() == "Saving…"
    page.until(lambda: page.hosts() == ["files.example.org:443"])
    assert not page.view.under_way.isVisible()


def test_a_sandbox_without_a_way_out_is_told_by_its_name_with_a_button(page: Page) -> None:
    asked: list[str] = []
    page.view.anew.restart_requested.connect(asked.append)
    page.view.anew.show_runs([("r1", "shop · Have <b>a</b> look")])
    line = page.view.anew.findChildren(QLabel)[0]
    (press,) = page.view.anew.findChildren(QPushButton)
    press.click()

    assert line.text() == "shop · Have <b>a</b> look: its sandbox was started before, and has no way out yet."
    assert line.textFormat() is Qt.TextFormat.PlainText
    assert asked == ["r1"]


def test_a_registry_that_counts_for_images_alone_is_said_to_and_taken_back(page: Page, qtbot: QtBot) -> None:
    view = NetworkView(NetworkMode.ALLOW, packages=False, hosts=(), registries=("registry.example.org:443",))
    page.view.show_network(view, ())
    why = page.view.hosts.item(0, 1)
    assert why is not None
    assert why.text() == "for images alone"
    page.view.hosts.selectRow(0)

    with qtbot.waitSignal(page.view.host_removed) as removed:
        page.view.remove.click()
    assert removed.args == ["registry.example.org:443"]

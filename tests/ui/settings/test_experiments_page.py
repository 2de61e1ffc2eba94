"""The page of experiments on a real core: what is tried stands there with counts and intervals, and how to begin."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.agents.experiment_files import read_experiment
from studio.agents.roles import shipped_parts
from studio.base.resources import resource
from studio.domain.experiments import Experiment
from studio.domain.runs import Outcome
from studio.store.database import Database
from studio.ui.experiments.panel import ExperimentsPanel
from studio.ui.theme import Theme
from tests.fixtures.trials import Trial
from tests.ui.settings.conftest import Core


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> ExperimentsPanel:
    panel = ExperimentsPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    core.bridge.events_arrived.connect(panel.apply)
    panel.refresh()
    core.until(lambda: panel.view.empty.title.text() != "Loading…")
    return panel


def row(page: ExperimentsPanel, number: int) -> list[str]:
    """A row of the comparison."""
    table = page.view.results
    return [item.text() for column in range(5) if (item := table.item(number, column)) is not None]


def test_without_one_the_page_gives_an_example_that_is_right(page: ExperimentsPanel, tmp_path: Path) -> None:
    assert page.view.empty.title.text() == "No experiment yet"
    QTest.mouseClick(page.view.empty.button, Qt.MouseButton.LeftButton)

    (tmp_path / "short-prompt.toml").write_text(QGuiApplication.clipboard().text())
    read = read_experiment(tmp_path / "short-prompt.toml", shipped_parts(resource("roles")))
    assert isinstance(read, Experiment)
    assert (read.role, read.share, len(read.variants)) == ("engineer", 0.5, 2)


class TestWithRuns:
    """Twelve runs drew each variant, and those with the short prompt did better; another file has a mistake."""

    @pytest.fixture
    def environment(self, home: Path, environment: dict[str, str]) -> dict[str, str]:
        home.mkdir()
        asyncio.run(_tried(home))
        (home / "experiments" / "broken.toml").write_text('role = "engineer"\n')
        return environment

    def test_both_variants_are_compared_with_counts_and_intervals(self, page: ExperimentsPanel) -> None:
        view = page.view
        assert view.chosen is not None
        assert (view.chosen.name, view.chosen.runs) == ("prompt", (12, 12))
        assert view.taking_part.text() == "long: 12 runs · short: 12 runs"
        assert row(page, 0) == [
            *("ended well", "0 of 12 (0 to 24 %)", "12 of 12 (76 to 100 %)", "(−100 to −66 points)", "more with short"),
        ]
        assert row(page, 6)[0] == "steps, median"

    def test_a_file_with_a_mistake_is_said_with_what_to_write(self, page: ExperimentsPanel) -> None:
        assert page.view.problems.text().startswith("broken.toml")
        assert "An experiment has two variants. Write a table [[variant]]" in page.view.problems.text()


async def _tried(home: Path) -> None:
    database = await Database.open(home / "studio.db")
    trial = Trial(database, home / "experiments")
    await trial.runs("long", 12, Outcome.FAILED, steps=30, cents=50)
    await trial.runs("short", 12, Outcome.HANDED_OFF)
    await database.close()

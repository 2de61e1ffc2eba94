"""The page of models on a real core: what providers offer is listed, and one is chosen for new chats at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.base.settings import Settings
from studio.ui.models.panel import ModelsPanel
from studio.ui.theme import Theme
from tests.fixtures.model_list import model_list
from tests.fixtures.ollama_server import LocalModel, ollama_server
from tests.ui.settings.conftest import Core


@pytest.fixture
def server() -> Iterator[str]:
    """A server that speaks like OpenAI and offers two models."""
    with model_list("gpt-5", "gpt-5-mini") as address:
        yield address


@pytest.fixture
def environment(environment: dict[str, str], server: str) -> dict[str, str]:
    return {**environment, "OPENAI_BASE_URL": server}


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> ModelsPanel:
    panel = ModelsPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    core.bridge.events_arrived.connect(panel.apply)
    # The first question loads the SDK, which on a busy machine takes longer than a list may take.
    core.ask(lambda studio: studio.models.offered_by("openai"))
    panel.refresh()
    core.until(lambda: panel.view.table.rowCount() >= 2)
    return panel


def test_a_model_that_is_chosen_is_that_of_new_chats_now_and_after_a_start(
    page: ModelsPanel, core: Core, qtbot: QtBot, environment: dict[str, str]
) -> None:
    assert page.view.default.text() == "New chats use the first model on offer."
    page.view.table.selectRow(1)
    with qtbot.waitSignal(page.default_changed):
        QTest.mouseClick(page.view.use, Qt.MouseButton.LeftButton)

    core.until(lambda: page.view.default.text() == "New chats use openai/gpt-5-mini.")
    assert not page.view.use.isEnabled()
    assert str(core.ask(lambda studio: studio.models.default_model())) == "openai/gpt-5-mini"
    assert Settings.load(core.home / "settings.toml", {}).default_model == "openai/gpt-5-mini"

    QTest.mouseClick(page.view.automatic, Qt.MouseButton.LeftButton)

    core.until(lambda: page.view.default.text() == "New chats use the first model on offer.")
    assert str(core.ask(lambda studio: studio.models.default_model())) == "openai/gpt-5"


class TestSilent:
    """Nobody listens where Groq is looked for."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> Iterator[dict[str, str]]:
        with ollama_server() as running:
            yield {**environment, "OLLAMA_HOST": running.url, "GROQ_BASE_URL": "http://127.0.0.1:9/v1"}

    def test_a_provider_that_does_not_answer_is_named(self, page: ModelsPanel) -> None:
        assert page.view.silence.isVisible()
        assert page.view.silence.text() == "Groq gave no list of models. See why under Providers & keys."


class TestNamedByTheEnvironment:
    """The environment names the model of new chats."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return {**environment, "STUDIO_DEFAULT_MODEL": "openai/gpt-5"}

    def test_the_page_says_that_it_cannot_be_changed_here(self, page: ModelsPanel, core: Core) -> None:
        page.view.table.selectRow(1)
        QTest.mouseClick(page.view.use, Qt.MouseButton.LeftButton)

        core.until(page.view.error.isVisible)
        assert "STUDIO_DEFAULT_MODEL of the environment names the model" in page.view.error.sentence.text()
        assert page.view.default.text() == "New chats use openai/gpt-5."


class TestWithATable:
    """A routing table stands in the data folder."""

    @pytest.fixture
    def environment(self, home: Path, environment: dict[str, str]) -> dict[str, str]:
        home.mkdir()
        (home / "models.toml").write_text('[tiers]\nfast = ["openai/gpt-5-mini"]\nstrong = ["openai/gpt-5"]\n')
        return environment

    def test_new_chats_go_by_the_table(self, page: ModelsPanel) -> None:
        assert page.view.default.text() == "New chats use the models of the routing table."
        assert not page.view.automatic.isVisible()


class TestWithOllama:
    """Ollama runs, and has a model whose context is less than it claims."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> Iterator[dict[str, str]]:
        with ollama_server(small=LocalModel(window=18_500)) as running:
            yield {**environment, "OLLAMA_HOST": running.url}

    def test_a_model_that_runs_here_is_measured_and_judged_for_each_role(self, page: ModelsPanel, core: Core) -> None:
        table = page.view.table
        core.until(lambda: table.rowCount() == 3)
        table.selectRow(1)
        assert page.view.chosen == "openai/gpt-5"
        assert not page.view.measure.isVisible()
        table.selectRow(0)
        assert cell(page, 0) == "not yet"

        QTest.mouseClick(page.view.measure, Qt.MouseButton.LeftButton)

        core.until(lambda: cell(page, 0) == "fits 4 of 9 roles")
        assert page.view.measuring.text() == "ollama/small was tried out."
        fit, unfit = page.view.story.text().splitlines()
        assert fit == "Measured as fit for data-analyst, designer, product-manager, tester."
        assert unfit.startswith(
            "Unfit for architect, development-manager, engineer, platform-engineer, reviewer: it found what was hidden"
        )

    def test_a_measuring_is_stopped_and_nothing_of_it_is_kept(self, page: ModelsPanel, core: Core) -> None:
        core.until(lambda: page.view.table.rowCount() == 3)
        page.view.table.selectRow(0)
        QTest.mouseClick(page.view.measure, Qt.MouseButton.LeftButton)
        QTest.mouseClick(page.view.stop, Qt.MouseButton.LeftButton)

        core.until(lambda: page.view.measuring.text().startswith("You stopped trying out ollama/small."))
        core.until(page.view.measure.isEnabled)
        assert core.ask(lambda studio: studio.fitness.list()) == ()


def cell(page: ModelsPanel, row: int) -> str:
    """What is said of the measures of a model."""
    item = page.view.table.item(row, 3)
    return item.text() if item is not None else ""

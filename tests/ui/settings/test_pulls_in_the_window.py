"""Fetching a model on the page of models, on a real core and a server that speaks Ollama's protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.models import ModelRef
from studio.domain.pulls import PullState
from studio.ui.models.panel import ModelsPanel
from studio.ui.models.pull_row import PullRow
from studio.ui.theme import Theme
from tests.fixtures.ollama_library import LibraryModel
from tests.fixtures.ollama_server import OllamaServer, ollama_server
from tests.ui.settings.conftest import Core

GB = 10**9
QWEN = ModelRef("ollama", "qwen3:latest")


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A server without models, whose library has one; its pull waits at half of the first file."""
    with ollama_server() as running:
        running.library["qwen3:latest"] = LibraryModel(halt=2 * GB)
        yield running
        for model in running.library.values():
            model.go.set()


@pytest.fixture
def environment(environment: dict[str, str], server: OllamaServer) -> dict[str, str]:
    return {**environment, "OLLAMA_HOST": server.url}


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> ModelsPanel:
    panel = ModelsPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    panel.refresh()
    return panel


def halfway(page: ModelsPanel, core: Core) -> PullRow:
    """The row of a pull that was begun by hand and is waiting at half of the first file."""
    pulls = page.pulling.view
    QTest.keyClicks(pulls.field, "qwen3")
    QTest.keyClick(pulls.field, Qt.Key.Key_Return)
    core.until(lambda: QWEN in pulls.rows and pulls.rows[QWEN].said.text() == "50 %, 2.0 GB of 4.0 GB")
    return pulls.rows[QWEN]


def test_a_model_that_is_fetched_shows_how_far_it_is_and_is_then_on_offer(
    page: ModelsPanel, core: Core, server: OllamaServer
) -> None:
    row = halfway(page, core)
    assert row.bar.share == 0.5
    assert page.pulling.view.field.text() == ""

    server.library["qwen3:latest"].go.set()

    core.until(lambda: row.pull.state is PullState.DONE)
    assert row.said.text() == "It is there, 4.7 GB."
    core.until(lambda: page.view.table.rowCount() == 1)
    assert [page.view.table.model().index(0, 0).data()] == ["ollama/qwen3:latest"]
    QTest.mouseClick(row.dismiss, Qt.MouseButton.LeftButton)
    core.until(lambda: not page.pulling.view.rows)


def test_a_pull_is_stopped_and_gone_on_with(page: ModelsPanel, core: Core, server: OllamaServer) -> None:
    row = halfway(page, core)

    QTest.mouseClick(row.stop, Qt.MouseButton.LeftButton)

    core.until(lambda: row.pull.state is PullState.STOPPED)
    assert row.said.text() == "Stopped; 2.0 GB of 4.0 GB came and are kept."
    server.library["qwen3:latest"].go.set()
    QTest.mouseClick(row.again, Qt.MouseButton.LeftButton)
    core.until(lambda: row.pull.state is PullState.DONE)
    assert server.library["qwen3:latest"].most_at_once == 1


def test_what_goes_wrong_is_said_with_what_to_do(page: ModelsPanel, core: Core, server: OllamaServer) -> None:
    row = halfway(page, core)
    model = server.library["qwen3:latest"]
    model.error = "write /blobs/x-partial: no space left on device"

    model.go.set()

    core.until(lambda: row.pull.state is PullState.FAILED)
    assert row.said.text().startswith("The disk of the machine that Ollama runs on is full: 2.0 GB of 4.0 GB came")
    assert row.again.isVisible()


def test_a_page_that_is_opened_later_shows_what_is_under_way(
    page: ModelsPanel, core: Core, theme: Theme, qtbot: QtBot
) -> None:
    halfway(page, core)
    other = ModelsPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(other.widget)
    other.refresh()
    core.until(lambda: QWEN in other.pulling.view.rows)


def test_a_name_of_a_provider_that_fetches_nothing_is_refused_below_the_field(page: ModelsPanel, core: Core) -> None:
    pulls = page.pulling.view
    QTest.keyClicks(pulls.field, "openai/gpt-5")
    QTest.mouseClick(pulls.fetch, Qt.MouseButton.LeftButton)
    core.until(lambda: "openai fetches no models" in pulls.refusal.text())
    QTest.keyClicks(pulls.field, "x")
    assert pulls.refusal.isHidden()

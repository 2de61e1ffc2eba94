"""The page of tiers on a real core: models are put in order, the file follows, and what speaks against one is said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.fitness import Fitness, Tries
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Preference
from studio.store import fitness
from studio.store.database import Database
from studio.ui.theme import Theme
from studio.ui.tiers.lines import ModelRow
from studio.ui.tiers.panel import TiersPanel
from tests.fixtures.model_list import model_list
from tests.fixtures.ollama_server import LocalModel, ollama_server
from tests.ui.settings.conftest import Core

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

WRITTEN = """\
[tiers]
# what we agreed
strong = ["anthropic/opus", "groq/llama", "ollama/slow"]
"""


@pytest.fixture
def environment(home: Path, environment: dict[str, str]) -> dict[str, str]:
    home.mkdir()
    (home / "models.toml").write_text(WRITTEN)
    # Nobody listens there: the page asks which models there are.
    return {**environment, "GROQ_API_KEY": "gsk-x", "GROQ_BASE_URL": "http://127.0.0.1:9/v1"}


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> TiersPanel:
    panel = TiersPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    core.bridge.events_arrived.connect(panel.apply)
    panel.refresh()
    core.until(lambda: panel.view.empty.title.text() != "Loading…")
    return panel


def lines(core: Core, tier: Tier = Tier.STRONG) -> list[list[str]]:
    """The lines of a tier as they are in the file now."""
    return [list(map(str, line)) for line in core.ask(lambda studio: studio.routing.show()).lines(tier)]


def cells(page: TiersPanel, column: int) -> list[str]:
    """A column of the table, without the headings."""
    table = page.view.table
    rows = [row for row in range(table.rowCount()) if table.columnSpan(row, 0) == 1]
    return [item.text() for row in rows if (item := table.item(row, column)) is not None]


def choose(page: TiersPanel, name: str) -> None:
    """Chooses a model as a click on it does."""
    (found,) = page.view.table.findItems(name, Qt.MatchFlag.MatchExactly)
    page.view.table.selectRow(found.row())


def chosen(page: TiersPanel) -> str:
    row = page.view.table.chosen
    return str(row.model) if isinstance(row, ModelRow) else ""


def test_the_models_of_each_tier_stand_in_their_order_with_what_keeps_them_from_being_used(page: TiersPanel) -> None:
    assert cells(page, 1) == ["anthropic/opus", "groq/llama", "ollama/slow"]
    assert cells(page, 2) == ["not usable", "ready", "ready"]
    choose(page, "anthropic/opus")
    assert "ANTHROPIC_API_KEY" in page.view.story.text()
    page.view.table.selectRow(0)
    assert page.view.story.text().startswith("Tried at this moment: groq/llama, ollama/slow.")


def test_a_model_is_moved_by_keys_and_the_file_keeps_its_comment(page: TiersPanel, core: Core) -> None:
    choose(page, "groq/llama")
    page.view.table.setFocus()
    QTest.keyClick(page.view.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)

    core.until(lambda: cells(page, 1)[0] == "groq/llama")
    assert chosen(page) == "groq/llama"
    moved = WRITTEN.replace('"anthropic/opus", "groq/llama"', '"groq/llama", "anthropic/opus"')
    assert (core.home / "models.toml").read_text() == moved.replace(
        '["groq/llama", "anthropic/opus", "ollama/slow"]',
        '[\n    "groq/llama",\n    "anthropic/opus",\n    "ollama/slow",\n]',
    )

    QTest.mouseClick(page.view.undo, Qt.MouseButton.LeftButton)
    core.until(lambda: cells(page, 1)[0] == "anthropic/opus")
    assert not page.view.undo.isVisible()


def test_a_model_is_removed_and_an_added_one_goes_below(page: TiersPanel, core: Core) -> None:
    choose(page, "anthropic/opus")
    page.view.table.setFocus()
    QTest.keyClick(page.view.table, Qt.Key.Key_Delete)
    core.until(lambda: cells(page, 1) == ["groq/llama", "ollama/slow"])

    QTest.mouseClick(page.view.add, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    assert not dialog.save.isEnabled()
    dialog.tier.setCurrentIndex(dialog.tier.findData("fast"))
    dialog.model.setCurrentText("groq/llama")
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)

    core.until(lambda: cells(page, 1) == ["groq/llama", "ollama/slow", "groq/llama"])
    assert lines(core, Tier.FAST) == [["groq/llama"]]
    # The page reads the table at the event of its change as well, and that may come first.
    core.until(lambda: isinstance(row := page.view.table.chosen, ModelRow) and row.tier is Tier.FAST)


def test_what_is_no_model_is_refused_in_the_dialog(page: TiersPanel, core: Core) -> None:
    QTest.mouseClick(page.view.add, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    dialog.model.setCurrentText("grok/llama")
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    core.until(lambda: not dialog.refusal.isHidden())
    assert dialog.refusal.text().startswith("There is no provider “grok”. Did you mean groq?")
    assert lines(core, Tier.STRONG) == [["anthropic/opus"], ["groq/llama"], ["ollama/slow"]]


def test_the_preference_and_the_tier_of_a_role_are_chosen(page: TiersPanel, core: Core) -> None:
    QTest.mouseClick(page.view.local, Qt.MouseButton.LeftButton)
    core.until(lambda: core.ask(lambda studio: studio.routing.show()).prefer is Preference.LOCAL)

    roles = page.view.roles
    box = roles.box(roles.row_of("tester"))
    assert box.currentText() == "As its file says (standard)"
    box.setCurrentIndex(box.findData("fast"))
    box.activated.emit(box.currentIndex())
    core.until(lambda: dict(core.ask(lambda studio: studio.routing.show()).roles) == {"tester": Tier.FAST})
    core.until(lambda: box.currentText() == "Fast")


def test_a_change_of_another_face_is_seen_and_not_written_over(page: TiersPanel, core: Core) -> None:
    core.ask(lambda studio: studio.routing.set_tier(Tier.STRONG, (("groq/llama",),)))
    core.until(lambda: cells(page, 1) == ["groq/llama"])

    (core.home / "models.toml").write_text('[tiers]\nstrong = ["groq/kimi"]\n')
    choose(page, "groq/llama")
    QTest.mouseClick(page.view.remove, Qt.MouseButton.LeftButton)

    core.until(page.view.error.isVisible)
    assert "The strong tier was changed elsewhere meanwhile" in page.view.error.sentence.text()
    core.until(lambda: cells(page, 1) == ["groq/kimi"])


class TestMeasured:
    """One model was measured as too slow for its tier, and Ollama has another one."""

    @pytest.fixture
    def environment(self, home: Path, environment: dict[str, str]) -> dict[str, str]:
        slow = Fitness(
            *(ModelRef("ollama", "slow"), datetime.now(UTC), 32_768, 30_000, Tries(10, 0, 0), None),
            *(4, 4, 1.5, 900.0),
        )
        asyncio.run(_keep(home, slow))
        return environment

    def test_a_model_that_is_unfit_for_its_tier_says_by_which_figure(self, page: TiersPanel) -> None:
        assert cells(page, 3) == ["", "", "unfit for strong"]
        choose(page, "ollama/slow")
        assert "it writes 1.5 tokens a second, and 3 are needed." in page.view.story.text()

    def test_who_adds_it_to_another_tier_is_warned_before(self, page: TiersPanel) -> None:
        page.add()
        dialog = page.dialog
        assert dialog is not None
        dialog.model.setCurrentText("ollama/slow")
        assert dialog.caution.text().startswith("Measured as unfit for strong: it writes 1.5 tokens a second")
        dialog.model.setCurrentText("groq/llama")
        assert dialog.caution.isHidden()
        dialog.reject()


async def _keep(home: Path, found: Fitness) -> None:
    database = await Database.open(home / "studio.db")
    async with database.transaction() as connection:
        await fitness.save(connection, found)
    await database.close()


class TestWithOllama:
    """Ollama runs, and has the model."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> Iterator[dict[str, str]]:
        with ollama_server(slow=LocalModel()) as running:
            yield {**environment, "OLLAMA_HOST": running.url}

    def test_a_model_that_runs_here_is_measured_from_the_page(self, page: TiersPanel, core: Core) -> None:
        choose(page, "groq/llama")
        assert not page.view.measure.isVisible()
        choose(page, "ollama/slow")
        assert page.view.story.text() == "What it can do was not measured yet."
        QTest.mouseClick(page.view.measure, Qt.MouseButton.LeftButton)

        core.until(lambda: page.view.measuring.text() == "ollama/slow was tried out.")
        core.until(lambda: cells(page, 3)[2] != "")
        assert not page.view.stop.isVisible()
        (found,) = core.ask(lambda studio: studio.fitness.list())
        assert found.model == ModelRef("ollama", "slow")


def test_a_table_with_a_mistake_is_told_and_can_be_read_again(page: TiersPanel, core: Core) -> None:
    (core.home / "models.toml").write_text("[tiers]\nfats = []\n")
    page.refresh()
    core.until(lambda: page.view.empty.title.text() == "The routing table could not be read")
    assert "Did you mean fast?" in page.view.empty.text.text()
    assert not page.view.add.isEnabled()

    (core.home / "models.toml").write_text(WRITTEN)
    QTest.mouseClick(page.view.empty.button, Qt.MouseButton.LeftButton)
    core.until(lambda: len(cells(page, 1)) == 3)


def test_nothing_old_is_left_round_the_message_that_the_table_cannot_be_read(page: TiersPanel, core: Core) -> None:
    choose(page, "anthropic/opus")
    QTest.mouseClick(page.view.remove, Qt.MouseButton.LeftButton)
    core.until(page.view.undo.isVisible)
    view = page.view
    parts = (view.story, view.up, view.down, view.beside, view.remove, view.undone, view.undo)

    (core.home / "models.toml").write_text("[tiers\n")
    page.refresh()
    core.until(lambda: view.empty.title.text() == "The routing table could not be read")
    assert [part for part in parts if part.isVisible() or (part.isEnabled() and part is not view.story)] == []
    assert not view.roles.isEnabled()

    (core.home / "models.toml").write_text(WRITTEN)
    QTest.mouseClick(view.empty.button, Qt.MouseButton.LeftButton)
    core.until(lambda: len(cells(page, 1)) == 3 and view.remove.isVisible())
    assert view.story.isVisible()
    assert view.undo.isVisible()
    assert view.roles.isEnabled()


class TestMisspelt:
    """OpenAI answers, and does not list the model that the table names."""

    @pytest.fixture
    def environment(self, home: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
        (home / "models.toml").write_text('[tiers]\nstrong = ["openai/gpt-5-mni", "openai/gpt-5-mini"]\n')
        with model_list("gpt-5-mini") as address:
            yield {**environment, "OPENAI_BASE_URL": address}

    @pytest.fixture(autouse=True)
    def loaded(self, core: Core) -> None:
        """The first question loads the SDK, which on a busy machine takes longer than a list may take."""
        core.ask(lambda studio: studio.models.offered_by("openai"))

    def test_a_model_that_its_provider_does_not_list_is_not_called_ready(self, page: TiersPanel, core: Core) -> None:
        core.until(lambda: cells(page, 2) == ["not listed", "ready"])
        choose(page, "openai/gpt-5-mni")
        assert page.view.story.text().splitlines()[0] == (
            "OpenAI does not list it. Did you mean gpt-5-mini? It is tried all the same."
        )

    def test_who_adds_such_a_model_is_told_before(self, page: TiersPanel, core: Core) -> None:
        page.add()
        dialog = page.dialog
        assert dialog is not None
        dialog.model.setCurrentText("openai/gpt-mini")
        core.until(lambda: dialog.caution.text().startswith("OpenAI does not list it. Did you mean gpt-5-mini?"))
        assert dialog.save.isEnabled()
        dialog.model.setCurrentText("openai/gpt-5-mini")
        assert dialog.caution.isHidden()
        dialog.reject()


def test_a_model_is_put_beside_the_one_above_and_parted_again(page: TiersPanel, core: Core) -> None:
    choose(page, "groq/llama")
    page.view.table.setFocus()
    QTest.keyClick(page.view.table, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)

    core.until(lambda: cells(page, 0) == ["1=", "1=", "2"])
    assert lines(core) == [["anthropic/opus", "groq/llama"], ["ollama/slow"]]
    assert (chosen(page), page.view.beside.text()) == ("groq/llama", "On a line of its own")

    QTest.mouseClick(page.view.beside, Qt.MouseButton.LeftButton)
    core.until(lambda: cells(page, 0) == ["1", "2", "3"])
    assert lines(core) == [["anthropic/opus"], ["groq/llama"], ["ollama/slow"]]

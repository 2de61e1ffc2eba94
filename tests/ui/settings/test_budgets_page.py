"""The page of budgets on a real core: a ceiling is set, seen as a bar, changed and removed; kept money is released."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.adapters.clock import SystemClock
from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelRequest
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.money import from_usd
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.ledger import Ledger
from studio.router.prices import Price, Prices
from studio.store import budgets
from studio.store.database import Database
from studio.ui.budgets.panel import BudgetsPanel
from studio.ui.theme import Theme
from tests.fixtures.repositories import make_repository
from tests.ui.settings.conftest import Core

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

DEAR = ModelRef("openai", "dear")
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),), max_output_tokens=100_000)


async def _leave_a_call_without_an_end(home: Path) -> None:
    """Two dollars for the company, of which one is kept for a call that nobody knows the end of."""
    database = await Database.open(home / "studio.db")
    recorder = Recorder(database, Hub(), SystemClock(), Redactor())
    prices = Prices({"openai/dear": Price(Decimal(0), Decimal(10))})
    ledger = Ledger(database, recorder, prices, SystemClock())
    async with database.transaction() as connection:
        await budgets.save(connection, Budget(Scope(ScopeKind.COMPANY), Period.TOTAL, from_usd(Decimal(2))))
    payer = Payer(ProjectId("pshop"), RunId("r1"), TurnId("t1"), 1, "engineer")
    await ledger.keep(await ledger.hold(payer, DEAR, REQUEST))
    await database.close()


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> BudgetsPanel:
    panel = BudgetsPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    core.bridge.events_arrived.connect(panel.apply)
    panel.refresh()
    core.until(lambda: panel.view.empty.title.text() == "No budget yet" or bool(panel.view.budgets))
    return panel


def names(page: BudgetsPanel) -> list[str]:
    """What the cards are called, from top to bottom."""
    return [card.name.text() for card in page.view.budgets]


def test_a_budget_of_a_project_is_set_in_the_dialog(page: BudgetsPanel, core: Core, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    core.ask(lambda studio: studio.projects.add(repository))
    core.until(lambda: len(page.scopes) == 2)
    QTest.mouseClick(page.view.empty.button, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    dialog.scope.setCurrentIndex(dialog.scope.findText("Project shop"))
    dialog.ceiling.setValue(12.5)
    dialog.period.setCurrentIndex(dialog.period.findData(Period.DAY))
    dialog.alert.setValue(50)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)

    core.until(lambda: names(page) == ["Project shop · $12.50 each day"])
    assert page.view.budgets[0].said.text() == "$0.00 paid · $12.50 left · tells you at 50 %"
    assert page.view.empty.isHidden()
    (saved,) = core.ask(lambda studio: studio.budgets.list())
    assert (saved.budget.ceiling_nusd, saved.budget.period) == (12_500_000_000, Period.DAY)


def test_a_budget_of_a_task_or_a_brief_is_set_by_its_title(page: BudgetsPanel, core: Core, tmp_path: Path) -> None:
    project = core.ask(lambda studio: studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"})))
    core.ask(lambda studio: studio.briefs.write(project.id, "Discounts"))
    done = core.ask(lambda studio: studio.board.add(project.id, "Paint it"))
    core.ask(lambda studio: studio.board.drop(project.id, done.id))
    core.ask(lambda studio: studio.board.add(project.id, "Mend the till"))
    core.until(lambda: len(page.scopes) == 4)
    assert [words for _, words in page.scopes[1:]] == ["Project shop", "Brief “Discounts”", "Task “Mend the till”"]

    QTest.mouseClick(page.view.empty.button, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    dialog.scope.setCurrentIndex(3)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    core.until(lambda: names(page) == ["Task “Mend the till” · $20.00 each month"])


def test_a_budget_that_another_face_sets_is_seen_and_can_be_changed_and_removed(page: BudgetsPanel, core: Core) -> None:
    core.ask(lambda studio: studio.budgets.set("company", 20_000_000_000, Period.MONTH, 80))
    core.until(lambda: names(page) == ["Company · $20.00 each month"])

    QTest.mouseClick(page.view.budgets[0].change, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    assert dialog is not None
    assert (dialog.ceiling.value(), dialog.scope.isEnabled(), dialog.period.isEnabled()) == (20, False, False)
    dialog.ceiling.setValue(5)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    core.until(lambda: names(page) == ["Company · $5.00 each month"])

    QTest.mouseClick(page.view.budgets[0].remove, Qt.MouseButton.LeftButton)
    core.until(lambda: names(page) == [])
    assert page.view.empty.title.text() == "No budget yet"


class TestKept:
    """A call of yesterday ended without telling what it cost."""

    @pytest.fixture
    def environment(self, home: Path, environment: dict[str, str]) -> dict[str, str]:
        home.mkdir()
        asyncio.run(_leave_a_call_without_an_end(home))
        return environment

    def test_what_is_kept_counts_until_it_is_released(self, page: BudgetsPanel, core: Core) -> None:
        core.until(lambda: len(page.view.kept) == 1)
        (card,) = page.view.budgets
        assert card.said.text() == "$0.00 paid · $1.00 held · $1.00 left · tells you at 80 %"
        assert list(card.bar.parts) == [0, 0.5]
        assert page.view.kept[0].said.text().startswith("$1.00 for openai/dear, engineer in run r1, ")

        QTest.mouseClick(page.view.kept[0].release, Qt.MouseButton.LeftButton)

        core.until(lambda: page.view.kept == [] and list(page.view.budgets[0].bar.parts) == [0, 0])
        assert page.view.kept_heading.isHidden()
        assert core.ask(lambda studio: studio.budgets.reservations()) == ()

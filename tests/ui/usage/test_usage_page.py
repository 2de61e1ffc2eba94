"""The page of usage: what a person sees of what their agents used, and takes away as a file."""

from __future__ import annotations

import asyncio
import csv
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.base.paths import Paths
from studio.domain.briefs import Brief
from studio.domain.budgets import Budget, Period, Scope, ScopeKind
from studio.domain.errors import StoreError
from studio.domain.events import UsageRecorded
from studio.domain.ids import BriefId, ProjectId, RunId, TaskId
from studio.domain.money import NanoUsd
from studio.domain.tasks import Task
from studio.store import briefs, budgets, tasks, usage
from studio.store.database import Database
from studio.ui.bridge import Bridge
from studio.ui.theme import Theme
from studio.ui.usage import words
from studio.ui.usage.charts import DayChart
from studio.ui.usage.panel import UsagePanel
from studio.ui.widgets.labels import ElidedLabel
from tests.fixtures.quiet_doors import QuietDoors
from tests.fixtures.spending import Worked, fail, filled
from tests.ui.usage.conftest import FAST, SECONDS, STRONG, TEAM, TODAY, OpenPage, page

BARE = """
import sys
from PySide6.QtWidgets import QApplication
application = QApplication([])
from studio.ui.theme import Theme
from studio.ui.usage.panel import UsagePanel
from studio.ui.bridge import Bridge
panel = UsagePanel(Bridge(lambda: None), Theme("dark"))
print([name for name in ("pyqtgraph", "numpy", "studio.ui.usage.view") if name in sys.modules])
"""


class Broken(QuietDoors):
    """Doors of which that to usage never opens."""

    def __init__(self) -> None:
        super().__init__()
        self.usage = self
        self.asked = 0

    async def report(self, within: object) -> None:
        self.asked += 1
        raise StoreError("The disk is full.", "Free some.")


def test_a_window_that_never_shows_usage_loads_no_charts() -> None:
    told = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, timeout=60, check=True)

    assert told.stdout == "[]\n"


def test_the_sums_stand_above_the_pictures(qtbot: QtBot, open_page: OpenPage) -> None:
    figures = page(qtbot, open_page(TEAM)).figures

    assert {name: figure.text() for name, figure in figures.figures.items()} == {
        "Cost": "$4.30",
        "Tokens": "6.6 k",
        "Calls": "6",
        "From cache": "60 %",
    }
    assert figures.notes["Cost"].text() == "1 call without a known price"
    assert figures.notes["Calls"].text() == "1 of 7 tries failed"


def test_each_day_is_stacked_by_what_is_chosen(qtbot: QtBot, open_page: OpenPage) -> None:
    days = page(qtbot, open_page(TEAM)).days
    assert days.legend.texts == [f"$4.00  {STRONG}", f"$0.30  {FAST}"]

    days.by.setCurrentIndex(days.by.findData("project"))
    assert days.legend.texts == ["$4.30  shop"]

    days.measure.setCurrentIndex(days.measure.findData("tokens"))
    days.by.setCurrentIndex(days.by.findData("role"))
    assert days.legend.texts == ["4.4 k  Engineer", "2.2 k  Architect"]


def test_models_whose_names_begin_alike_are_told_apart_where_there_is_little_room(
    qtbot: QtBot, open_page: OpenPage
) -> None:
    alike = [Worked(f"t{at}", f"anthropic/claude-{name}-4-5", at=TODAY) for at, name in enumerate(("sonnet", "haiku"))]
    panel = open_page(alike)
    legend = page(qtbot, panel).days.legend
    names = [each for each in legend.findChildren(ElidedLabel) if each.isVisible()]
    panel.widget.resize(620, 700)
    qtbot.waitUntil(lambda: all(each.width() < each.sizeHint().width() for each in names))
    assert {each.drawn[-6:] for each in names} == {"et-4-5", "ku-4-5"}


def test_choices_keep_their_words_where_there_is_little_room(qtbot: QtBot, open_page: OpenPage) -> None:
    panel = open_page(TEAM)
    head = page(qtbot, panel).head
    assert head.rows == 1
    panel.widget.resize(260, 600)
    qtbot.waitUntil(lambda: head.rows == 3)
    view = page(qtbot, panel)
    qtbot.waitUntil(lambda: head.height() >= head.sizeHint().height())
    for choice in (view.project, view.span, view.month):
        assert choice.width() >= choice.sizeHint().width()
        assert head.rect().contains(choice.geometry())
    panel.widget.resize(1100, 700)
    qtbot.waitUntil(lambda: head.rows == 1)


def test_a_day_is_read_out_by_key(qtbot: QtBot, open_page: OpenPage) -> None:
    days = page(qtbot, open_page(TEAM)).days
    assert days.readout.text() == "Point at a day, or press Left and Right"

    QTest.keyClick(days.chart, Qt.Key.Key_Left)
    assert f"{TODAY.day} {TODAY:%B %Y}: $4.00  ({STRONG} $4.00)" in days.readout.text()
    QTest.keyClick(days.chart, Qt.Key.Key_Left)
    assert f": $0.30  ({FAST} $0.30)" in days.readout.text()
    assert days.chart.accessibleDescription() == days.readout.text()
    QTest.keyClick(days.chart, Qt.Key.Key_Home)
    assert days.readout.text().endswith(": $0.00")


def test_a_day_is_read_out_where_the_pointer_is(qtbot: QtBot, open_page: OpenPage) -> None:
    chart = page(qtbot, open_page(TEAM)).days.chart
    today = chart.getViewBox().mapViewToScene(QPointF(29, 1))

    with qtbot.waitSignal(chart.current_changed) as marked:
        chart.scene().sigMouseMoved.emit(today)
    assert marked.args == [29]


def test_what_is_used_meanwhile_is_shown_soon(qtbot: QtBot, open_page: OpenPage, home: Path) -> None:
    panel = open_page(TEAM)
    calls = page(qtbot, panel).figures.figures["Calls"]
    # Another process writes this, as the command line does while a window is open; the window follows its log.
    asyncio.run(filled(Paths(home).database, [Worked("t9", at=TODAY)]))

    qtbot.waitUntil(lambda: calls.text() == "7", timeout=SECONDS)


@pytest.fixture
def doors() -> Broken:
    return Broken()


def test_what_cannot_be_read_is_told_and_tried_again(qtbot: QtBot, doors: Broken, bridge: Bridge) -> None:
    panel = UsagePanel(bridge, Theme("dark"))
    qtbot.addWidget(panel.widget)
    panel.widget.show()
    qtbot.waitUntil(lambda: panel.view is not None and panel.view.empty.button.isVisible(), timeout=SECONDS)
    assert panel.view is not None
    assert panel.view.empty.title.text() == "Usage could not be read"
    assert panel.view.empty.text.text() == "The disk is full. Free some."

    panel.view.empty.button.click()
    qtbot.waitUntil(lambda: doors.asked == 2, timeout=SECONDS)


def test_budgets_latency_failures_and_prices_are_listed(qtbot: QtBot, open_page: OpenPage) -> None:
    lists = page(qtbot, open_page(TEAM)).lists

    assert lists["Budgets"].texts() == [
        ("Company in total", "! $4.30 of $5.00"),
        ("shop in total", "✕ $4.30 of $4.00"),
    ]
    assert lists["Latency by model"].texts() == [(FAST, "400 ms – 1.0 s"), (STRONG, "4.0 s – 4.0 s")]
    assert lists["Failed calls"].texts() == [(f"{STRONG}: overloaded", "1")]
    assert lists["Price per run"].texts() == [("run r1", "$4.00"), ("run r2", "$0.3000"), ("run r3", "unpriced")]
    assert lists["Price per task and brief"].texts() == [("Task k1", "$0.3000")]


def test_the_models_are_compared_with_counts(qtbot: QtBot, open_page: OpenPage) -> None:
    items = page(qtbot, open_page(TEAM)).items
    cells = [
        [items.data(items.index(row, column)) for column in range(items.columnCount())]
        for row in range(items.rowCount())
    ]

    assert [row[:8] for row in cells] == [
        [STRONG, "2", "1", "66 %", "1 of 1", "$4.00", "250 ms", "4.0 s"],
        [FAST, "4", "0", "100 %", "1 of 2", "$0.3000 + 1 unpriced", "–", "400 ms"],
    ]


def test_the_providers_are_compared_by_failures_and_pace(qtbot: QtBot, open_page: OpenPage) -> None:
    providers = page(qtbot, open_page(TEAM)).providers
    told = {
        providers.headerData(column, Qt.Orientation.Horizontal): [
            providers.data(providers.index(row, column)) for row in range(providers.rowCount())
        ]
        for column in range(providers.columnCount())
    }
    assert {name: told[name] for name in ("Provider", "Tries", "Failed", "Answered", "First token")} == {
        "Provider": ["groq", "anthropic"],
        "Tries": ["4", "3"],
        "Failed": ["0", "1"],
        "Answered": ["100 %", "66 %"],
        "First token": ["–", "250 ms"],
    }
    answered = providers.index(1, list(told).index("Answered"))
    assert "2 of 3 tries were answered, the others failed." in providers.data(answered, Qt.ItemDataRole.ToolTipRole)


def test_a_model_that_only_failed_is_to_be_seen(qtbot: QtBot, open_page: OpenPage, home: Path) -> None:
    panel = open_page(TEAM)
    view = page(qtbot, panel)
    asyncio.run(failed(home, Worked("t7", "openai/down", at=TODAY)))
    panel.refresh()
    qtbot.waitUntil(lambda: view.items.rowCount() == 3, timeout=SECONDS)
    assert [view.items.data(view.items.index(2, column)) for column in range(4)] == ["openai/down", "0", "1", "0 %"]


def test_tasks_and_briefs_are_called_by_their_titles(qtbot: QtBot, open_page: OpenPage, home: Path) -> None:
    panel = open_page(TEAM)
    view = page(qtbot, panel)
    asyncio.run(with_a_brief(home))
    panel.refresh()
    bars = view.lists["Price per task and brief"]
    qtbot.waitUntil(lambda: len(bars.texts()) == 3, timeout=SECONDS)
    assert bars.texts() == [
        ("Brief “Discounts” f1", "$0.1000"),
        ("Task k1", "$0.3000"),
        ("Task “Ten per cent” w1", "$0.1000"),
    ]
    assert ("Task “Ten per cent” w1 in total", "$0.1000 of $1.00") in view.lists["Budgets"].texts()


async def failed(home: Path, turn: Worked) -> None:
    """Saves a try that failed."""
    database = await Database.open(Paths(home).database)
    async with database.transaction() as connection:
        await fail(connection, turn, "overloaded")
    await database.close()


async def with_a_brief(home: Path) -> None:
    """Saves a brief with a task, a call for it, and its budget."""
    database = await Database.open(Paths(home).database)
    brief = Brief(BriefId("f1"), ProjectId("p1"), "Discounts", "", TODAY)
    task = Task(TaskId("w1"), ProjectId("p1"), "Ten per cent", "", TODAY, "developer", brief=brief.id)
    used = UsageRecorded("t8", 1, STRONG, "engineer", 10, 10, cost_nusd=100_000_000, milliseconds=4000)
    async with database.transaction() as connection:
        await briefs.add(connection, brief)
        await tasks.add(connection, task)
        usage.add(connection, ProjectId("p1"), RunId("r8"), used, TODAY, brief=brief.id, task=task.id)
        budget = Budget(Scope(ScopeKind.TASK, task.id), Period.TOTAL, NanoUsd(1_000_000_000))
        await budgets.save(connection, budget)
    await database.close()


def test_too_little_data_is_said_instead_of_advice(qtbot: QtBot, open_page: OpenPage) -> None:
    advice = page(qtbot, open_page(TEAM)).advice

    assert "Too little data to compare models" in advice.text()


def test_another_project_is_read_by_itself(qtbot: QtBot, open_page: OpenPage) -> None:
    view = page(qtbot, open_page(TEAM))
    view.project.setCurrentIndex(view.project.findText("till"))

    qtbot.waitUntil(lambda: view.figures.figures["Calls"].text() == "1", timeout=SECONDS)
    assert view.project.currentText() == "till"
    qtbot.waitUntil(lambda: view.lists["Budgets"].texts() == [("Company in total", "! $4.30 of $5.00")])


def test_a_run_is_opened_from_its_price(qtbot: QtBot, open_page: OpenPage) -> None:
    panel = open_page(TEAM)
    view = page(qtbot, panel)
    dearest = next(each for each in view.lists["Price per run"].findChildren(QPushButton) if each.text() == "run r1")

    with qtbot.waitSignal(panel.run_requested) as asked:
        dearest.click()
    assert asked.args == ["r1"]


def test_nothing_used_is_said(qtbot: QtBot, open_page: OpenPage) -> None:
    panel = open_page(())
    qtbot.waitUntil(lambda: panel.view is not None, timeout=SECONDS)
    view = panel.view
    assert view is not None

    qtbot.waitUntil(lambda: view.empty.title.text() == "Nothing was used in this time", timeout=SECONDS)
    assert view.pages.currentWidget() is view.empty


def test_the_table_is_saved_as_it_stands(qtbot: QtBot, open_page: OpenPage, tmp_path: Path) -> None:
    panel = open_page(TEAM)
    page(qtbot, panel)
    with qtbot.waitSignal(panel.said, timeout=SECONDS) as said:
        panel.save_table(tmp_path / "models.csv")

    rows = list(csv.DictReader((tmp_path / "models.csv").read_text().splitlines()))
    assert [(row["Model"], row["Turns passed"], row["Cost"]) for row in rows] == [
        (STRONG, "1 of 1", "4.0"),
        (FAST, "1 of 2", "0.3"),
    ]
    assert said.args == [f"Saved {tmp_path / 'models.csv'}."]


def test_a_month_is_saved_as_csv_by_day_project_role_and_model(
    qtbot: QtBot, open_page: OpenPage, tmp_path: Path
) -> None:
    panel = open_page([Worked("t1", at=TODAY)])
    page(qtbot, panel)
    with qtbot.waitSignal(panel.said, timeout=SECONDS):
        panel.save_month(tmp_path / "month.csv")

    (row,) = csv.DictReader((tmp_path / "month.csv").read_text().splitlines())
    assert (row["day"], row["project"], row["role"]) == (f"{TODAY:%Y-%m-%d}", "shop", "engineer")


def test_a_month_is_saved_as_pdf(qtbot: QtBot, open_page: OpenPage, tmp_path: Path) -> None:
    panel = open_page(TEAM)
    page(qtbot, panel)
    with qtbot.waitSignal(panel.said, timeout=SECONDS):
        panel.save_month(tmp_path / "month.pdf")

    assert (tmp_path / "month.pdf").read_bytes().startswith(b"%PDF-")


def test_a_file_that_cannot_be_written_is_told(qtbot: QtBot, open_page: OpenPage, tmp_path: Path) -> None:
    panel = open_page(TEAM)
    view = page(qtbot, panel)
    for name in ("month.csv", "month.pdf"):
        view.error.sentence.clear()
        panel.save_month(tmp_path / "missing" / name)
        qtbot.waitUntil(lambda: "cannot be written" in view.error.sentence.text(), timeout=SECONDS)


def test_cards_stand_below_one_another_where_there_is_little_room(qtbot: QtBot, open_page: OpenPage) -> None:
    panel = open_page(TEAM)
    view = page(qtbot, panel)
    assert view.page.columns == 2
    panel.widget.resize(520, 700)

    qtbot.waitUntil(lambda: view.page.columns == 1)
    assert panel.widget.minimumSizeHint().width() <= 520


def test_charts_take_on_another_theme(qtbot: QtBot) -> None:
    worn = Theme("dark")
    chart = DayChart(worn, "By day", lambda value, _apart: str(value))
    qtbot.addWidget(chart)
    worn.set("light")

    assert chart.backgroundBrush().color() == worn.color("surface")


def test_small_amounts_are_told_apart() -> None:
    assert [words.usd(amount) for amount in (0, 0.003, 0.0129, 0.3, 1234.5)] == [
        *("$0.00", "$0.0030", "$0.0129", "$0.30", "$1,234.50")
    ]

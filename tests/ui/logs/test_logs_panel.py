"""The logs as a panel: what services and processes write, as it is written, searched, cleared and saved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from studio.domain.container_logs import LogLine, LogPage, LogSource
from studio.domain.errors import EngineError
from studio.domain.events import Event, Recorded, SandboxStarted, SandboxStopped
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.logs.items import KEPT, WHAT, LogItems
from studio.ui.logs.panel import LogsPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

PROJECT, RUN, OTHER = ProjectId("p1"), RunId("r1"), RunId("r2")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def line(text: str, name: str = "db", source: LogSource = LogSource.SERVICE) -> LogLine:
    return LogLine(source, name, NOON, text)


class SandboxesDoor:
    """The logs of runs as the core keeps them: who asks behind the last line waits for more."""

    def __init__(self) -> None:
        self.containers: dict[RunId, str] = {RUN: "c1"}
        self.lines: dict[str, list[LogLine]] = {"c1": []}
        self.fails = False
        self.started: list[RunId] = []
        self.written = asyncio.Event()

    async def follow_logs(self, run: RunId, mark: int, sandbox: str, wait: float) -> LogPage:
        if self.fails:
            raise EngineError("The engine is gone.", "Start it.")
        container = self.containers.get(run, "")
        if not container:
            return LogPage()
        if container != sandbox:
            mark = 0
        while wait and container == sandbox and len(self.lines[container]) <= mark:
            self.written.clear()
            await self.written.wait()
        kept = self.lines[container]
        return LogPage(tuple(kept[mark:]), 0, len(kept), container)

    async def start(self, run: RunId) -> None:
        self.started.append(run)
        self.containers[run] = "c9"
        self.lines["c9"] = [line("fresh")]

    async def write(self, container: str, *lines: LogLine) -> None:
        self.lines.setdefault(container, []).extend(lines)
        self.written.set()


@dataclass
class Reading:
    """The panel, what is written, and what a person sees."""

    panel: LogsPanel
    door: SandboxesDoor
    bridge: Bridge
    qtbot: QtBot

    def write(self, *lines: LogLine, container: str = "c1") -> None:
        self.bridge.call(lambda studio: self.door.write(container, *lines))

    def wait_for(self, *texts: str) -> None:
        self.qtbot.waitUntil(lambda: self.texts() == list(texts))

    def texts(self) -> list[str]:
        matches = self.panel.view.matches
        return [matches.index(row, WHAT).data() for row in range(matches.rowCount())]

    def says(self, title: str) -> bool:
        return self.panel.view.empty.isVisible() and self.panel.view.empty.title.text() == title

    def tell(self, event: Event, run: RunId = RUN) -> None:
        self.panel.apply([Recorded(1, NOON, PROJECT, run, event)])


@pytest.fixture
def reading(qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors) -> Reading:
    door = cast(Any, doors).sandboxes = SandboxesDoor()
    panel = LogsPanel(bridge, theme)
    QAbstractItemModelTester(panel.items, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(900, 240)
    panel.widget.show()
    panel.show_run(RUN)
    return Reading(panel, door, bridge, qtbot)


def test_lines_appear_as_they_are_written_with_who_wrote_them(reading: Reading) -> None:
    reading.qtbot.waitUntil(lambda: reading.says("Nothing was written yet"))
    reading.write(line("ready"))
    reading.wait_for("ready")
    reading.write(line("GET /", "p1-ab12", LogSource.PROCESS))
    reading.wait_for("ready", "GET /")

    matches = reading.panel.view.matches
    assert [matches.index(row, 1).data() for row in range(2)] == ["db", "p1"]


def test_the_lines_of_one_source_and_of_a_search_are_shown_alone(reading: Reading) -> None:
    reading.write(line("ready"), line("ready to serve", "web"), line("GET /cart", "web"))
    reading.wait_for("ready", "ready to serve", "GET /cart")
    view = reading.panel.view

    view.origin.setCurrentText("web")
    view.origin.activated.emit(view.origin.currentIndex())
    assert reading.texts() == ["ready to serve", "GET /cart"]
    QTest.keyClicks(view.filter, "CART")
    assert reading.texts() == ["GET /cart"]
    QTest.keyClicks(view.filter, "x")
    assert reading.says("No line matches")

    QTest.mouseClick(view.empty.button, Qt.MouseButton.LeftButton)
    assert len(reading.texts()) == 3


def test_what_is_cleared_is_gone_and_what_comes_then_is_shown(reading: Reading) -> None:
    reading.write(line("old"))
    reading.wait_for("old")

    reading.panel.view.clear.click()
    assert reading.texts() == []
    reading.write(line("new"))
    reading.wait_for("new")


def test_what_is_shown_is_saved_with_time_and_source(reading: Reading, tmp_path: Path) -> None:
    reading.write(line("ready"), line("GET /", "web"))
    reading.wait_for("ready", "GET /")
    reading.panel.view.matches.look_for("get")

    with reading.qtbot.waitSignal(reading.panel.said) as said:
        reading.panel.save(tmp_path / "logs.txt", reading.panel.view.matches.lines())

    assert (tmp_path / "logs.txt").read_text("utf-8") == "2026-03-04T12:00:00+00:00 web: GET /\n"
    assert said.args == ["1 lines saved to logs.txt."]


def test_a_file_that_cannot_be_written_is_said_to_be_none(reading: Reading, tmp_path: Path) -> None:
    with reading.qtbot.waitSignal(reading.panel.said) as said:
        reading.panel.save(tmp_path / "missing" / "logs.txt", (line("ready"),))
    assert said.args == ["The logs were not saved: No such file or directory."]


def test_chosen_lines_are_copied(reading: Reading) -> None:
    reading.write(line("one"), line("two"), line("three"))
    reading.wait_for("one", "two", "three")
    table = reading.panel.view.table
    table.setFocus()
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "one\ntwo\nthree"


def test_the_newest_line_stays_in_sight_until_one_scrolls_up(reading: Reading) -> None:
    reading.write(*(line(f"line {number}") for number in range(500)))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 500)
    bar, follow = reading.panel.view.table.verticalScrollBar(), reading.panel.view.follow
    assert bar.value() == bar.maximum() > 0

    bar.setValue(bar.maximum() // 2)
    assert not follow.isChecked()
    reading.write(line("one more"))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 501)
    assert bar.value() < bar.maximum() // 2 + 100

    follow.click()
    assert bar.value() == bar.maximum()


@pytest.mark.parametrize("height", [240, 247, 255])
def test_no_half_row_stands_below_the_header_at_whatever_height(reading: Reading, height: int) -> None:
    reading.panel.widget.resize(900, height)
    reading.write(*(line(f"line {number}") for number in range(100)))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 100)
    table = reading.panel.view.table
    reading.qtbot.waitUntil(lambda: table.rowViewportPosition(99) + table.rowHeight(99) == table.viewport().height())
    assert table.rowViewportPosition(table.rowAt(0)) == 0


def test_the_lines_of_another_run_are_no_longer_shown(reading: Reading) -> None:
    reading.door.containers[OTHER] = "c2"
    reading.door.lines["c2"] = [line("of the other")]
    reading.write(line("of the first"))
    reading.wait_for("of the first")

    reading.panel.show_run(OTHER)
    reading.wait_for("of the other")
    reading.panel.show_run(None)
    assert reading.says("No run is selected")


def test_the_last_words_of_a_sandbox_that_ended_stay_until_another_one_starts(reading: Reading) -> None:
    reading.write(line("out of memory"))
    reading.wait_for("out of memory")

    del reading.door.containers[RUN]
    reading.tell(SandboxStopped("c1", "it ended"))
    reading.qtbot.waitUntil(lambda: reading.panel.view.counts.text() == "The sandbox has ended")
    assert reading.texts() == ["out of memory"]

    reading.door.containers[RUN] = "c2"
    reading.door.lines["c2"] = [line("ready again")]
    reading.tell(SandboxStarted("c2", "image"))
    reading.wait_for("ready again")
    assert reading.panel.view.counts.text() == ""


def test_without_a_sandbox_one_is_started_by_a_click(reading: Reading) -> None:
    reading.panel.show_run(OTHER)
    reading.qtbot.waitUntil(lambda: reading.says("No sandbox is up"))

    QTest.mouseClick(reading.panel.view.empty.button, Qt.MouseButton.LeftButton)

    reading.wait_for("fresh")
    assert reading.door.started == [OTHER]


def test_what_cannot_be_read_says_why_and_is_tried_again(reading: Reading) -> None:
    reading.door.fails = True
    reading.door.containers[OTHER] = "c1"
    reading.door.lines["c1"] = [line("here")]
    reading.panel.show_run(OTHER)
    reading.qtbot.waitUntil(lambda: reading.says("The logs could not be read"))
    assert reading.panel.view.empty.text.text() == "The engine is gone. Start it."

    reading.door.fails = False
    QTest.mouseClick(reading.panel.view.empty.button, Qt.MouseButton.LeftButton)
    reading.wait_for("here")


def test_nothing_is_read_while_the_panel_is_not_seen(reading: Reading) -> None:
    reading.panel.widget.hide()
    reading.panel.show_run(OTHER)
    reading.door.containers[OTHER] = "c2"
    reading.door.lines["c2"] = [line("unseen")]
    reading.tell(SandboxStarted("c2", "image"), OTHER)
    assert not reading.panel._is_reading

    reading.panel.widget.show()
    reading.wait_for("unseen")


def test_the_oldest_lines_give_way_and_markup_is_shown_as_it_is(theme: Theme) -> None:
    items = LogItems(theme)
    items.add(line(f"line {number}") for number in range(KEPT - 1))
    items.add((line("<b>bold</b>"), line("error: gone")))

    assert items.rowCount() == KEPT
    assert items.line(0).text == "line 1"
    bold, error = (items.index(KEPT - 2 + step, WHAT) for step in range(2))
    assert (bold.data(), bold.data(Qt.ItemDataRole.AccessibleTextRole)) == ("<b>bold</b>", None)
    assert error.data(Qt.ItemDataRole.AccessibleTextRole) == "error: error: gone"
    assert "&lt;b&gt;" in str(bold.data(Qt.ItemDataRole.ToolTipRole))


def test_how_grave_a_very_long_line_is_is_told_by_its_beginning(theme: Theme) -> None:
    items = LogItems(theme)

    items.add((line(f"error: {'x' * 900}"), line(f"{'x' * 900} [error]")))

    words = [items.index(row, WHAT).data(Qt.ItemDataRole.AccessibleTextRole) or "" for row in range(2)]
    assert [each.startswith("error: ") for each in words] == [True, False]

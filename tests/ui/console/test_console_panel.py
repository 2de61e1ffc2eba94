"""The console as a panel: what the app wrote, filtered and grouped, with a way to its source and to the agent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from studio.app.consoles import ConsoleNews
from studio.domain.console import (
    BESIDE_KEPT,
    ENTRIES_KEPT,
    ConsoleEntry,
    ConsoleKind,
    ConsoleLevel,
    ConsoleSource,
    StackFrame,
)
from studio.domain.events import CONSOLE, Delta
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.console import Console
from studio.ui.bridge import Bridge
from studio.ui.console.items import COLUMNS, SOURCE, WHAT, time_of
from studio.ui.console.panel import ConsolePanel
from studio.ui.console.sources import Choice
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

PROJECT, RUN = ProjectId("p1"), RunId("r1")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
THROWN = ConsoleEntry(
    ConsoleLevel.ERROR,
    "Uncaught TypeError: no total\nand more",
    "src/cart.js:3:9",
    ConsoleKind.ERROR,
    stack=(StackFrame("total", "/src/cart.js", 3, 9, "src/cart.js"), StackFrame("", "/lib.js", 1, 2)),
    path="src/cart.js",
    line=3,
    time=NOON,
    page="/cart",
)
HELLO = ConsoleEntry(ConsoleLevel.INFO, "hello", "/app.js:1:1", method="log", time=NOON)
LISTENS = ConsoleEntry(ConsoleLevel.INFO, "listens on 3000", kind=ConsoleKind.LOG, method="p1-ab12", time=NOON)
ASKED = ConsoleEntry(ConsoleLevel.ERROR, "no relation carts", kind=ConsoleKind.SERVICE, method="db", time=NOON)
LOADED = ConsoleEntry(ConsoleLevel.INFO, "Loaded /cart", kind=ConsoleKind.LOAD, time=NOON)
SLOW = ConsoleEntry(ConsoleLevel.WARNING, "GET /api was answered with 404", kind=ConsoleKind.NETWORK, time=NOON)


class ConsolesDoor:
    """A console as the core keeps it, of one container after the other."""

    def __init__(self) -> None:
        self.sandbox = "c1"
        self.console = Console()

    async def since(self, run: RunId, mark: int = 0) -> ConsoleNews:
        heard, counted = self.console.since(mark), self.console.statistics()
        return ConsoleNews(
            *(heard.entries, heard.lost, heard.mark, counted.levels, counted.dropped, self.sandbox, counted.standing)
        )

    async def clear(self, run: RunId) -> None:
        self.console.clear()


class QueueDoor:
    """Keeps what an agent is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[RunId, str]] = []

    async def add(self, run: RunId, text: str) -> None:
        self.asked.append((run, text))


@dataclass
class Reading:
    """The panel, and what an app and a person do."""

    panel: ConsolePanel
    door: ConsolesDoor
    queue: QueueDoor
    qtbot: QtBot
    bridge: Bridge

    def write(self, *entries: ConsoleEntry) -> None:
        """Has the core hear these, on its own thread, which alone may: the panel may be reading there."""

        async def heard(_studio: object) -> None:
            self.door.console.report(entries)

        self.bridge.call(heard, lambda _done: self.panel.apply([Delta(PROJECT, RUN, CONSOLE, "")]))

    def wait_for(self, *texts: str) -> None:
        self.qtbot.waitUntil(lambda: self.texts() == list(texts), timeout=20_000)

    def texts(self) -> list[str]:
        matches = self.panel.view.matches
        return [matches.index(row, WHAT).data() for row in range(matches.rowCount())]

    def choose(self, row: int) -> None:
        self.panel.view.table.selectRow(row)


@pytest.fixture
def reading(qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors) -> Reading:
    door = cast(Any, doors).consoles = ConsolesDoor()
    queue = QueueDoor()
    cast(Any, doors).queue = queue
    panel = ConsolePanel(bridge, theme)
    QAbstractItemModelTester(panel.items, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(1000, 240)
    panel.widget.show()
    panel.show_run(RUN)
    return Reading(panel, door, queue, qtbot, bridge)


def test_what_the_page_and_the_processes_write_is_one_list(reading: Reading) -> None:
    reading.write(HELLO, LISTENS)
    reading.wait_for("hello", "listens on 3000")
    reading.write(THROWN)
    reading.wait_for("hello", "listens on 3000", "Uncaught TypeError: no total …")

    assert reading.panel.view.counts.text() == "1 error · 3 in all"


def test_what_is_heard_late_stands_where_it_was_written(reading: Reading) -> None:
    second = timedelta(seconds=1)
    reading.write(replace(LISTENS, time=NOON), replace(LISTENS, text="asked for /", time=NOON + 2 * second))
    reading.wait_for("listens on 3000", "asked for /")

    reading.write(replace(HELLO, time=NOON + second), replace(HELLO, text="later", time=NOON + 3 * second))

    reading.wait_for("listens on 3000", "hello", "asked for /", "later")


def test_an_entry_older_than_all_that_are_kept_may_come_again(reading: Reading) -> None:
    lines = [replace(LISTENS, text=f"line {number}", number=number + 1) for number in range(ENTRIES_KEPT)]
    late = replace(HELLO, number=ENTRIES_KEPT + 1, time=NOON - timedelta(seconds=1))
    reading.panel.items.add(lines)
    reading.panel.items.add([late])
    reading.panel.items.add([replace(late, count=2), replace(LISTENS, text="newest", number=ENTRIES_KEPT + 2)])

    assert (len(reading.texts()), reading.texts()[-1]) == (ENTRIES_KEPT, "newest")


def test_an_entry_that_comes_again_stays_one_row_with_a_count(reading: Reading) -> None:
    reading.write(HELLO)
    reading.wait_for("hello")
    reading.write(HELLO, HELLO)

    matches = reading.panel.view.matches
    reading.qtbot.waitUntil(lambda: matches.index(0, 4).data() == "3")
    assert reading.texts() == ["hello"]


def test_equal_entries_that_do_not_follow_each_other_can_be_grouped(reading: Reading) -> None:
    reading.write(HELLO, SLOW, HELLO, SLOW, HELLO)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 5)

    QTest.mouseClick(reading.panel.view.group, Qt.MouseButton.LeftButton)

    assert reading.texts() == ["GET /api was answered with 404", "hello"]
    assert [reading.panel.view.matches.index(row, 4).data() for row in range(2)] == ["2", "3"]


@pytest.mark.parametrize(
    ("act", "texts"),
    [
        (
            lambda view: view.matches.show_level(ConsoleLevel.WARNING),
            ["GET /api was answered with 404", "Uncaught TypeError: no total …"],
        ),
        (lambda view: view.matches.show_source(Choice(ConsoleSource.PROCESSES)), ["listens on 3000"]),
        (lambda view: view.matches.show_source(Choice(ConsoleSource.REQUESTS)), ["GET /api was answered with 404"]),
        (lambda view: view.filter.setText("CART.JS"), ["Uncaught TypeError: no total …"]),
        (lambda view: view.filter.setText("nothing like it"), []),
    ],
)
def test_the_list_is_narrowed_by_level_source_and_words(reading: Reading, act: Any, texts: list[str]) -> None:
    reading.write(HELLO, LISTENS, SLOW, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 4)

    act(reading.panel.view)

    assert reading.texts() == texts


def test_a_source_of_the_workspace_opens_and_another_does_not(reading: Reading) -> None:
    reading.write(HELLO, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 2)
    opened: list[tuple[str, str, int]] = []
    reading.panel.source_requested.connect(lambda run, path, line: opened.append((run, path, line)))
    view = reading.panel.view

    for row in (0, 1):
        view.table.clicked.emit(view.matches.index(row, SOURCE))
    reading.choose(1)
    for row in (0, 1):
        view.details.stack.itemClicked.emit(view.details.stack.item(row))

    assert opened == [(RUN, "src/cart.js", 3)] * 2


def test_the_chosen_entry_is_whole_and_scrolls_as_one_in_a_small_window(reading: Reading) -> None:
    reading.panel.widget.resize(640, 200)
    text = "\n".join(f"line {number} of what it says" for number in range(12))
    reading.write(replace(THROWN, text=text))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 1)
    reading.choose(0)
    details = reading.panel.view.details
    reading.qtbot.waitUntil(lambda: details.area.verticalScrollBar().maximum() > 0)

    for part in (details.text, details.stack):
        assert part.verticalScrollBar().maximum() == 0
    assert details.about.text() == f"page · {time_of(THROWN)} · on /cart"
    whole = details.text.height() + details.stack.height()
    assert details.area.verticalScrollBar().maximum() + details.area.viewport().height() >= whole


def test_an_error_is_given_to_the_agent_to_fix_in_words_that_are_told_apart(reading: Reading) -> None:
    reading.write(HELLO, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 2)
    reading.choose(0)
    assert not reading.panel.view.fix.isEnabled()
    reading.choose(1)

    with reading.qtbot.waitSignal(reading.panel.asked):
        reading.panel.view.fix.click()

    [(run, text)] = reading.queue.asked
    assert run == RUN
    assert text.startswith("Fix this error of the app. It points to src/cart.js, line 3.")
    assert "\n> error: Uncaught TypeError: no total\n> and more (src/cart.js:3:9)" in text


def test_an_entry_is_put_into_the_message_that_is_being_written(reading: Reading) -> None:
    reading.write(SLOW)
    reading.wait_for("GET /api was answered with 404")
    reading.choose(0)

    with reading.qtbot.waitSignal(reading.panel.words_offered) as offered:
        reading.panel.view.send.click()

    assert offered.args == [
        RUN,
        "The app wrote this to its console:\n> warning [network]: GET /api was answered with 404\n",
    ]


def test_a_process_or_a_service_can_be_chosen_by_its_name(reading: Reading) -> None:
    cache = replace(ASKED, method="cache", text="out of memory")
    reading.write(HELLO, LISTENS, ASKED, cache)
    reading.wait_for("hello", "listens on 3000", "no relation carts", "out of memory")
    source = reading.panel.view.source

    for name, texts in {
        "Service db": ["no relation carts"],
        "Services": ["no relation carts", "out of memory"],
        "Process p1": ["listens on 3000"],
        "Page": ["hello"],
    }.items():
        source.setCurrentText(name)
        source.activated.emit(source.currentIndex())
        assert reading.texts() == texts

    reading.panel.show_run(RunId("r2"))
    assert source.findText("Service db") == -1
    assert source.currentText() == "App"


def test_the_app_of_the_preview_is_called_so_and_not_by_its_number(reading: Reading) -> None:
    reading.write(replace(LISTENS, title="app"))
    reading.wait_for("listens on 3000")

    assert reading.panel.items.index(0, COLUMNS.index("From")).data() == "app"
    assert reading.panel.view.source.findText("Process app") != -1


def test_a_service_that_writes_plain_lines_is_shown_when_it_is_asked_for(reading: Reading) -> None:
    plain = replace(ASKED, level=ConsoleLevel.INFO, text="checkpoint complete")
    reading.write(HELLO, plain, ASKED)
    reading.wait_for("hello", "no relation carts")
    source = reading.panel.view.source

    source.setCurrentText("All sources")
    source.activated.emit(source.currentIndex())

    assert reading.texts() == ["hello", "checkpoint complete", "no relation carts"]


def test_what_was_said_before_the_page_was_loaded_again_is_faint_and_counts_no_more(reading: Reading) -> None:
    counts: list[int] = []
    reading.panel.errors_changed.connect(counts.append)
    reading.write(LOADED, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 2)
    items, words = reading.panel.items, Qt.ItemDataRole.AccessibleTextRole
    assert (counts[-1], items.index(1, WHAT).data(words)) == (1, "error: Uncaught TypeError: no total …")

    later = NOON + timedelta(seconds=1)
    reading.write(replace(LOADED, time=later), replace(HELLO, time=later))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 4)

    faint = [items.is_earlier(row) for row in range(4)]
    assert (counts[-1], faint) == (0, [True, True, False, False])
    assert items.index(1, WHAT).data(words) == "earlier error: Uncaught TypeError: no total …"
    assert reading.panel.view.counts.text() == "1 error, none since it was loaded · 4 in all"


def test_what_one_page_said_is_not_faint_because_another_one_was_loaded(reading: Reading) -> None:
    ours, theirs = "preview", "browser at 80/"
    reading.write(*(replace(one, view=ours) for one in (LOADED, THROWN)), LISTENS, replace(LOADED, view=theirs))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 4, timeout=20_000)

    assert [reading.panel.items.is_earlier(row) for row in range(4)] == [False, False, True, False]


def test_new_code_that_a_dev_server_puts_into_the_page_begins_it_anew(reading: Reading) -> None:
    reading.write(LOADED, THROWN, replace(HELLO, text="[vite] hot updated: /src/App.jsx", method="debug"))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 3)

    assert [reading.panel.items.is_earlier(row) for row in range(3)] == [True, True, False]


def test_a_service_that_writes_all_the_time_pushes_nothing_of_the_app_out(reading: Reading) -> None:
    reading.write(HELLO)
    reading.wait_for("hello")
    reading.write(*(replace(ASKED, text=f"line {number}") for number in range(3 * ENTRIES_KEPT)))

    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 1 + BESIDE_KEPT, timeout=20_000)
    assert (reading.texts()[0], reading.texts()[-1]) == ("hello", f"line {3 * ENTRIES_KEPT - 1}")


def test_while_a_service_writes_the_chosen_entry_is_not_laid_out_anew_and_rows_go_together(reading: Reading) -> None:
    reading.write(THROWN, *(replace(ASKED, text=f"line {number}") for number in range(BESIDE_KEPT - 1)))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == BESIDE_KEPT)
    reading.panel.view.table.selectRow(0)
    laid_out: list[bool] = []
    gone: list[int] = []
    reading.panel.view.details.text.textChanged.connect(lambda: laid_out.append(True))
    reading.panel.items.rowsRemoved.connect(lambda _parent, first, last: gone.append(last - first + 1))

    reading.write(*(replace(ASKED, text=f"later {number}") for number in range(100)))

    reading.qtbot.waitUntil(lambda: "later 99" in reading.texts())
    assert (laid_out, gone) == ([], [99])
    assert reading.panel.view.details.text.toPlainText() == THROWN.text


def test_where_there_is_little_room_it_is_still_seen_which_service_wrote(reading: Reading) -> None:
    reading.write(ASKED)
    reading.wait_for("no relation carts")
    table = reading.panel.view.table
    header = table.horizontalHeader()

    table.resize(460, 200)
    reading.qtbot.waitUntil(lambda: header.isSectionHidden(SOURCE))

    assert [name for at, name in enumerate(COLUMNS) if not header.isSectionHidden(at)] == ["Time", "From", "What"]

    table.resize(320, 200)
    reading.qtbot.waitUntil(lambda: header.isSectionHidden(COLUMNS.index("Time")))

    assert not header.isSectionHidden(COLUMNS.index("From"))


def test_after_very_many_processes_the_last_ones_can_be_chosen(reading: Reading) -> None:
    reading.write(*(replace(LISTENS, text=f"run {number}", method=f"p{number}-ab12") for number in range(1, 31)))
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 30)

    source = reading.panel.view.source
    assert source.findText("Process p30") != -1
    assert source.findText("Process p1") == -1


def test_a_cleared_console_begins_with_what_comes_next(reading: Reading) -> None:
    reading.write(HELLO, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 2)

    QTest.mouseClick(reading.panel.view.clear, Qt.MouseButton.LeftButton)
    reading.write(LISTENS)

    reading.wait_for("listens on 3000")
    assert reading.panel.view.counts.text() == "1 in all"


def test_another_container_begins_a_console_of_its_own(reading: Reading) -> None:
    reading.write(HELLO, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 2)

    reading.door.sandbox, reading.door.console = "c2", Console()
    reading.write(LISTENS)

    reading.wait_for("listens on 3000")


def test_what_is_shown_is_saved_to_a_file(reading: Reading, tmp_path: Path) -> None:
    reading.write(HELLO, THROWN)
    reading.qtbot.waitUntil(lambda: len(reading.texts()) == 2)

    with reading.qtbot.waitSignal(reading.panel.said) as said:
        reading.panel.save(tmp_path / "console.txt", reading.panel.view.matches.entries())

    assert said.args == ["2 entries saved to console.txt."]
    assert (tmp_path / "console.txt").read_text().startswith("2026-03-04T12:00:00+00:00 info: hello (/app.js:1:1)\n")


def test_hidden_characters_of_a_page_are_written_out(reading: Reading) -> None:
    reading.write(ConsoleEntry(ConsoleLevel.INFO, "<b>pay</b>\u202e1", time=NOON))
    reading.wait_for("<b>pay</b>\N{REPLACEMENT CHARACTER}1")

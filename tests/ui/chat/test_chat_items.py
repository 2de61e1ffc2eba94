"""The rows of a chat as Qt sees them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.domain.events import (
    Delta,
    MessagePosted,
    RunStarted,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.entries import CallMade, CallState
from studio.ui.chat.items import PAGE, ChatItems, plain_text
from studio.ui.chat.transcript import Transcript
from tests.ui.chat.conftest import Log

PROJECT, RUN = ProjectId("p0000001"), RunId("r0000001")


def _turn(number: int) -> list[MessagePosted | TurnStarted | StepStarted | ToolCalled | ToolAnswered | TurnEnded]:
    turn, call = f"t{number}", f"c{number}"
    return [
        MessagePosted(Speaker.HUMAN, f"Do {number}", turn),
        TurnStarted(turn),
        StepStarted(turn, 1, "ollama/qwen"),
        MessagePosted(Speaker.AGENT, f"Did {number}", turn, 1),
        ToolCalled(turn, 1, call, "read", {"path": "a.py"}),
        ToolAnswered(call, "read", True, "text", "1 lines"),
        TurnEnded(turn, Outcome.REPLIED, 1, "b"),
    ]


def _page() -> list[MessagePosted | TurnStarted | StepStarted | ToolCalled | ToolAnswered | TurnEnded]:
    """Enough turns to fill more than a page."""
    return [event for number in range(1, PAGE // 3) for event in _turn(number)]


def test_a_whole_story_keeps_the_rules_of_item_models(qtbot: QtBot, log: Log) -> None:
    items = ChatItems()
    QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.load(log(RunStarted("Do", "engineer", "ollama/qwen", "main", "a", "b", "ask"), *_turn(1)))
    for event in _turn(2):
        if isinstance(event, MessagePosted) and event.speaker is Speaker.AGENT:
            items.apply(Delta(PROJECT, RUN, "thinking", "hm"))
            items.apply(Delta(PROJECT, RUN, "text", "Did"))
        items.apply(log(event)[0])
    texts = [items.data(items.index(row), Qt.ItemDataRole.DisplayRole) for row in range(items.rowCount())]
    assert texts[4:7] == ["Do 2", "Did 2", "Read a.py\n1 lines\ntext"]
    assert items.rowCount(QModelIndex()) == 8


def test_an_event_that_comes_twice_is_shown_once(log: Log) -> None:
    items = ChatItems()
    events = log(*_turn(1))
    items.load(events)
    rows = items.rowCount()
    for event in events:
        items.apply(event)
    assert items.rowCount() == rows


def test_a_long_chat_begins_with_its_newest_page_and_gives_older_ones_when_asked(log: Log) -> None:
    items = ChatItems()
    QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.load(log(*(event for number in range(200) for event in _turn(number))))
    assert PAGE <= items.rowCount() < PAGE + 4
    assert items.has_earlier

    items.show_earlier()
    items.show_earlier()

    assert (items.rowCount(), items.has_earlier) == (800, False)
    assert items.data(items.index(0)) == "Do 0"


def test_parts_told_one_after_the_other_make_the_same_rows_as_the_whole_log(log: Log) -> None:
    steps = [
        event
        for number in range(2, 400)
        for event in (
            StepStarted("t1", number, "ollama/qwen"),
            MessagePosted(Speaker.AGENT, f"Step {number}", "t1", number),
            ToolCalled("t1", number, f"s{number}", "edit", {"path": f"{number}.py"}),
            SnapshotTaken("t1", number, "c", "p", (f"{number}.py",)),
            ToolAnswered(f"s{number}", "edit", True, "Changed.", "+1 −1"),
        )
    ]
    events = log(RunStarted("Do", "tester", "ollama/qwen", "main", "a", "b", "ask"), *_turn(0), *_turn(1)[:2])
    events += log(*steps, TurnEnded("t1", Outcome.REPLIED, 400, "b"))
    items = ChatItems()
    items.load(events)
    footer = items.entry(items.rowCount() - 1)
    items.show_all()

    whole = Transcript()
    for recorded in events:
        whole.apply(recorded)
    rows = [items.data(items.index(row)) for row in range(items.rowCount())]
    assert rows == [plain_text(entry) for entry in whole.entries]
    assert footer == whole.entries[-1]


def test_an_answer_that_came_long_after_its_call_is_found_by_the_older_part(log: Log) -> None:
    items = ChatItems()
    asked = [*_turn(0)[:5], TurnEnded("t0", Outcome.WAITING, 1, "b")]
    items.load(log(*asked, MessagePosted(Speaker.HUMAN, "No", "t1"), TurnStarted("t1"), _turn(0)[5], *_page()))
    items.show_all()
    [card] = [entry for row in range(items.rowCount()) if (entry := items.entry(row)).key == "c0"]
    assert isinstance(card, CallMade)
    assert card.state is CallState.DONE


def test_a_log_that_is_not_whole_asks_for_the_rest_when_one_wants_older_rows(log: Log, qtbot: QtBot) -> None:
    items = ChatItems()
    whole = log(RunStarted("Do", "engineer", "ollama/qwen", "main", "a", "b", "ask"), *_turn(0), *_turn(1), *_turn(2))
    items.load((whole[0], *whole[15:]), is_whole=False)
    assert (items.rowCount(), items.has_earlier) == (4, True)

    with qtbot.waitSignal(items.earlier_wanted):
        items.show_earlier()
    items.complete(whole)
    items.show_earlier()

    assert [items.data(items.index(row)) for row in (0, 4, 8)] == ["Do 0", "Do 1", "Do 2"]
    assert (items.rowCount(), items.has_earlier) == (12, False)


def test_text_that_streams_survives_the_arrival_of_the_older_log(log: Log) -> None:
    items = ChatItems()
    older = log(TurnStarted("t"), StepStarted("t", 1, "ollama/qwen"))
    items.apply(older[1])
    items.apply(Delta(PROJECT, RUN, "text", "Already here"))
    items.load(older)
    assert items.streaming_text == "Already here"


def test_a_card_folds_and_unfolds(log: Log, qtbot: QtBot) -> None:
    items = ChatItems()
    items.load(log(*_turn(1)))
    with qtbot.waitSignal(items.dataChanged):
        items.toggle(2)
    assert items.is_opened(2)
    items.toggle(2)
    assert not items.is_opened(2)

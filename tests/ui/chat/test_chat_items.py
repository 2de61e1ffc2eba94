"""The rows of a chat as Qt sees them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.domain.events import (
    Delta,
    MessagePosted,
    RunStarted,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.items import PAGE, ChatItems
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
    assert items.rowCount() == PAGE
    assert items.hidden == 800 - PAGE

    items.show_earlier()
    items.show_earlier()

    assert (items.rowCount(), items.hidden) == (800, 0)
    assert items.data(items.index(0)) == "Do 0"


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

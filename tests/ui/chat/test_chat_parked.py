"""A chat whose run is parked: it says until when, and lets the person try now, also with another model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.app.chats import Sent
from studio.domain.clock import to_text
from studio.domain.errors import UserError
from studio.domain.events import Event, MessagePosted, ModelFailed, Recorded, RunStarted, TurnEnded, TurnStarted
from studio.domain.ids import RunId, TurnId
from studio.domain.messages import Speaker
from studio.domain.parked import CONTAINER_ENGINE
from studio.domain.runs import Outcome, RunState
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.entries import Note
from studio.ui.chat.offers import Offers
from studio.ui.chat.runs import RunRow, after
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import PROJECT, RUN, Log

START = RunStarted("Fix totals", "engineer", "openai/gpt-5", "main", "a", "studio/r", "ask")
OFFERS = Offers(("openai/gpt-5", "ollama/qwen3", "anthropic/claude"), "openai/gpt-5")
UNTIL = datetime.now(UTC) + timedelta(hours=2)
WHY = "OpenAI asks to be left alone for two hours."
PARKED = TurnEnded("t1", Outcome.PARKED, 0, "studio/r", reason=WHY, parked_until=to_text(UNTIL), fault="rate_limited")


class SavedChats:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Recorded, ...]:
        return tuple(self._log.all)


class Parkings:
    """A door that lets runs go on, or refuses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.refuses = False

    async def resume(self, run: str, model: str | None = None) -> Sent:
        self.asked.append((run, model))
        if self.refuses:
            raise UserError(f"Run {run} is not parked.", "Say what is to be done.")
        return Sent(RunId(run), TurnId("t2"), 0)


@pytest.fixture
def parkings(doors: QuietDoors) -> Parkings:
    doors.parkings = made = Parkings()
    return made


@pytest.fixture
def row() -> RunRow:
    began = RunRow(RUN, "Fix totals", "engineer", "openai/gpt-5", ApprovalMode.ASK, RunState.WORKING)
    return after(began, PARKED)


@pytest.fixture
def chat(
    qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors, log: Log, parkings: Parkings, row: RunRow
) -> Chat:
    events: tuple[Event, ...] = (
        MessagePosted(Speaker.HUMAN, "Fix the totals.", "t1"),
        TurnStarted("t1"),
        ModelFailed("t1", 1, "openai/gpt-5", "rate_limited", WHY),
        PARKED,
    )
    log(START, *events)
    doors.chats = SavedChats(log)  # type: ignore[attr-defined]
    parent = QWidget()
    qtbot.addWidget(parent)
    made = Chat(bridge, theme, Drafts(parent), PROJECT, RUN, parent)
    page = made.page()
    qtbot.addWidget(page)
    page.resize(520, 620)
    page.show()
    qtbot.waitUntil(lambda: made.items.rowCount() > 0)
    made.follow(row, OFFERS)
    return made


def test_the_chat_says_until_when_and_why(chat: Chat) -> None:
    assert f"{UNTIL.astimezone():%H:%M}" in chat.page().parked.says.text()
    notes = [entry.text for row in range(chat.items.rowCount()) if isinstance(entry := chat.items.entry(row), Note)]
    assert f"Parked until {UNTIL.astimezone():%H:%M}" in notes[-1].replace(f"{UNTIL.astimezone():%Y-%m-%d} ", "")
    assert WHY in notes[-1]


def test_try_now_lets_the_run_go_on_with_its_own_model(chat: Chat, parkings: Parkings, qtbot: QtBot) -> None:
    chat.page().parked.now.click()
    qtbot.waitUntil(lambda: parkings.asked == [(RUN, None)])


def test_the_other_models_on_offer_can_go_on_with_it(chat: Chat, parkings: Parkings, qtbot: QtBot) -> None:
    names = [action.text() for action in chat.page().parked.other.menu().actions()]
    assert names == ["ollama/qwen3", "anthropic/claude"]
    chat.page().parked.other.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: parkings.asked == [(RUN, "anthropic/claude")])
    qtbot.waitUntil(lambda: chat.page().composer.model == "anthropic/claude")


def test_a_try_that_comes_too_late_is_told(chat: Chat, parkings: Parkings, qtbot: QtBot) -> None:
    parkings.refuses = True
    chat.page().parked.now.click()
    qtbot.waitUntil(lambda: chat.page().error.isVisible())
    assert chat.page().parked.now.isEnabled()


def test_the_card_goes_away_when_the_run_goes_on(chat: Chat, row: RunRow) -> None:
    assert chat.page().parked.isVisible()
    chat.follow(after(row, TurnStarted("t2")), OFFERS)
    assert not chat.page().parked.isVisible()


def test_a_parked_agent_can_be_stopped(chat: Chat) -> None:
    assert chat.page().composer.stop.isVisible()


def test_a_row_of_a_saved_run_knows_its_time(row: RunRow) -> None:
    assert (row.state, row.until) == (RunState.PARKED, UNTIL)
    assert after(replace(row), TurnStarted("t2")).state is RunState.WORKING


def test_a_run_that_waits_for_the_container_engine_says_so_and_offers_no_other_model(chat: Chat, row: RunRow) -> None:
    ended = replace(PARKED, reason="No container engine answers.", fault=CONTAINER_ENGINE)
    chat.follow(after(row, ended), OFFERS)

    assert "until the container engine is back" in chat.page().parked.says.text()
    assert chat.page().parked.now.isVisible()
    assert not chat.page().parked.other.isVisible()

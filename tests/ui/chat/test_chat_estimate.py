"""What a new chat will cost stands above its message, for the role and the model that are chosen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.app.estimates import Foreseen
from studio.domain.budgets import Balance, Budget, Period, Scope, ScopeKind
from studio.domain.estimates import Estimate, Figures
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd
from studio.domain.roles import Limits, Role, RoleList
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.estimating import explained, in_words
from studio.ui.chat.offers import Offers
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import PROJECT

DEAR, CHEAP = "anthropic/dear", "groq/cheap"
DOLLAR = 1_000_000_000
FEW = Estimate(2)
CHEAPLY = Estimate(9, Figures(4, 20.0, NanoUsd(DOLLAR // 100)), Figures(9, 61.0, NanoUsd(DOLLAR // 20)))
DEARLY = Estimate(9, Figures(4, None, NanoUsd(DOLLAR)), Figures(9, None, NanoUsd(3 * DOLLAR)), by_price=True)
TIGHT = Balance(Budget(Scope(ScopeKind.COMPANY), Period.DAY, NanoUsd(5 * DOLLAR)), NanoUsd(4 * DOLLAR))


class Estimates:
    """Knows what engineers took."""

    async def of(self, _project: object, role: str, model: str = "") -> Foreseen:
        known = {("engineer", DEAR): DEARLY, ("engineer", CHEAP): CHEAPLY}
        return Foreseen(ModelRef.parse(model), known.get((role, model), FEW))


async def _runs(_project: object) -> tuple[Any, ...]:
    return ()


async def _roles(_project: object = None) -> RoleList:
    engineer = Role("engineer", "Engineer", "Changes code.", "", ("read",), Limits())
    tester = Role("tester", "Tester", "Tries it.", "", ("read",), Limits())
    return RoleList((engineer, tester))


async def _choices() -> tuple[Any, ...]:
    return tuple(SimpleNamespace(ref=ModelRef.parse(name)) for name in (DEAR, CHEAP))


@pytest.fixture
def chat(qtbot: QtBot, doors: QuietDoors, bridge: Bridge, theme: Theme) -> Chat:
    """The new chat of a project."""
    doors.estimates = Estimates()
    doors.roles = SimpleNamespace(list=_roles)
    doors.chats = SimpleNamespace(runs=_runs)  # type: ignore[attr-defined]
    doors.models = SimpleNamespace(  # type: ignore[attr-defined]
        default=lambda: DEAR,
        default_approval=lambda: ApprovalMode.ASK,
        require_usable=lambda _model: None,
        choices=_choices,
    )
    panel = ChatPanel(bridge, theme, None)
    qtbot.addWidget(panel.widget)
    panel.set_project(PROJECT)
    panel.widget.show()
    found = panel.current_chat
    assert found is not None
    found.panel = panel  # type: ignore[attr-defined]  # keeps the panel
    qtbot.waitUntil(lambda: line(found) == "Mostly up to $1.00, seldom over $3.00")
    return found


def line(chat: Chat) -> str:
    """What is said, empty while nothing is."""
    shown: QWidget = chat.page().estimate
    return chat.page().estimate.text() if shown.isVisibleTo(chat.page()) else ""


def test_another_model_is_told_of_as_soon_as_it_is_chosen(qtbot: QtBot, chat: Chat) -> None:
    chat.page().composer.set_offers(Offers((DEAR, CHEAP), DEAR))
    [cheap] = [each for each in chat.page().composer.models.menu().actions() if each.text() == CHEAP]
    cheap.trigger()
    qtbot.waitUntil(lambda: line(chat) == "Mostly up to $0.0100, seldom over $0.0500")


def test_nothing_is_said_where_too_few_runs_tell_of_it(qtbot: QtBot, chat: Chat) -> None:
    chat.page().composer.choose_role("tester")
    qtbot.waitUntil(lambda: line(chat) == "")


@pytest.mark.parametrize(
    ("foreseen", "words", "whole"),
    [
        (
            Foreseen(ModelRef.parse(DEAR), DEARLY, TIGHT),
            "Mostly up to $1.00, seldom over $3.00 · only $1.00 left",
            "Of 9 chats with the role engineer in this project, at what their tokens cost with dear: half took up to"
            " $1.00, 4 steps, nine of ten up to $3.00, 9 steps. What is left: $1.00 of the budget of $5.00 per day for"
            " the company.",
        ),
        (
            Foreseen(ModelRef.parse(CHEAP), CHEAPLY, TIGHT),
            "Mostly up to $0.0100, seldom over $0.0500",
            "Of 9 chats with the role engineer in this project and cheap: half took up to $0.0100, 4 steps, 20 s of the"
            " model's time, nine of ten up to $0.0500, 9 steps, 61 s of the model's time.",
        ),
        (
            Foreseen(ModelRef.parse("ollama/a"), Estimate(5, Figures(1, 2.0, FREE), Figures(3, 4.0, FREE))),
            "Mostly up to 1 step, seldom over 3 steps; free",
            "Of 5 chats with the role engineer in this project and a: half took up to $0.00, 1 step, 2 s of the model's"
            " time, nine of ten up to $0.00, 3 steps, 4 s of the model's time.",
        ),
        (Foreseen(ModelRef.parse(DEAR), FEW), "", ""),
    ],
    ids=["dear", "cheap", "free", "few"],
)
def test_the_words_say_what_is_known(foreseen: Foreseen, words: str, whole: str) -> None:
    assert (in_words(foreseen), explained(foreseen, "engineer")) == (words, whole)

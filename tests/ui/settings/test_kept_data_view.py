"""What new runs begin with, on the page of sandboxes: data that services keep, and files that need a yes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.ids import DataId, ProjectId, RunId
from studio.domain.sandboxes import SandboxState, SandboxView
from studio.domain.service_data import ServiceData
from studio.ui.sandboxes.view import SandboxesView
from studio.ui.theme import Theme
from studio.ui.widgets.act_text import ActText

SHOP, RUN = ProjectId("p1"), RunId("r1")
KEPT = ServiceData(DataId("d1"), SHOP, RUN, ("data",), 48 << 20, datetime(2026, 11, 27, 20, 0, tzinfo=UTC))


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> SandboxesView:
    view = SandboxesView(theme)
    qtbot.addWidget(view)
    view.show()
    return view


def asked_of(view: SandboxesView) -> tuple[ActText, QPushButton | None]:
    card = view.includes.lines[SHOP]
    text, agree = card.findChild(ActText), card.findChild(QPushButton)
    assert isinstance(text, ActText)
    return text, agree if isinstance(agree, QPushButton) else None


def test_only_a_run_whose_services_keep_something_offers_it(view: SandboxesView, qtbot: QtBot) -> None:
    up = SandboxView(RUN, SHOP, SandboxState.RUNNING)
    view.show_sandboxes((up,), {RUN: "shop · Look"}, "")
    assert not view.rows[RUN].keep.isVisible()

    view.show_sandboxes((SandboxView(RUN, SHOP, SandboxState.RUNNING, keeps=("data",)),), {RUN: "shop · Look"}, "")
    with qtbot.waitSignal(view.keep_requested) as asked:
        QTest.mouseClick(view.rows[RUN].keep, Qt.MouseButton.LeftButton)

    assert asked.args == [RUN]


def test_what_is_kept_is_said_and_asked_to_be_forgotten_by_a_click(view: SandboxesView, qtbot: QtBot) -> None:
    view.kept.show_kept(((KEPT, "shop", "Have <b>a</b> look"),))

    line = view.kept.lines[SHOP]
    text = line.findChild(QLabel, "small")
    assert isinstance(text, QLabel)
    assert text.text().startswith(
        "Services of new runs of shop begin with a copy of what those of “Have <b>a</b> look”"
    )
    forget = line.findChild(QPushButton)
    assert isinstance(forget, QPushButton)
    with qtbot.waitSignal(view.kept.forget_requested) as asked:
        QTest.mouseClick(forget, Qt.MouseButton.LeftButton)
    assert asked.args == [SHOP]

    view.kept.show_kept(())
    assert not view.kept.isVisible()


def test_files_that_a_merge_asks_for_are_agreed_to_by_a_click(view: SandboxesView, qtbot: QtBot) -> None:
    view.includes.show_asked(((SHOP, "shop", ("+ local/<b>other</b>\u202e", "  *.key", "- !prod.key"), "5d41"),))

    text, agree = asked_of(view)
    assert text.toPlainText() == "+ local/<b>other</b>\\u202e\n  *.key\n- !prod.key"
    assert agree is not None
    with qtbot.waitSignal(view.includes.agree_requested) as asked:
        QTest.mouseClick(agree, Qt.MouseButton.LeftButton)
    assert asked.args == [SHOP, "5d41"]

    view.includes.show_asked(())
    assert not view.includes.isVisible()


def test_a_yes_can_be_said_where_the_last_line_is_in_sight(view: SandboxesView, qtbot: QtBot) -> None:
    changes = tuple(f"+ {number}.local" for number in range(40))
    view.includes.show_asked(((SHOP, "shop", changes, "5d41"),))
    text, agree = asked_of(view)
    assert agree is not None
    assert text.toPlainText().split("\n") == list(changes)
    qtbot.waitUntil(lambda: not agree.isEnabled())
    text.verticalScrollBar().setValue(text.verticalScrollBar().maximum())
    view.includes.show_asked(((SHOP, "shop", changes, "5d41"),))

    assert asked_of(view)[0] is text
    assert agree.isEnabled()


def test_nothing_that_is_too_long_to_be_shown_is_agreed_to_in_the_window(view: SandboxesView) -> None:
    view.includes.show_asked(((SHOP, "shop", ("+ .env",) * 501, "5d41"),))

    card = view.includes.lines[SHOP]
    said = card.findChild(QLabel, "caution")
    assert isinstance(said, QLabel)
    assert said.text().endswith("Read and agree there: studio sandbox include shop")
    assert card.findChild(QPushButton) is None

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

SHOP, RUN = ProjectId("p1"), RunId("r1")
KEPT = ServiceData(DataId("d1"), SHOP, RUN, ("data",), 48 << 20, datetime(2026, 11, 27, 20, 0, tzinfo=UTC))


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> SandboxesView:
    view = SandboxesView(theme)
    qtbot.addWidget(view)
    view.show()
    return view


def test_only_a_run_whose_services_keep_something_offers_it(view: SandboxesView, qtbot: QtBot) -> None:
    up = SandboxView(RUN, SHOP, SandboxState.RUNNING)
    view.show_sandboxes((up,), {RUN: "shop · Look"}, "")
    assert not view.rows[RUN].keep.isVisible()

    view.show_sandboxes((SandboxView(RUN, SHOP, SandboxState.RUNNING, keeps=("data",)),), {RUN: "shop · Look"}, "")
    with qtbot.waitSignal(view.keep_requested) as asked:
        QTest.mouseClick(view.rows[RUN].keep, Qt.MouseButton.LeftButton)

    assert asked.args == [RUN]


def test_what_is_kept_is_said_and_forgotten_by_a_click(view: SandboxesView, qtbot: QtBot) -> None:
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
    view.includes.show_asked(((SHOP, "shop", ("local/<b>other</b>",), "5d41"),))

    line = view.includes.lines[SHOP]
    text, agree = line.findChild(QLabel, "caution"), line.findChild(QPushButton)
    assert isinstance(text, QLabel)
    assert isinstance(agree, QPushButton)
    assert "asks for more of your files: local/<b>other</b>. New workspaces get them once you agree." in text.text()
    with qtbot.waitSignal(view.includes.agree_requested) as asked:
        QTest.mouseClick(agree, Qt.MouseButton.LeftButton)
    assert asked.args == [SHOP, "5d41"]

    view.includes.show_asked(())
    assert not view.includes.isVisible()

"""Typed text is never lost: not by another project, another chat, the end of the window or a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.input import MOST_LINES, Input
from studio.ui.chat.panel import ChatPanel
from studio.ui.frame import Frame
from studio.ui.panels import Panels
from studio.ui.preview.panel import PreviewPanel
from studio.ui.preview_joins import join_preview
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import usable_models
from tests.ui.chat.two_projects import ELSEWHERE, PROJECT, RUN, TwoProjects, open_project, panel_on

ODD = '@odd "text", 100 %; größer\n\n\t— 🙂 \\n [x] =1'


class Chats(TwoProjects):
    """A message is on its way until `deliver` is called."""

    def __init__(self) -> None:
        self.on_its_way: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self.sent: list[str] = []

    def deliver(self) -> None:
        assert self.on_its_way is not None
        loop, arrived = self.on_its_way
        loop.call_soon_threadsafe(arrived.set)

    async def send(self, project: ProjectId, text: str, run: RunId | None = None, **_: object) -> Any:
        arrived = asyncio.Event()
        self.on_its_way = asyncio.get_running_loop(), arrived
        await arrived.wait()
        self.sent.append(text)
        return SimpleNamespace(run=run or RunId("r0000009"), turn="t", since=0)


@pytest.fixture
def chats(doors: QuietDoors) -> Chats:
    doors.chats = made = Chats()  # type: ignore[attr-defined]
    doors.models = usable_models()  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, chats: Chats, tmp_path: Path) -> ChatPanel:
    return panel_on(qtbot, bridge, theme, tmp_path)


def _input(panel: ChatPanel) -> Input:
    assert panel.current_chat is not None
    return panel.current_chat.page().composer.input


def test_half_a_message_is_there_again_after_a_look_at_another_project(qtbot: QtBot, panel: ChatPanel) -> None:
    open_project(qtbot, panel)
    QTest.keyClicks(_input(panel), "half a mess")
    panel.show_run(RUN)
    QTest.keyClicks(_input(panel), "for the run")
    open_project(qtbot, panel, ELSEWHERE)
    assert _input(panel).toPlainText() == ""
    open_project(qtbot, panel)
    assert _input(panel).toPlainText() == "half a mess"
    panel.show_run(RUN)
    assert _input(panel).toPlainText() == "for the run"


def test_what_is_taken_of_a_page_comes_into_the_message_to_its_own_run_alone(
    qtbot: QtBot, panel: ChatPanel, bridge: Bridge, theme: Theme
) -> None:
    preview = PreviewPanel(bridge, theme)
    qtbot.addWidget(preview.widget)
    frame = SimpleNamespace(show_panel=lambda _name: None)
    join_preview(cast(Panels, SimpleNamespace(preview=preview, chat=panel)), cast(Frame, frame))
    open_project(qtbot, panel)
    panel.show_run(RUN)

    preview.words_offered.emit(RunId("r0000002"), "Of another run")
    preview.words_offered.emit(RUN, "The button")

    assert _input(panel).toPlainText().strip() == "The button"


def test_the_same_project_chosen_again_leaves_the_chat_as_it_is(qtbot: QtBot, panel: ChatPanel) -> None:
    open_project(qtbot, panel)
    panel.show_run(RUN)
    chat = panel.current_chat
    panel.set_project(PROJECT)
    assert panel.current_chat is chat
    assert panel.current_run == RUN


def test_drafts_of_any_text_come_back_with_the_next_window(
    qtbot: QtBot, panel: ChatPanel, bridge: Bridge, theme: Theme, tmp_path: Path
) -> None:
    open_project(qtbot, panel)
    _input(panel).setPlainText(ODD)
    panel.drafts.save()
    later = panel_on(qtbot, bridge, theme, tmp_path)
    open_project(qtbot, later)
    assert _input(later).toPlainText() == ODD
    assert later.current_run is None


def test_a_message_that_was_sent_is_no_draft_any_more_but_what_was_typed_after_it_is(
    qtbot: QtBot, panel: ChatPanel, chats: Chats
) -> None:
    open_project(qtbot, panel)
    QTest.keyClicks(_input(panel), "Fix totals")
    QTest.keyClick(_input(panel), Qt.Key.Key_Return)
    QTest.keyClicks(_input(panel), " and tests")
    qtbot.waitUntil(lambda: chats.on_its_way is not None)
    chats.deliver()
    qtbot.waitUntil(lambda: panel.current_run == "r0000009")
    assert panel.drafts.get(PROJECT, RunId("r0000009")) == " and tests"
    assert panel.drafts.get(PROJECT, None) == ""


def test_a_message_that_arrives_while_one_looks_elsewhere_is_no_draft_any_more(
    qtbot: QtBot, panel: ChatPanel, chats: Chats
) -> None:
    open_project(qtbot, panel)
    QTest.keyClicks(_input(panel), "Fix totals")
    QTest.keyClick(_input(panel), Qt.Key.Key_Return)
    open_project(qtbot, panel, ELSEWHERE)
    assert panel.drafts.get(PROJECT, None) == "Fix totals"
    qtbot.waitUntil(lambda: chats.on_its_way is not None)
    chats.deliver()
    qtbot.waitUntil(lambda: panel.drafts.get(PROJECT, None) == "")
    assert chats.sent == ["Fix totals"]
    assert panel.current_run is None


def test_a_sent_text_that_was_brought_back_does_not_take_the_place_of_the_draft(qtbot: QtBot) -> None:
    field = Input()
    qtbot.addWidget(field)
    field.remember("sent before")
    QTest.keyClicks(field, "new")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert (field.toPlainText(), field.draft) == ("sent before", "new")
    QTest.keyClicks(field, " and more")
    assert field.draft == "sent before and more"
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.toPlainText() == "new"
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.toPlainText() == "sent before and more"


def test_a_draft_that_became_empty_is_forgotten(qapp: object, tmp_path: Path) -> None:
    drafts = Drafts()
    drafts.use(WindowState(tmp_path))
    drafts.put(PROJECT, RUN, "gone soon")
    drafts.save()
    assert "gone soon" in (tmp_path / "window.ini").read_text()
    drafts.put(PROJECT, RUN, "")
    drafts.save()
    assert "gone soon" not in (tmp_path / "window.ini").read_text()


PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from studio.domain.ids import ProjectId
from studio.ui.chat.drafts import Drafts
from studio.ui.window_state import WindowState
application = QApplication([])
drafts = Drafts()
drafts.use(WindowState(Path(sys.argv[1])))
typed = []
def type_on():
    typed.append(str(len(typed)))
    drafts.put(ProjectId("p0000001"), None, "typed " + " ".join(typed))
typing = QTimer()
typing.timeout.connect(type_on)
typing.start(20)
application.exec()
"""


def test_what_is_typed_without_a_pause_survives_a_kill(qapp: object, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        while process.poll() is None and not (tmp_path / "window.ini").exists():
            os.sched_yield()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    drafts = Drafts()
    drafts.use(WindowState(tmp_path))
    assert drafts.get(PROJECT, None).startswith("typed 0 1 2")


def test_what_was_typed_comes_back_though_a_sent_text_was_changed_meanwhile(qtbot: QtBot) -> None:
    field = Input()
    qtbot.addWidget(field)
    field.remember("sent before")
    QTest.keyClicks(field, "typed with care")
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClicks(field, "!")
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.toPlainText() == "typed with care"
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.toPlainText() == "sent before!"


def test_up_goes_through_the_lines_of_a_wrapped_text_first(qtbot: QtBot) -> None:
    field = Input()
    qtbot.addWidget(field)
    field.resize(120, 100)
    field.show()
    field.remember("sent before")
    QTest.keyClicks(field, "a long sentence that takes several lines of the field")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.toPlainText() == "a long sentence that takes several lines of the field"


def test_a_line_as_long_as_a_packed_file_is_not_wrapped_and_the_next_message_is_again(qtbot: QtBot) -> None:
    field, pasted = Input(), QMimeData()
    qtbot.addWidget(field)
    pasted.setText("x" * 50_000)
    field.insertFromMimeData(pasted)
    assert field.lineWrapMode() is Input.LineWrapMode.NoWrap
    field.restore("x")
    field.clear()
    field.restore("A sentence.")
    assert field.lineWrapMode() is Input.LineWrapMode.WidgetWidth


@pytest.mark.parametrize("dress", ["", "QPlainTextEdit { border: 1px solid red; padding: 4px 8px; }"])
@pytest.mark.parametrize("family", ["", "DejaVu Sans", "monospace"])
def test_a_text_of_a_few_lines_is_seen_in_whole_without_a_scroll_bar(qtbot: QtBot, family: str, dress: str) -> None:
    field = Input()
    qtbot.addWidget(field)
    field.setStyleSheet(dress)
    field.setFont(QFont(family, 10) if family else field.font())
    field.resize(300, 40)
    field.show()
    for number in range(MOST_LINES):
        if number:
            QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClicks(field, "gy")
        assert field.verticalScrollBar().maximum() == 0

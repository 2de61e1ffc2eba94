"""The terminal panel: real programs in real terminals, and what stands there without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.errors import EngineError, StudioError
from studio.domain.events import Recorded, SandboxStopped
from studio.domain.ids import ProjectId, RunId
from studio.ui.actions import Actions
from studio.ui.bridge import Bridge
from studio.ui.terminal.loader import find_emulator
from studio.ui.terminal.panel import TerminalPanel
from studio.ui.terminal.scheme import write_scheme
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
RUN, OTHER = RunId("r1"), RunId("r2")

# The widget looks for its keyboard layouts before it can be told where they are, and uses its own until then.
pytestmark = [
    pytest.mark.qt_log_ignore("Unable to load translator"),
    pytest.mark.skipif(find_emulator() is None, reason="no wheel of the terminal widget for this platform"),
]


class TerminalsDoor:
    """Answers with a program of this machine."""

    def __init__(self) -> None:
        self.argv: tuple[str, ...] = ("/bin/sh", "-c", "echo hello; read line; echo got $line; read line")
        self.error: StudioError | None = None

    async def command(self, run: RunId) -> tuple[str, ...]:
        if self.error is not None:
            raise self.error
        return self.argv


@dataclass
class Shells:
    """The panel with what surrounds it."""

    panel: TerminalPanel
    door: TerminalsDoor
    theme: Theme
    bridge: Bridge
    qtbot: QtBot

    def open(self, run: RunId = RUN) -> Any:
        self.panel.show_run(run)
        with self.qtbot.waitSignal(self.panel.terminal_opened):
            self.panel.open_terminal()
        return self.panel.view.terminals[-1]

    def titles(self) -> list[str]:
        return [self.panel.view.title(terminal) for terminal in self.panel.view.terminals]

    def words(self) -> str:
        return self.panel.view.state.sentence.text()


@pytest.fixture
def shells(qtbot: QtBot, doors: QuietDoors, bridge: Bridge, theme: Theme) -> Iterator[Shells]:
    door = cast(Any, doors).terminals = TerminalsDoor()
    panel = TerminalPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(700, 300)
    panel.widget.show()
    yield Shells(panel, door, theme, bridge, qtbot)
    panel.close_all()


def test_a_program_runs_in_the_terminal_and_reads_what_is_typed(shells: Shells) -> None:
    heard: list[str] = []
    terminal = shells.open()
    terminal.receivedData.connect(heard.append)
    shells.qtbot.waitUntil(lambda: terminal.getShellPID() > 0)
    terminal.sendText("abc\n")
    shells.qtbot.waitUntil(lambda: "got abc" in "".join(heard))


def test_what_a_terminal_can_send_goes_to_its_program_and_the_rest_to_the_window(shells: Shells) -> None:
    heard: list[str] = []
    done: list[str] = []
    actions = Actions(shells.panel.view)
    actions.triggered.connect(done.append)
    shells.door.argv = ("/bin/sh", "-c", "stty raw -echo; echo ready; cat -v")
    with shells.qtbot.waitActive(shells.panel.view):
        shells.panel.view.activateWindow()
    terminal = shells.open()
    terminal.receivedData.connect(heard.append)
    shells.qtbot.waitUntil(lambda: "ready" in "".join(heard))
    keys = terminal.focusProxy()
    for letter in "WQPNFSGO":
        QTest.keyClick(keys, ord(letter), CTRL)
    QTest.keyClick(keys, Qt.Key.Key_P, CTRL | SHIFT)
    QGuiApplication.clipboard().setText("pasted")
    QTest.keyClick(keys, Qt.Key.Key_V, CTRL | SHIFT)
    shells.qtbot.waitUntil(lambda: "^W^Q^P^N^F^S^G^Opasted" in "".join(heard))
    assert done == ["palette"]


def test_terminals_of_runs_lie_in_tabs_side_by_side(shells: Shells) -> None:
    for run in (RUN, RUN, OTHER):
        shells.open(run)
    assert shells.titles() == ["r1", "r1 \N{MIDDLE DOT} 2", "r2"]
    shells.panel.show_run(RUN)
    assert shells.panel.view.tabs.currentIndex() == 1


def test_a_terminal_whose_program_ended_says_so_and_stays_to_be_read(shells: Shells) -> None:
    shells.door.argv = ("/bin/sh", "-c", "echo bye")
    shells.open()
    shells.qtbot.waitUntil(lambda: shells.titles() == ["r1 (ended)"])


def test_closing_a_tab_ends_the_program(shells: Shells) -> None:
    terminal = shells.open()
    shells.qtbot.waitUntil(lambda: terminal.getShellPID() > 0)
    process = terminal.getShellPID()
    shells.panel.view.close_requested.emit(terminal)
    shells.qtbot.waitUntil(lambda: not _alive(process))
    assert shells.titles() == []


def test_a_stopped_container_marks_its_terminals_only(shells: Shells) -> None:
    shells.open(RUN)
    shells.open(OTHER)
    stopped = SandboxStopped("c1", "idle")
    shells.panel.apply([Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), ProjectId("p1"), RUN, stopped)])
    assert shells.titles() == ["r1 (ended)", "r2"]


def test_a_program_cannot_reach_the_clipboard(shells: Shells) -> None:
    QGuiApplication.clipboard().setText("mine")
    heard: list[str] = []
    shells.door.argv = ("/bin/sh", "-c", "read x; printf '\\033]52;c;aGVsbG8=\\007'; echo done; read x")
    terminal = shells.open()
    terminal.receivedData.connect(heard.append)
    terminal.sendText("\n")
    shells.qtbot.waitUntil(lambda: "done" in "".join(heard))
    assert QGuiApplication.clipboard().text() == "mine"


def test_a_sandbox_that_cannot_start_is_explained_and_can_be_tried_again(shells: Shells) -> None:
    shells.door.error = EngineError("No container engine answers.", "Start Docker.")
    shells.panel.show_run(RUN)
    shells.panel.open_terminal()
    shells.qtbot.waitUntil(lambda: shells.words() == "No container engine answers. Start Docker.")
    shells.door.error = None
    with shells.qtbot.waitSignal(shells.panel.terminal_opened):
        shells.panel.view.state.button.click()


def test_without_a_run_the_panel_says_what_is_needed(shells: Shells) -> None:
    assert "No run is selected" in shells.words()
    assert not shells.panel.view.state.button.isVisible()
    assert not shells.panel.view.new.isEnabled()


def test_a_run_without_a_terminal_offers_one(shells: Shells) -> None:
    shells.panel.show_run(RUN)
    with shells.qtbot.waitSignal(shells.panel.terminal_opened):
        shells.panel.view.state.button.click()


def test_where_the_widget_is_missing_the_command_can_be_copied(shells: Shells) -> None:
    shells.door.argv = ("studio", "attach", "a b")
    panel = TerminalPanel(shells.bridge, shells.theme, find=lambda: find_emulator("no_such_wheel"))
    shells.qtbot.addWidget(panel.widget)
    panel.show_run(RUN)
    panel.open_terminal()
    shells.qtbot.waitUntil(lambda: panel.view.state.command.text() == "studio attach 'a b'")
    panel.view.state.button.click()
    assert QGuiApplication.clipboard().text() == "studio attach 'a b'"


def test_every_theme_has_a_scheme_of_its_own(qtbot: QtBot, tmp_path: Path) -> None:
    dark, light = Theme("dark"), Theme("light")
    first, second = write_scheme(tmp_path, dark), write_scheme(tmp_path, light)
    assert first != second
    assert "Color=255,255,255" in second.read_text("ascii")


def _alive(process: int) -> bool:
    assert process > 0
    try:
        os.kill(process, 0)  # only asks
    except ProcessLookupError:
        return False
    return True

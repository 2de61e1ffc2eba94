"""The program as a process: a signal ends it soon, whatever is open in it, and loses no text."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.base.paths import Paths
from studio.ui.application import QuitSignals
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

SECONDS = 30
"""How long a slow machine may take to end; the window itself gives up after five."""

PROGRAM = """
import os, sys
from studio.ui.application import run_window
sys.exit(run_window(os.environ, None))
"""

TYPING = """
import os, sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from studio.domain.files import Place
from studio.ui.application import run_window
from studio.ui.main_window import MainWindow

application = QApplication([])

def go_on():
    found = [widget for widget in application.topLevelWidgets() if isinstance(widget, MainWindow)]
    window = found[0] if found else None
    if window is None or window.project is None:
        return
    editor = window.panels.editor
    page = editor.view.current
    if page is None:
        editor.open_file(Place(window.project.id), "cart.py")
    elif page.loaded:
        timer.stop()
        page.code.insertText(0, "mine ")
        if sys.argv[2] == "stuck":
            print("typed", flush=True)
            threading.Event().wait()
        QTimer.singleShot(0, lambda: print("typed", flush=True))
        if sys.argv[2] == "asked":
            window.close()

timer = QTimer(interval=10)
timer.timeout.connect(go_on)
timer.start()
sys.exit(run_window(os.environ, sys.argv[1]))
"""
"""Types into cart.py of a repository; then nothing, or asks to be closed, or hangs for good."""

Start = Callable[[str], "subprocess.Popen[str]"]
Look = Callable[[], tuple[str, bool]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "STUDIO_HOME": str(tmp_path / "data folder")}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"cart.py": "TOTAL = 1\n"})


@pytest.fixture
def start(environment: dict[str, str], repository: Path) -> Iterator[Start]:
    """Starts the program, which types and then does as it is told."""
    begun: list[subprocess.Popen[str]] = []

    def begin(then: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", TYPING, str(repository), then],
            env={**environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def look(qtbot: QtBot, environment: dict[str, str], repository: Path) -> Iterator[Look]:
    """Opens cart.py in the next window, and tells its text and whether it is unsaved."""

    async def build() -> object:
        return await open_studio(environment, Access.WRITE)

    bridge = Bridge(build)  # type: ignore[arg-type]

    def open_it() -> tuple[str, bool]:
        window = MainWindow(bridge, Theme("dark"), WindowState(Paths.from_environment(environment).window))
        qtbot.addWidget(window)
        window.furnished.connect(lambda: window.open_first(str(repository)))
        with qtbot.waitSignal(window.furnished, timeout=30_000):
            bridge.start()
            window.furnish()
            window.show()
        qtbot.waitUntil(lambda: window.project is not None, timeout=30_000)
        place = window.panels.explorer.place
        assert place is not None
        window.panels.editor.open_file(place, "cart.py")
        page = window.panels.editor.view.current
        assert page is not None
        qtbot.waitUntil(lambda: page.loaded, timeout=30_000)
        found = (page.code.content(), page.dirty)
        window.panels.editor.drop_unsaved()  # a window that is closed would ask about it
        return found

    yield open_it
    assert bridge.stop()


def _wait_until_typed(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "typed\n"


def test_a_signal_to_quit_reaches_qt(qtbot: QtBot) -> None:
    signals = QuitSignals()
    try:
        with qtbot.waitSignal(signals.arrived):
            os.kill(os.getpid(), 15)
    finally:
        signals.close()


def test_without_a_display_one_sentence_says_what_to_do(environment: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("There is no display for the window.")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [2, 15])
def test_the_program_ends_cleanly_on_a_signal(environment: dict[str, str], number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    lock = Paths.from_environment(environment).lock
    try:
        while process.poll() is None and not lock.exists():
            os.sched_yield()
        process.send_signal(number)
        _, words = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, words
    assert "Traceback" not in words


@pytest.mark.parametrize(("number", "then"), [(signal.SIGINT, "nothing"), (signal.SIGTERM, "asked")])
def test_a_signal_asks_nobody_and_unsaved_text_is_there_again(
    number: signal.Signals, then: str, start: Start, repository: Path, look: Look
) -> None:
    process = start(then)
    _wait_until_typed(process)
    process.send_signal(number)
    _, words = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, words
    assert (repository / "cart.py").read_text() == "TOTAL = 1\n"
    assert look() == ("mine TOTAL = 1\n", True)
    assert (repository / "cart.py").read_text() == "TOTAL = 1\n"


def test_unsaved_text_survives_a_kill(start: Start, repository: Path, environment: dict[str, str], look: Look) -> None:
    process = start("nothing")
    _wait_until_typed(process)
    unsaved = WindowState(Paths.from_environment(environment).window).unsaved
    while process.poll() is None and not any(unsaved.glob("[0-9a-f]" * 64)):
        os.sched_yield()
    process.kill()
    process.wait(SECONDS)
    assert look() == ("mine TOTAL = 1\n", True)


def test_a_second_signal_ends_a_window_that_hangs(start: Start) -> None:
    process = start("stuck")
    _wait_until_typed(process)
    while process.poll() is None:
        process.send_signal(signal.SIGTERM)
        os.sched_yield()
    assert process.returncode == -signal.SIGTERM

"""The first opening of the page does not hold the window up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from studio.ui.usage.loading import Steps

WATCHED = """
import sys, threading
from importlib.abc import MetaPathFinder
from PySide6.QtWidgets import QApplication
application = QApplication([])
threads = []
class Watch(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("pyqtgraph", "numpy"):
            threads.append(threading.current_thread() is threading.main_thread())
sys.meta_path.insert(0, Watch())
from studio.ui.usage.loading import Charts
charts = Charts()
charts.loaded.connect(application.quit)
charts.load()
application.exec()
print(any(threads), len(threads) > 2, "pyqtgraph" in sys.modules)
"""


def test_the_library_of_the_charts_is_not_loaded_by_the_windows_thread() -> None:
    told = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, timeout=60, check=True)

    assert told.stdout == "False True True\n"


def test_the_loop_comes_round_between_two_pieces_of_work(qtbot: QtBot) -> None:
    owner, done = QObject(), []

    def work() -> Iterator[None]:
        QTimer.singleShot(0, lambda: done.append("something else"))
        done.append("a")
        yield
        done.append("b")

    steps = Steps(owner)
    steps.begin(work())
    qtbot.waitUntil(lambda: done == ["a", "something else", "b"])


def test_work_that_is_begun_later_takes_the_place_of_the_rest(qtbot: QtBot) -> None:
    owner, done = QObject(), []
    steps = Steps(owner)

    def later() -> Iterator[None]:
        done.append("later")
        yield
        done.append("done")

    def work() -> Iterator[None]:
        done.append("begun")
        QTimer.singleShot(0, lambda: steps.begin(later()))
        yield
        done.append("the rest")

    steps.begin(work())
    qtbot.waitUntil(lambda: done == ["begun", "later", "done"])

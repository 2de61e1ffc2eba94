"""What tests of the pages of settings share: a real core, and what one asks of it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.ui.bridge import Bridge
from studio.ui.theme import Theme

T = TypeVar("T")

SECONDS = 30_000


class Core:
    """The core behind a page."""

    def __init__(self, qtbot: QtBot, bridge: Bridge, home: Path) -> None:
        self._qtbot = qtbot
        self.bridge = bridge
        self.home = home

    def ask(self, make: Callable[[Studio], Awaitable[T]]) -> T:
        """What the core answers."""
        answers: list[T] = []
        self.bridge.call(make, answers.append)
        self.until(lambda: bool(answers))
        return answers[0]

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something to be so."""
        self._qtbot.waitUntil(holds, timeout=SECONDS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder; what a test puts there is there before the core opens it."""
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The environment of the core."""
    return {**os.environ, "STUDIO_HOME": str(home)}


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("dark")


@pytest.fixture
def core(qtbot: QtBot, environment: dict[str, str], home: Path) -> Iterator[Core]:
    made = Bridge(lambda: open_studio(environment, Access.ENGINE))
    with qtbot.waitSignal(made.ready, timeout=SECONDS):
        made.start()
    yield Core(qtbot, made, home)
    assert made.stop()
